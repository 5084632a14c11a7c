"""`Plan`: what a window's program came to, step by step, and how far it is from what it relaxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.opf.cones.interior_point import Solved
from tieline.opf.restoration.columns import Columns
from tieline.opf.restoration.model_network import ModelNetwork
from tieline.opf.restoration.network_blocks import BALANCE_OF_P
from tieline.opf.restoration.plant import IslandPlant
from tieline.opf.restoration.unit_blocks import KWH_PER_MWH
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA


@dataclass(frozen=True, eq=False)
class Gaps:
    """What the relaxation leaves open, by step.

    Attributes:
        branch_flow: l - (p^2 + q^2) / v of each branch, (step, branch) [pu]. Where r = 0 a current costs nothing, and the cone
            need not close.
        lost_kw: the loss that this stands for, (step, branch) [kW].
        droop_pu: |V| beyond what the droop law says, (step, unit) [pu].
        overlap_kw: the smaller of charge and discharge, (step, battery) [kW].
    """

    branch_flow: FloatArray
    lost_kw: FloatArray
    droop_pu: FloatArray
    overlap_kw: FloatArray


@dataclass(frozen=True, eq=False)
class Plan:
    """Decisions and states of a window.

    Attributes:
        served, shed: shares of each load, (step, load).
        p_kw, q_kvar: microturbines, (step, generator).
        charge_kw, discharge_kw, battery_kvar: batteries, (step, battery).
        renewable_kw, renewable_kvar: (step, renewable).
        unit_kw, unit_kvar: droop units, (step, unit).
        frequency_hz: (step,).
        v_pu: (step, bus of the equivalent).
        stored_kwh: after each step, (step, battery).
        objective_kwh: of the window, in kWh of load of weight 1.
        worth: of a kWh more at each bus, (step, bus of the equivalent) [kWh of load of weight 1]; NaN of a nonlinear program.
        gaps: of the relaxation.
        iterations, solve_s: work, and time in the solver [s].
    """

    served: FloatArray
    shed: FloatArray
    p_kw: FloatArray
    q_kvar: FloatArray
    charge_kw: FloatArray
    discharge_kw: FloatArray
    battery_kvar: FloatArray
    renewable_kw: FloatArray
    renewable_kvar: FloatArray
    unit_kw: FloatArray
    unit_kvar: FloatArray
    frequency_hz: FloatArray
    v_pu: FloatArray
    stored_kwh: FloatArray
    objective_kwh: float
    worth: FloatArray
    gaps: Gaps
    iterations: int
    solve_s: float


def read_plan(
    plant: IslandPlant,
    model: ModelNetwork,
    columns: Columns,
    solved: Solved,
    hours: float,
) -> Plan:
    """The plan of an optimum."""
    x = solved.x
    power = x * S_BASE_KVA
    charge_kw = power[columns.charge]
    discharge_kw = power[columns.discharge]
    unit_kvar = power[columns.unit_q]
    v_pu = np.sqrt(x[columns.space.v])
    gap = branch_gap(model, columns, x)
    gaps = Gaps(
        branch_flow=gap,
        lost_kw=gap * model.tree.z_pu.real * S_BASE_KVA,
        droop_pu=v_pu[:, model.unit] - plant.units.settings.v_pu(unit_kvar),
        overlap_kw=np.minimum(charge_kw, discharge_kw),
    )
    return Plan(
        served=x[columns.served.after],
        shed=x[columns.shed],
        p_kw=power[columns.p.after],
        q_kvar=power[columns.q],
        charge_kw=charge_kw,
        discharge_kw=discharge_kw,
        battery_kvar=power[columns.battery_q],
        renewable_kw=power[columns.renewable_p],
        renewable_kvar=power[columns.renewable_q],
        unit_kw=power[columns.unit_p.after],
        unit_kvar=unit_kvar,
        frequency_hz=x[columns.frequency[:, 0]] + plant.feeder.frequency_hz,
        v_pu=v_pu,
        stored_kwh=x[columns.stored.after] * KWH_PER_MWH,
        objective_kwh=-solved.objective * KWH_PER_MWH,
        worth=_worth(columns, solved, hours),
        gaps=gaps,
        iterations=solved.iterations,
        solve_s=solved.solve_s,
    )


def branch_gap(model: ModelNetwork, columns: Columns, x: FloatArray) -> FloatArray:
    """l - (p^2 + q^2) / v of each branch, (step, branch) [pu]."""
    space = columns.space
    tree = model.tree
    v_start = x[space.v[:, tree.start]]
    v_inside = v_start / tree.ratio_start**2
    p = x[space.p]
    q = x[space.q]
    closed = (p**2 + q**2) / v_inside
    return x[space.l] - closed


def _worth(columns: Columns, solved: Solved, hours: float) -> FloatArray:
    """What a power of one more in a step is worth, by what it brings in: power times hours."""
    shape = columns.space.v.shape
    if BALANCE_OF_P not in solved.duals:
        return np.full(shape, np.nan)
    mwh = hours * S_BASE_KVA / KWH_PER_MWH
    # an injection more is a demand less, which is what stands on the right of a balance
    cost = solved.duals[BALANCE_OF_P]
    worth = -cost / mwh
    return worth.reshape(shape)
