"""How wrong the linear models are: every model against the AC power flow over a range of load and PV, on many feeders.

The range: each load drawn evenly from `LOAD_RANGE` of its nominal power, P and Q alike; PV at every `PV_AT_EVERY`-th load, in
proportion to it and together rated as the feeder's nominal load, at unity power factor, all under the same sun, drawn evenly
from none to full. Regulators and capacitors stay where they come to rest at nominal load without PV, in AC and in the models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tieline.bench.kit.left_out import reason_from
from tieline.bench.linear.options import Options
from tieline.errors import InputError
from tieline.feeders import Feeder, load_feeder
from tieline.feeders.elements import Load, Pv
from tieline.linear import LinearModel, ModelError, dc, lindistflow, lpf, measure_error
from tieline.linear.lpf import active_loss_factors
from tieline.network import Network
from tieline.powerflow import Solution, solve
from tieline.powerflow.derivatives.gradients import loss_gradient
from tieline.typing import FloatArray

LOAD_RANGE = (0.3, 1.0)
"""Each load is drawn evenly from this range of its nominal power."""

PV_AT_EVERY = 3
"""Loads per PV: a third of the customers have some."""

TOLERANCE = 1e-10
"""Of the AC power flow [pu]: far below the errors measured."""


@dataclass(frozen=True)
class ModelRow:
    """One model on one feeder.

    Attributes:
        feeder, model: their names.
        error: against AC.
        paper_loss_factor: largest error of the papers' loss factor at any node, reactive flows and voltages held [kW per kW];
            None where the model has none.
        ac_lowest_pu, ac_highest_pu: AC voltages over the range.
        ac_flow_kw: largest AC flow in a conductor, of either direction.
        ac_loss_kw: mean AC loss.
        left_out: why the model could not be built; all numbers are None then.
    """

    feeder: str
    model: str
    error: ModelError | None = None
    paper_loss_factor: float | None = None
    ac_lowest_pu: float | None = None
    ac_highest_pu: float | None = None
    ac_flow_kw: float | None = None
    ac_loss_kw: float | None = None
    left_out: str = ""


@dataclass(frozen=True)
class LinearErrors:
    """One run: seed of the scenarios, how many there are per feeder, and a row per feeder and model."""

    seed: int
    scenarios: int
    rows: tuple[ModelRow, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists."""
        return asdict(self)


def measure(
    options: Options, tell: Callable[[str], None] = lambda _: None
) -> LinearErrors:
    """Measure every model on every feeder; LPF and DC on single-phase equivalents only, which is what they are for.

    Args:
        options: feeders, seed (the scenarios are the same for all feeders) and number of scenarios.
        tell: is told what is measured now.

    Raises:
        InputError: if a feeder is not known.
        NotConvergedError: if a feeder has no AC solution at nominal load.
    """
    feeders = [load_feeder(name) for name in options.feeders]
    rows = []
    for feeder in feeders:
        tell(feeder.name)
        rows += measure_feeder(feeder, options.seed, options.scenarios)
    return LinearErrors(options.seed, options.scenarios, tuple(rows))


def measure_feeder(feeder: Feeder, seed: int, n_scenarios: int) -> list[ModelRow]:
    """The models that fit a feeder against AC, in scenarios drawn from the seed."""
    network = Network.from_feeder(with_pv(feeder))
    nominal = solve(network)
    positions = {"taps": nominal.taps[0], "capacitor_steps": nominal.capacitor_steps[0]}
    load_scale, der_kw = _draw(network, seed, n_scenarios)
    solution = solve(
        network,
        load_scale=load_scale,
        der_kw=der_kw,
        controls="off",
        tolerance=TOLERANCE,
        **positions,
    )
    builds = _builds(network, positions)
    return [_row(feeder.name, name, build, solution) for name, build in builds.items()]


def with_pv(feeder: Feeder) -> Feeder:
    """The feeder with the PV of the range, and no other DER."""
    sites = [load for load in feeder.loads[::PV_AT_EVERY] if load.p_kw > 0]
    site_kw = sum(load.p_kw for load in sites)
    # as much PV as load at the peak: flows then turn round within the range
    share = 0.0
    if sites:
        share = feeder.peak_load_kw / site_kw
    pvs = tuple(_pv_at(load, load.p_kw * share) for load in sites)
    return feeder.replace(pvs=pvs, storages=(), generators=())


def _pv_at(load: Load, rated_kw: float) -> Pv:
    """PV at a load, connected as it is."""
    name = f"pv_{load.name}"
    return Pv(
        name,
        load.bus,
        load.nodes,
        load.connection,
        load.kv,
        rated_kw,
        rated_kw,
    )


Build = Callable[[], LinearModel]


def _builds(network: Network, positions: Mapping[str, Any]) -> dict[str, Build]:
    """How each model that fits the feeder is built."""
    # lpf and dc know one phase that stands for three
    builds: dict[str, Build] = {
        "lindistflow": lambda: lindistflow(network, **positions)
    }
    if not network.feeder.single_phase_equivalent:
        return builds
    return {
        "lpf": lambda: lpf(network, **positions),
        **builds,
        "dc": lambda: dc(network),
    }


def _draw(
    network: Network, seed: int, n_scenarios: int
) -> tuple[FloatArray, FloatArray]:
    """Load factors (scenario, load) and PV output (scenario, DER) [kW]."""
    feeder = network.feeder
    random = np.random.default_rng(seed)
    load_scale = random.uniform(*LOAD_RANGE, (n_scenarios, len(feeder.loads)))
    # one sun for all PV of a scenario: what cancels out would hide the errors
    sun = random.uniform(0.0, 1.0, (n_scenarios, 1))
    rated_kw = np.array([pv.rated_kw for pv in feeder.pvs])
    return load_scale, sun * rated_kw


def _row(feeder: str, name: str, build: Build, solution: Solution) -> ModelRow:
    try:
        model = build()
    except InputError as error:
        return ModelRow(feeder, name, left_out=reason_from(error))
    voltages_pu = model.points.magnitude_pu(solution.v_pu)
    flow_kw = solution.terminal_kva[:, model.branch_terminal].real
    return ModelRow(
        feeder,
        name,
        error=measure_error(model, solution),
        paper_loss_factor=_paper_loss_factor_error(model, solution),
        ac_lowest_pu=float(np.nanmin(voltages_pu)),
        ac_highest_pu=float(np.nanmax(voltages_pu)),
        ac_flow_kw=float(np.nanmax(np.abs(flow_kw))),
        ac_loss_kw=float(np.nanmean(solution.loss_kw)),
    )


def _paper_loss_factor_error(model: LinearModel, solution: Solution) -> float | None:
    """Largest error [kW per kW] over the scenarios that AC solves."""
    if model.name == "lindistflow":
        return None
    solved = solution.converged
    p_kw = _per_scenario(solution.p_kw, len(solved))[solved]
    q_kvar = _per_scenario(solution.q_kvar, len(solved))[solved]
    factors = active_loss_factors(model.evaluate_devices(p_kw, q_kvar))
    # the gradient is by load, the factor by injection: their signs differ
    return float(np.abs(factors + loss_gradient(solution).node_kw[solved]).max())


def _per_scenario(power: FloatArray, n_scenarios: int) -> FloatArray:
    """Powers (scenario, device), where one row stands for all scenarios."""
    return np.broadcast_to(power, (n_scenarios, power.shape[1]))
