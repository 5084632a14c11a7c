"""How wrong the linear models are: every model against the AC power flow over a range of load and PV, on many feeders.

The range: each load drawn evenly from `LOAD_RANGE` of its nominal power, P and Q alike; PV at every `PV_AT_EVERY`-th load, in
proportion to it and together rated as the feeder's nominal load, at unity power factor, all under the same sun, drawn evenly
from none to full. Regulators and capacitors stay where they come to rest at nominal load without PV, in AC and in the models.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.feeders.elements import Pv
from tieline.linear import LinearModel, ModelError, dc, lindistflow, lpf, measure_error
from tieline.linear.lpf import active_loss_factors
from tieline.network import Network
from tieline.powerflow import Solution, solve
from tieline.powerflow.derivatives.gradients import loss_gradient
from tieline.typing import FloatArray

DEFAULT_FEEDERS = ("ieee33", "ieee69", "case141", "ieee123", "ieee13", "ieee34", "ieee37")
LOAD_RANGE = (0.3, 1.0)
PV_AT_EVERY = 3
TOLERANCE = 1e-10
"""Of the AC power flow [pu]: far below the errors measured."""


@dataclass(frozen=True)
class Row:
    """One model on one feeder.

    Attributes:
        feeder, model: their names.
        error: against AC.
        paper_loss_factor: largest error of the papers' loss factor at any node, reactive flows and voltages held [kW per kW];
            None where the model has none.
        ac_lowest_pu, ac_highest_pu: AC voltages over the range.
        ac_flow_kw: largest AC flow in a conductor, of either direction.
        ac_loss_kw: mean AC loss.
        left_out: why the model could not be built; the rest is None then.
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


def run(
    feeders: Sequence[Feeder],
    seed: int,
    n_scenarios: int,
    report: Callable[[str], None] = lambda _: None,
) -> list[Row]:
    """Measure every model on every feeder; LPF and DC on single-phase equivalents only, which is what they are for.

    Args:
        feeders: what to measure on.
        seed: of the scenarios; the same for all feeders.
        n_scenarios: scenarios per feeder, at least 1.
        report: called with each feeder's name before it is measured.

    Raises:
        InputError: if no scenario is asked for.
        NotConvergedError: if a feeder has no AC solution at nominal load.
    """
    if n_scenarios < 1:
        raise InputError(f"scenarios must be at least 1; got {n_scenarios}.")
    rows = []
    for feeder in feeders:
        report(feeder.name)
        rows += _measure(feeder, seed, n_scenarios)
    return rows


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows as plain dictionaries."""
    return [asdict(row) for row in rows]


def with_pv(feeder: Feeder) -> Feeder:
    """The feeder with the PV of the range, and no other DER."""
    sites = [load for load in feeder.loads[::PV_AT_EVERY] if load.p_kw > 0]
    share = feeder.peak_load_kw / sum(load.p_kw for load in sites) if sites else 0.0
    pvs = tuple(
        Pv(
            f"pv_{load.name}",
            load.bus,
            load.nodes,
            load.connection,
            load.kv,
            load.p_kw * share,
            load.p_kw * share,
        )
        for load in sites
    )
    return feeder.replace(pvs=pvs, storages=(), generators=())


def _measure(feeder: Feeder, seed: int, n_scenarios: int) -> list[Row]:
    network = Network.from_feeder(with_pv(feeder))
    rest = solve(network)
    held = {"taps": rest.taps[0], "capacitor_steps": rest.capacitor_steps[0]}
    load_scale, der_kw = _draw(network, seed, n_scenarios)
    solution = solve(
        network, load_scale=load_scale, der_kw=der_kw, controls="off", tolerance=TOLERANCE, **held
    )
    builds: dict[str, Callable[[], LinearModel]] = {
        "lindistflow": lambda: lindistflow(network, **held)
    }
    if feeder.single_phase_equivalent:
        builds = {"lpf": lambda: lpf(network, **held), **builds, "dc": lambda: dc(network)}
    return [_row(feeder.name, name, build, solution) for name, build in builds.items()]


def _draw(network: Network, seed: int, n_scenarios: int) -> tuple[FloatArray, FloatArray]:
    """Load factors (scenario, load) and PV output (scenario, DER) [kW]."""
    random = np.random.default_rng(seed)
    load_scale = random.uniform(*LOAD_RANGE, (n_scenarios, len(network.feeder.loads)))
    sun = random.uniform(0.0, 1.0, (n_scenarios, 1))
    return load_scale, sun * np.array([pv.rated_kw for pv in network.feeder.pvs])


def _row(feeder: str, name: str, build: Callable[[], LinearModel], solution: Solution) -> Row:
    try:
        model = build()
    except InputError as error:
        return Row(feeder, name, left_out=str(error).splitlines()[0])
    voltages = model.points.magnitude_pu(solution.v_pu)
    return Row(
        feeder,
        name,
        error=measure_error(model, solution),
        paper_loss_factor=_paper_loss_factor_error(model, solution),
        ac_lowest_pu=float(np.nanmin(voltages)),
        ac_highest_pu=float(np.nanmax(voltages)),
        ac_flow_kw=float(np.nanmax(np.abs(solution.terminal_kva[:, model.branch_terminal].real))),
        ac_loss_kw=float(np.nanmean(solution.loss_kw)),
    )


def _paper_loss_factor_error(model: LinearModel, solution: Solution) -> float | None:
    if model.name == "lindistflow":
        return None
    good = solution.converged
    answer = model.evaluate_devices(
        *(
            np.broadcast_to(p, (len(good), p.shape[1]))[good]
            for p in (solution.p_kw, solution.q_kvar)
        )
    )
    return float(np.abs(active_loss_factors(answer) + loss_gradient(solution).node_kw[good]).max())
