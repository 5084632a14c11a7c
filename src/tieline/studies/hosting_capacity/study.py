"""Hosting capacity: draw PV at rising penetration, solve every case, find the first level at which a limit breaks.

One snapshot: the load is light, every PV system delivers its rated power at unity power factor. A case violates if the voltage
at any point (see `network.voltage_points`) is above `critical_pu` or, with a lower limit, below it. The hosting capacity is the
highest level below the first one with a violating case. Left out here: thermal limits, unbalance, time series.

Source: M. Al-Saffar, S. Zhang, A. Nassif, P. Musilek, "Assessment of photovoltaic hosting capacity of existing distribution
circuits", IEEE CCECE 2019.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tieline.feeders import Feeder, load_feeder
from tieline.network import Network
from tieline.network.voltage_points import VoltagePoints, voltage_points
from tieline.powerflow import Solution, solve
from tieline.studies.hosting_capacity.answer import Level, make_result
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.deployments import deployments_kw, with_pv_sites
from tieline.studies.result import Result
from tieline.typing import FloatArray

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class _Case:
    """What stays the same over the levels: the feeder with its sites, where limits apply, the light load, and its solution
    without PV from the study.
    """

    feeder: Feeder
    network: Network
    points: VoltagePoints
    n_own_pvs: int
    load_kw: FloatArray
    load_kvar: FloatArray
    base: Solution


def run(config: HostingCapacityConfig, progress: Progress | None = None) -> Result:
    """Answer one hosting-capacity question.

    Args:
        config: the question.
        progress: called with (levels done, levels in all, text).

    Returns:
        Metrics `hosting_capacity_pct`, `hosting_capacity_kw`, `first_violation_pct` (None if no level violates),
        `violation_probability_at_<level>`, `binding_limit`, `binding_at`, `n_power_flows`, `power_flows_per_s`, `not_converged`;
        tables `levels`, `deployments`, `buses`, `systems`.

    Raises:
        InputError, FeederError: if the feeder or the configuration cannot be used.
        NotConvergedError: if the feeder has no solution even without PV.
    """
    started = time.perf_counter()
    case = _prepare(config)
    count = len(config.levels_pct)
    levels, solving_s = [], 0.0
    for k, pv_kw in enumerate(deployments_kw(case.feeder, config)):
        if progress:
            progress(k, count, f"{config.levels_pct[k]:g} % PV")
        before = time.perf_counter()
        levels.append(_solve_level(case, config, config.levels_pct[k], pv_kw))
        solving_s += time.perf_counter() - before
    if progress:
        progress(count, count, "done")
    result = make_result(config, case.feeder, case.points, levels, solving_s)
    return replace(result, wall_s=time.perf_counter() - started)


def _prepare(config: HostingCapacityConfig) -> _Case:
    own = load_feeder(config.feeder)
    feeder = with_pv_sites(own)
    network = Network.from_feeder(feeder)
    kvar_pct = config.light_load_pct if config.light_load_kvar_pct is None else config.light_load_kvar_pct
    load_kw = np.array([load.p_kw for load in feeder.loads]) * config.light_load_pct / 100
    load_kvar = np.array([load.q_kvar for load in feeder.loads]) * kvar_pct / 100
    base = solve(network, load_kw=load_kw, load_kvar=load_kvar, controls="off" if config.controls == "off" else "feeder")
    points = voltage_points(network)
    live = points.select(points.magnitude_pu(base.v_pu)[0] > 0)  # no limit applies where no supply reaches
    return _Case(feeder, network, live, len(own.pvs), load_kw, load_kvar, base)


def _solve_level(case: _Case, config: HostingCapacityConfig, level_pct: float, pv_kw: FloatArray) -> Level:
    der_kw = np.tile(_own_der_kw(case), (len(pv_kw), 1))
    first = case.n_own_pvs
    der_kw[:, first : first + pv_kw.shape[1]] = pv_kw
    solution = solve(
        case.network,
        load_kw=case.load_kw,
        load_kvar=case.load_kvar,
        der_kw=der_kw,
        taps=case.base.taps[0] if config.controls == "no-pv" else None,
        capacitor_steps=case.base.capacitor_steps[0] if config.controls == "no-pv" else None,
        controls="feeder" if config.controls == "feeder" else "off",
    )
    return Level(level_pct, pv_kw, case.points.magnitude_pu(solution.v_pu), solution.converged, solution.loss_kw)


def _own_der_kw(case: _Case) -> FloatArray:
    """Injection of the feeder's own DERs in its snapshot; the sites inject nothing."""
    devices = case.network.devices
    return -devices.p_kw[devices.n_loads :]
