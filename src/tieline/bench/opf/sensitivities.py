"""Sensitivities per second: exact derivatives by the implicit function theorem beside central differences.

Of a feeder at nominal load, regulators and capacitors where they come to rest, by the active power of its loads:

    tangent     change of all voltages by one load             all loads asked for at once
    adjoint     change of the loss by every load
    difference  both, from two power flows for each load, solved as one batch

Differences get the same solver, all threads and one batch: whoever differences on another power flow is slower by its factor.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

import numpy as np

from tieline.feeders import Feeder
from tieline.network import Network
from tieline.powerflow import Solution, solve
from tieline.powerflow.derivatives.gradients import all_tangents, loss_gradient
from tieline.typing import ComplexArray, FloatArray

STEP_KW = 1.0
"""Each way: voltages are then some 1e-6 pu apart, whose curvature is far below what the tolerance leaves."""

TOLERANCE = 1e-12
"""Of the power flows that are differenced [pu]: below the change by six digits."""

LARGEST_DIFFERENCE = 4_000_000
"""Node voltages of the batch that is differenced (64 MB); of a larger feeder the first loads only."""

REPEATS = 3

T = TypeVar("T")


@dataclass(frozen=True)
class Sensitivities:
    """Speeds and largest errors on one feeder.

    Attributes:
        n_nodes, n_loads: size of the feeder, and loads differentiated by.
        tangents_per_s: changes of all voltages by one load.
        differences_per_s: the same by differences.
        adjoint_s, difference_s: time of the loss' change by all those loads [s].
        tangent_error_pu_per_kw, adjoint_error: largest distance from the differences [pu/kW, kW/kW].
    """

    n_nodes: int
    n_loads: int
    tangents_per_s: float
    differences_per_s: float
    adjoint_s: float
    difference_s: float
    tangent_error_pu_per_kw: float
    adjoint_error: float


def measure_sensitivities(feeder: Feeder) -> Sensitivities:
    """Time derivatives and differences on one feeder and compare them."""
    network = Network.from_feeder(feeder)
    nominal_kw = np.array([load.p_kw for load in feeder.loads])
    solve_at = _solver(network)
    nominal = solve_at(nominal_kw[None, :])
    # two power flows for each load, as one batch that still fits in memory
    count = min(len(nominal_kw), LARGEST_DIFFERENCE // (2 * network.n_nodes))
    steps_kw = STEP_KW * np.eye(count, len(nominal_kw))
    moved_kw = nominal_kw + np.vstack([steps_kw, -steps_kw])

    tangent_s, tangents = _median_call(lambda: all_tangents(nominal, "load_kw", 0))
    adjoint_s, gradient = _median_call(lambda: loss_gradient(nominal).load_kw[0])
    difference_s, (v_pu, loss_kw) = _median_call(
        lambda: _voltages_and_losses(solve_at(moved_kw))
    )
    tangent_error = tangents[:count] - _central_difference(v_pu)
    adjoint_error = gradient[:count] - _central_difference(loss_kw)
    return Sensitivities(
        n_nodes=network.n_nodes,
        n_loads=count,
        tangents_per_s=len(nominal_kw) / tangent_s,
        differences_per_s=count / difference_s,
        adjoint_s=adjoint_s,
        difference_s=difference_s,
        tangent_error_pu_per_kw=float(np.abs(tangent_error).max()),
        adjoint_error=float(np.abs(adjoint_error).max()),
    )


def _solver(network: Network) -> Callable[[FloatArray], Solution]:
    """A power flow of loads (scenario, load) [kW], regulators and capacitors where they come to rest at nominal load."""
    nominal = solve(network)
    q_kvar = np.array([load.q_kvar for load in network.feeder.loads])

    def solve_at(p_kw: FloatArray) -> Solution:
        return solve(
            network,
            load_kw=p_kw,
            load_kvar=q_kvar,
            controls="off",
            tolerance=TOLERANCE,
            # held: a tap that moves makes a difference that no derivative knows
            taps=nominal.taps[0],
            capacitor_steps=nominal.capacitor_steps[0],
        )

    return solve_at


def _central_difference(values: ComplexArray | FloatArray) -> np.ndarray:
    """Change per kW: the first half of the rows is with a step up, the second with a step down."""
    up, down = np.split(values, 2)
    return (up - down) / (2 * STEP_KW)


def _voltages_and_losses(solution: Solution) -> tuple[ComplexArray, FloatArray]:
    return solution.v_pu, solution.loss_kw


def _median_call(call: Callable[[], T]) -> tuple[float, T]:
    """Seconds of the median of some calls after one that is not counted, and the last result."""
    result = call()  # compiles
    seconds = []
    for _ in range(REPEATS):
        start_s = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - start_s)
    return median(seconds), result
