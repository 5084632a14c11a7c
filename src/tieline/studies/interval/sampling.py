"""The Monte-Carlo hull: the range of voltages, currents and losses over uniform draws of the uncertain powers.

Draws stay inside: with many powers that vary on their own they hardly ever come near the extremes, so the hull is narrower
than the true range however many are drawn. It must lie within the bounds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.powerflow.interval.flow import Bounds, IntervalFlow
from tieline.typing import BoolArray, FloatArray, Progress

DRAWS_AT_ONCE = 1000
"""Draws solved together; their voltages and currents fill memory."""

TOLERANCE = 1e-6
"""A draw lies outside by more than this share of the value (or of one): a hundred times what a power flow is solved to."""


@dataclass(frozen=True, eq=False)
class Hull:
    """Ranges over the draws, (2, output) each: lowest and highest; NaN without a solved draw.

    `outside`: draws of which any output left its bounds; `not_converged`: draws without a power-flow solution.
    """

    voltage: FloatArray
    current: FloatArray
    loss: FloatArray
    outside: int
    not_converged: int


def sampled_hull(
    flow: IntervalFlow, draws: int, seed: int, progress: Progress | None = None
) -> Hull:
    """Draw and solve.

    Args:
        flow: the bounds and what they are of.
        draws: number of draws.
        seed: of the draws.
        progress: called with (draws done, draws in all, text).
    """
    random = np.random.default_rng(seed)
    # Ranges begin as NaN, which fmin and fmax pass over: without a solved draw they stay unknown.
    families = (flow.voltage, flow.current, flow.loss)
    hulls = [np.full((2, len(bounds.low)), np.nan) for bounds in families]
    outside = 0
    not_converged = 0
    for first in range(0, draws, DRAWS_AT_ONCE):
        count = min(DRAWS_AT_ONCE, draws - first)
        uncertain = flow.uncertain
        draws_at_once = random.uniform(-1, 1, (count, uncertain.n_variables))
        solution = uncertain.solve(draws_at_once)
        # A draw without a solution says nothing of the ranges: it is counted and left out.
        solved = solution.converged
        not_converged += int((~solved).sum())
        readings = (
            flow.points.magnitude_pu(solution.v_pu)[solved],
            solution.terminal_current_a[:, flow.terminals][solved],
            solution.loss_kw[solved, None],
        )
        leaves = np.zeros(int(solved.sum()), dtype=bool)
        for hull, bounds, values in zip(hulls, families, readings, strict=True):
            if len(values):
                hull[0] = np.fmin(hull[0], values.min(axis=0))
                hull[1] = np.fmax(hull[1], values.max(axis=0))
            leaves |= _leaves(values, bounds)
        outside += int(leaves.sum())
        if progress:
            progress(first + count, draws, "draws")
    voltage, current, loss = hulls
    return Hull(voltage, current, loss, outside, not_converged)


def _leaves(values: FloatArray, bounds: Bounds) -> BoolArray:
    """Draws with a value outside the bounds, (draw,)."""
    room = TOLERANCE * np.maximum(np.abs(bounds.centre), 1.0)
    return np.any((values < bounds.low - room) | (values > bounds.high + room), axis=1)
