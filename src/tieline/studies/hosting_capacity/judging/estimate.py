"""The closed-form estimate of how much PV one bus can take alone, to stand beside the Monte-Carlo answer.

    V_PCC ~ V_1 + (P' R + Q' X) / V_PCC,  P' = P_PV - P_L                                    (3.1)
    P_max = V_max (V_max - V_1) / (R + tan(phi) X) + P_L                                     (3.3)

with R, X of the path from the source to the bus (and of the source), V_1 the voltage the bus would have without its own load, and
tan(phi) = Q' / P', negative for an absorbing inverter. V_1 comes from the solved base case by (3.1) itself, so loads
elsewhere and regulators count.

Source: M. Al-Saffar, PhD thesis, University of Alberta, eqs. 3.1-3.3. Valid while the angle across the path is small. Left out:
PV at other buses, regulators that move, limits other than high voltage, coupling between phases. A bus with one or two phases
can take as many thirds of the power of a three-phase bus, its path counted with positive-sequence impedance, which reads high on
long single-phase laterals.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from tieline.feeders import Feeder
from tieline.feeders.elements import Bus
from tieline.network.topology import path_impedance_pu
from tieline.studies.hosting_capacity.world.setting import Setting
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA, base_ohm


def largest_pv_pu(
    v_max_pu: float,
    v_1_pu: float,
    r_pu: float,
    x_pu: float,
    tan_phi: float,
    p_load_pu: float,
) -> float:
    """Most PV at the end of an impedance, eq. 3.3.

    Args:
        v_max_pu: highest voltage allowed.
        v_1_pu: voltage there without PV and load.
        r_pu, x_pu: impedance to the stiff voltage.
        tan_phi: reactive over active injection.
        p_load_pu: load beside the PV.

    Returns:
        Power per unit; infinite where injection does not raise the voltage (R + tan(phi) X not above 0).
    """
    rise = r_pu + tan_phi * x_pu
    if rise <= 0:
        return math.inf
    return v_max_pu * (v_max_pu - v_1_pu) / rise + p_load_pu


def estimate_kw(setting: Setting) -> dict[str, float]:
    """The estimate for every live bus that a path joins to the source, by name [kW]; none where high voltage is no limit."""
    v_max = setting.config.limit_numbers.highest_pu
    if v_max is None:
        return {}
    network = setting.network
    feeder = setting.own
    points = setting.points
    v_base = points.magnitude_pu(setting.base.v_pu)[0]
    impedance = path_impedance_pu(feeder)
    behind = _source_impedance_pu(feeder)
    tan_phi = _tan_phi(setting)
    load_kw = _load_by_bus(feeder, setting.base_load_kw)
    largest_kw: dict[str, float] = {}
    for k in np.unique(points.bus):
        bus = network.feeder.buses[k]
        if bus.name not in impedance:
            continue
        share = _three_phase_share(bus, feeder)
        z = impedance[bus.name] + behind
        # the phase nearest to the limit decides, therefore the highest of the bus
        v_bus = float(v_base[points.bus == k].max())
        p_load = load_kw.get(bus.name, 0.0) / S_BASE_KVA / share
        v_1 = v_bus + p_load * (z.real + tan_phi * z.imag) / v_bus
        pv_pu = largest_pv_pu(v_max, v_1, z.real, z.imag, tan_phi, p_load)
        largest_kw[bus.name] = max(0.0, pv_pu * S_BASE_KVA * share)
    return largest_kw


def _three_phase_share(bus: Bus, feeder: Feeder) -> float:
    """How many thirds of a three-phase bus it is."""
    if feeder.single_phase_equivalent:
        return 1.0
    return sum(phase in (1, 2, 3) for phase in bus.phases) / 3


def estimate_table(
    setting: Setting, cases: pd.DataFrame, systems: pd.DataFrame, buses: pd.DataFrame
) -> pd.DataFrame:
    """One row per bus with a site: the estimate beside what the draws show.

    Args:
        setting: of the run.
        cases: the judged cases of the configured variant, with `violates`.
        systems: a row per system.
        buses: a row per bus and case, with `critical`.

    Returns:
        Columns `bus`, `estimate_kw` (one bus alone), `pv_without_violation_kw` (most PV a draw put there while no limit broke
        anywhere), `pv_critical_kw` (least PV there in a draw in which a voltage limit broke at this bus); NaN if there is none.
    """
    case = ["level_pct", "deployment"]
    case_and_bus = [*case, "bus"]
    per_bus = systems.groupby(case_and_bus, as_index=False)["pv_kw"].sum()
    judged_cases = cases.loc[cases["converged"], [*case, "violates"]]
    placed = per_bus.merge(judged_cases, on=case)
    critical = buses.loc[buses["critical"], case_and_bus]
    names = pd.Series([bus.name for bus in setting.network.feeder.buses])
    critical_by_name = critical.assign(bus=critical["bus"].map(names))
    safe = placed[~placed["violates"]].groupby("bus")["pv_kw"].max()
    broken = (
        placed.merge(critical_by_name, on=case_and_bus).groupby("bus")["pv_kw"].min()
    )
    site_buses = sorted({load.bus for load in setting.own.loads if load.p_kw > 0})
    table = pd.DataFrame({"bus": site_buses})
    return table.assign(
        estimate_kw=table["bus"].map(estimate_kw(setting)).astype(float),
        pv_without_violation_kw=table["bus"].map(safe).astype(float),
        pv_critical_kw=table["bus"].map(broken).astype(float),
    )


def _tan_phi(setting: Setting) -> float:
    """Reactive over active injection of the configured inverter; volt-var is taken at unity (it would read low)."""
    config = setting.config
    if config.inverter != "power-factor":
        return 0.0
    return -math.tan(math.acos(config.power_factor))


def _source_impedance_pu(feeder: Feeder) -> complex:
    """Positive-sequence impedance of the source [pu on 1 MVA]."""
    source = feeder.source
    return complex(source.r1_ohm, source.x1_ohm) / base_ohm(source.kv_ll)


def _load_by_bus(feeder: Feeder, load_kw: FloatArray) -> dict[str, float]:
    total: dict[str, float] = {}
    for load, kw in zip(feeder.loads, load_kw, strict=True):
        total[load.bus] = total.get(load.bus, 0.0) + float(kw)
    return total
