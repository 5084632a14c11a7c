"""Where a limit first breaks as a transfer grows, for many cases and limits at a time.

Every round solves all its candidates in one batch: doubling until everything is broken, an even grid up to there, then brackets
cut into `CUTS` pieces each until they are as narrow as asked. The grid finds the first break even if a limit breaks, recovers and
breaks again; what is narrower than a step of the grid can be missed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tieline.errors import InputError
from tieline.typing import BoolArray, FloatArray, IntArray

GRID = 64
"""Steps of the even grid."""

STEPS_AT_ONCE = 8
"""Steps of the grid solved at once, before it is asked which cases need more: half a block of the solver."""

CUTS = 9
"""Pieces that a bracket is cut into per round: eight candidates, half a block of the solver."""

FINEST = 1e-9
"""Width of a bracket, over its transfer, that is not cut further: a tenth of what a power flow is solved to."""

MOST_DOUBLINGS = 40
"""From a kilowatt to beyond any feeder."""

Judge = Callable[[IntArray, FloatArray], BoolArray]
"""(case, transfer in kW), (row,) each -> which limits are broken, (row, limit)."""


@dataclass(frozen=True, eq=False)
class Breaks:
    """Brackets of the first break of each limit, (case, limit) [kW]: `safe_kw` holds, `broken_kw` does not."""

    safe_kw: FloatArray
    broken_kw: FloatArray


def first_breaks(
    judge: Judge, n_cases: int, start_kw: float, resolution_kw: float
) -> Breaks:
    """Find the first break of each limit in each case.

    Args:
        judge: says which limits are broken.
        n_cases: number of cases.
        start_kw: transfer to begin doubling from.
        resolution_kw: width of a bracket to stop at, or sooner where power flows cannot tell its ends apart.

    Raises:
        InputError: if a limit does not break at any transfer.
    """
    most_kw = _largest(judge, n_cases, start_kw)
    transfer_kw = np.linspace(0.0, most_kw, GRID + 1, axis=1)
    first = _first_broken(judge, transfer_kw)
    rows = np.arange(n_cases)[:, None]
    safe_kw = transfer_kw[rows, np.maximum(first - 1, 0)]
    broken_kw = transfer_kw[rows, first]
    # `FINEST` ends it where the ends differ by less than a power flow is solved to: no cut could tell them apart.
    # Brackets of all cases and limits are cut together until the last one is narrow enough: one batch a round.
    while (broken_kw - safe_kw > np.maximum(resolution_kw, FINEST * broken_kw)).any():
        safe_kw, broken_kw = _cut(judge, safe_kw, broken_kw)
    return Breaks(safe_kw, broken_kw)


def _largest(judge: Judge, n_cases: int, start_kw: float) -> FloatArray:
    """A transfer of each case at which every limit is broken, (case,) [kW]."""
    most_kw = np.full(n_cases, start_kw)
    pending = np.arange(n_cases)
    for _ in range(MOST_DOUBLINGS):
        pending = pending[~judge(pending, most_kw[pending]).all(axis=1)]
        if len(pending) == 0:
            return most_kw
        most_kw[pending] *= 2
    raise InputError(
        f"A limit does not break up to a transfer of {most_kw.max():.3g} kW: nothing lies between the two sets of buses. Choose "
        "other buses."
    )


def _first_broken(judge: Judge, transfer_kw: FloatArray) -> IntArray:
    """The first step of a grid at which each limit is broken, (case, limit); `transfer_kw` (case, step), all broken at the last.

    A few steps at a time: beyond its first break a case need not be solved, and the nearer the collapse the longer that takes.
    """
    n_cases, n_steps = transfer_kw.shape
    pending = np.arange(n_cases)
    parts = []
    first = np.empty(0, dtype=np.int64)
    for begin in range(0, n_steps, STEPS_AT_ONCE):
        piece_kw = transfer_kw[pending, begin : begin + STEPS_AT_ONCE]
        n_ahead = piece_kw.shape[1]
        verdicts = judge(np.repeat(pending, n_ahead), piece_kw.ravel())
        # What is not looked at lies behind a break, and counts as broken.
        part = np.ones((n_cases, n_ahead, verdicts.shape[1]), dtype=bool)
        part[pending] = verdicts.reshape(len(pending), n_ahead, -1)
        parts.append(part)
        broken = np.concatenate(parts, axis=1)
        first = broken.argmax(axis=1)
        is_settled = np.asarray(broken.any(axis=1)).all(axis=1)
        pending = np.flatnonzero(~is_settled)
        if len(pending) == 0:
            break
    return first


def _cut(
    judge: Judge, safe_kw: FloatArray, broken_kw: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Narrower brackets: the piece in which the limit first breaks."""
    n_cases, n_limits = safe_kw.shape
    inner = np.linspace(safe_kw, broken_kw, CUTS + 1)[1:-1]  # (candidate, case, limit)
    of_case = np.arange(n_cases)[None, :, None]
    case = np.broadcast_to(of_case, inner.shape)
    verdicts = judge(case.ravel(), inner.ravel()).reshape(*inner.shape, n_limits)
    # Each candidate is the bracket of one limit: of all limits that were judged at it, that one counts.
    limit = np.arange(n_limits)
    breaks = verdicts[:, :, limit, limit]
    # If no candidate breaks, the limit breaks in the last piece: its end is known to.
    at_end = np.ones((1, n_cases, n_limits), dtype=bool)
    first = np.concatenate([breaks, at_end]).argmax(axis=0)[None]
    edges = np.concatenate([safe_kw[None], inner, broken_kw[None]])
    narrower_safe_kw = np.take_along_axis(edges, first, axis=0)[0]
    narrower_broken_kw = np.take_along_axis(edges, first + 1, axis=0)[0]
    return narrower_safe_kw, narrower_broken_kw
