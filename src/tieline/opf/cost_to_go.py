"""The least cost of what is to come, as a function of the energy stored now: convex, piecewise linear, kept exactly.

In each step a battery changes its stored energy E by some x at the cost f(x), convex and piecewise linear; what is to come costs
V. Before the step it costs min over x of f(x) + V(E + x), the infimal convolution of V and f(-x), and the pieces of that are the
pieces of both in the order of their slopes, cut where E meets its limits. So one step backwards is a merge of two sorted lists,
and the best x is read off the same merge: what the step's own pieces cover of the way up to E.

Where a piece of the step and one of the future have the same slope, the future comes first: of plans that cost the same, the one
that stores more is taken.

Source of the convolution: R. T. Rockafellar, "Convex Analysis", Princeton, 1970, sections 5 and 16; the backward recursion is R.
Bellman's, "Dynamic Programming", Princeton, 1957.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tieline.powerflow.kernel.compiled import compiler
from tieline.typing import FloatArray

compiled = compiler(nogil=True)

MOST_CURVES = 100
"""Curves that are kept for later steps: a day of quarter-hours, in little memory however long the window is."""


class Steps(NamedTuple):
    """What f(-x) is made of, for each battery and step: pieces with ascending slopes, (battery, step, piece).

    Attributes:
        slope: cost of one kWh less stored after the step [currency/kWh].
        width: of each piece [kWh]; may be 0.
        gain: the most that a step can store, (battery,) [kWh].
    """

    slope: FloatArray
    width: FloatArray
    gain: FloatArray


def ascending_steps(slope: FloatArray, width: FloatArray, gain: FloatArray) -> Steps:
    """Pieces as `recede` wants them.

    Args:
        slope, width: of the pieces in order, (piece, step, battery). Where the width is 0 any slope will do; the others ascend.
        gain: the most that a step can store, (battery,) [kWh].
    """
    slope = np.where(width > 0, slope, np.inf)
    # From the last piece back, so that an empty piece stands where the next one does.
    slope = np.minimum.accumulate(slope[::-1], axis=0)[::-1]
    return Steps(_by_battery(slope), _by_battery(width), gain)


def _by_battery(pieces: FloatArray) -> FloatArray:
    """(piece, step, battery) as (battery, step, piece), in the order in which `recede` goes through them."""
    return np.ascontiguousarray(pieces.transpose(2, 1, 0))


class Curve(NamedTuple):
    """A convex function, up to a constant: from `low[0]` it rises by `slope[k]` over `width[k]`, k from 0 to `count[0]` - 1."""

    low: FloatArray
    count: Any
    slope: FloatArray
    width: FloatArray


def recede(
    steps: Steps,
    limits_kwh: FloatArray,
    stored_kwh: FloatArray,
    due_kwh: FloatArray,
    window: int,
    applied: int,
) -> FloatArray:
    """Stored energy after each step if every step is the first of the best plan for `window` steps, (applied, battery) [kWh].

    Args:
        steps: costs.
        limits_kwh: lowest and highest stored energy, (2, battery).
        stored_kwh: at the start, (battery,); within the limits.
        due_kwh: at least stored at the end of all steps, (battery,).
        window: steps a plan looks ahead, the present one included; after them the battery only fetches what is due.
        applied: how many steps are gone through.
    """
    return _recede(steps, limits_kwh, stored_kwh, due_kwh, window, applied)


@compiled
def _recede(steps, limits, stored, due, window, applied):
    n_batteries, n_steps, n_pieces = steps.slope.shape
    out = np.empty((applied, n_batteries))
    n_curves = min(window, MOST_CURVES)
    curves = _empty_curves(n_curves, window * n_pieces + 1)
    for k in range(n_batteries):
        low = limits[0, k]
        high = limits[1, k]
        gain = steps.gain[k]
        energy = stored[k]
        first = 0
        last_stop = 0
        for t in range(applied):
            stop = min(t + window, n_steps)
            # Windows that end at the same step look at the same future: it is worked out once for as many as are kept.
            if stop != last_stop or t - first == n_curves:
                # What the steps behind the window can fetch at most is not asked of the window.
                fetched = (n_steps - stop) * gain
                end = max(low, due[k] - fetched)
                _look_back(curves, steps, k, t, stop, end, limits[:, k])
                first = t
                last_stop = stop
            energy = _after(
                _curve(curves, t - first),
                steps.slope[k, t],
                steps.width[k, t],
                gain,
                energy,
            )
            energy = min(max(energy, low), high)
            out[t, k] = energy
    return out


@compiled
def _empty_curves(count, size):
    """Curves by row, as `_curve` takes them."""
    return Curve(
        np.zeros(count),
        np.zeros(count, dtype=np.int64),
        np.empty((count, size)),
        np.empty((count, size)),
    )


@compiled
def _curve(curves, number):
    """The row of a curve; the last ones of a longer window take the rows in turn."""
    row = number % len(curves.low)
    return Curve(
        curves.low[row : row + 1],
        curves.count[row : row + 1],
        curves.slope[row],
        curves.width[row],
    )


@compiled
def _look_back(curves, steps, k, first, stop, end, limits):
    """The cost after each step of a window, from its end back: curve 0 is what comes after step `first`."""
    _end(_curve(curves, stop - 1 - first), end, limits[1])
    for s in range(stop - 1, first, -1):
        _before(
            _curve(curves, s - 1 - first),
            _curve(curves, s - first),
            steps.slope[k, s],
            steps.width[k, s],
            steps.gain[k],
            limits,
        )


@compiled
def _end(curve, low, high):
    """After the last step any energy from `low` on costs the same."""
    curve.low[0] = min(low, high)
    curve.count[0] = 1
    curve.slope[0] = 0.0
    curve.width[0] = max(high - low, 0.0)


@compiled
def _before(out, future, slope, width, gain, limits):
    """The cost one step earlier, cut at the limits of stored energy."""
    # With the step's greatest gain, the lowest future energy is reached from this far below.
    at = future.low[0] - gain
    n = 0
    out.low[0] = max(at, limits[0])
    i = j = 0
    while at < limits[1] and (i < future.count[0] or j < len(slope)):
        # At equal slopes the future's piece comes first: that plan stores more.
        if j == len(slope) or (i < future.count[0] and future.slope[i] <= slope[j]):
            rise = future.slope[i]
            end = at + future.width[i]
            i = i + 1
        else:
            rise = slope[j]
            end = at + width[j]
            j = j + 1
        inside = min(end, limits[1]) - max(at, limits[0])
        at = end
        if inside > 0:
            # Pieces of one slope are one piece, so that curves stay as short as they can be.
            if n > 0 and out.slope[n - 1] == rise:
                out.width[n - 1] += inside
            else:
                out.slope[n] = rise
                out.width[n] = inside
                n += 1
    out.count[0] = n


@compiled
def _after(future, slope, width, gain, stored):
    """Stored energy after a step of least cost: the future's part of the way up to `stored`."""
    way = stored - (future.low[0] - gain)
    energy = future.low[0]
    i = j = 0
    # The same merge as in `_before`: pieces of the future raise the energy, those of the step are what it costs less.
    while way > 0 and (i < future.count[0] or j < len(slope)):
        if j == len(slope) or (i < future.count[0] and future.slope[i] <= slope[j]):
            part = min(way, future.width[i])
            energy = energy + part
            i = i + 1
        else:
            part = min(way, width[j])
            j = j + 1
        way -= part
    return energy
