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


def measure(feeder: Feeder) -> Sensitivities:
    """Time derivatives and differences on one feeder and compare them."""
    network = Network.from_feeder(feeder)
    rest = solve(network)
    base, q_kvar = (
        np.array([getattr(load, name) for load in feeder.loads]) for name in ("p_kw", "q_kvar")
    )
    held = {"taps": rest.taps[0], "capacitor_steps": rest.capacitor_steps[0]}

    def solved(p_kw: FloatArray) -> Solution:
        return solve(
            network, load_kw=p_kw, load_kvar=q_kvar, controls="off", tolerance=TOLERANCE, **held
        )

    count = min(len(base), LARGEST_DIFFERENCE // (2 * network.n_nodes))
    here, moves = (
        solved(base[None, :]),
        np.vstack([np.eye(count, len(base)), -np.eye(count, len(base))]) * STEP_KW,
    )
    tangent_s, tangents = _median_call(lambda: all_tangents(here, "load_kw", 0))
    adjoint_s, gradient = _median_call(lambda: loss_gradient(here).load_kw[0])
    difference_s, (v_pu, loss_kw) = _median_call(lambda: _voltages_and_losses(solved(base + moves)))
    v, loss = ((part[:count] - part[count:]) / (2 * STEP_KW) for part in (v_pu, loss_kw))
    return Sensitivities(
        n_nodes=network.n_nodes,
        n_loads=count,
        tangents_per_s=len(base) / tangent_s,
        differences_per_s=count / difference_s,
        adjoint_s=adjoint_s,
        difference_s=difference_s,
        tangent_error_pu_per_kw=float(np.abs(tangents[:count] - v).max()),
        adjoint_error=float(np.abs(gradient[:count] - loss).max()),
    )


def _voltages_and_losses(solution: Solution) -> tuple[ComplexArray, FloatArray]:
    return solution.v_pu, solution.loss_kw


def _median_call(call: Callable[[], T]) -> tuple[float, T]:
    """Seconds of the median of some calls after one that is not counted, and the last result."""
    result, seconds = call(), []
    for _ in range(REPEATS):
        began = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - began)
    return median(seconds), result
