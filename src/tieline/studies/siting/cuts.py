"""Where a bracket is cut: on both sides of the place at which the reading is expected to meet its limit.

The expectation is a parabola through the readings at both ends and at one smaller size, else the straight line between the ends.
Where it is right, the two cuts leave a bracket that is narrow enough; where it was wrong before, they stand farther apart, and at
last in thirds, so that a bracket ends whatever the readings do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.typing import BoolArray, FloatArray, IntArray

WITHIN = 0.45
"""Distance of a cut from where the limit is expected to break, as a share of the narrowest bracket: two leave one less wide."""

EDGE = 0.02
"""The same as a share of the bracket, at least: a parabola over a wide bracket is hardly ever nearer."""

WIDER = 4.0
"""By this factor cuts stand farther away after a miss."""

MOST_MISSES = 2
"""Misses behind each other after which a bracket is cut into thirds."""


@dataclass(frozen=True, eq=False)
class Readings:
    """Excess over a limit in each situation, (bracket, situation), at three sizes.

    `safe`: at the lower end, at most 0; `broken`: at the upper end, above 0; `before`: at a size below the lower end, whose
    distance from it is `before_share` of the bracket, below 0, (bracket,); NaN where there is none.
    """

    before: FloatArray
    safe: FloatArray
    broken: FloatArray
    before_share: FloatArray


def cut(
    safe_kw: FloatArray,
    broken_kw: FloatArray,
    share: FloatArray,
    narrowest_kw: FloatArray,
    misses: IntArray,
) -> FloatArray:
    """Two sizes inside each bracket.

    Args:
        safe_kw, broken_kw: its ends, (bracket,).
        share: where its limit is expected to break, 0 to 1; NaN where nothing is known, (bracket,).
        narrowest_kw: width at which a bracket is not cut any more, (bracket,).
        misses: cuts behind each other that left most of the bracket, (bracket,).

    Returns:
        (bracket, 2) [kW], rising.
    """
    width_kw = broken_kw - safe_kw
    finest_kw = WITHIN * narrowest_kw * WIDER**misses
    edge_kw = np.maximum(finest_kw, EDGE * width_kw)
    crossing_kw = safe_kw + share * width_kw
    # a crossing expected at an end still leaves a piece on its other side
    first_kw = np.maximum(crossing_kw - edge_kw, safe_kw + edge_kw / 2)
    second_kw = np.minimum(crossing_kw + edge_kw, broken_kw - edge_kw / 2)
    thirds_kw = safe_kw[:, None] + width_kw[:, None] * np.array([1 / 3, 2 / 3])
    around_kw = np.column_stack([first_kw, second_kw])
    # cuts that stand far apart in a small bracket are no better than thirds
    is_lost = np.isnan(share) | (misses >= MOST_MISSES) | (3 * edge_kw > width_kw)
    return np.where(is_lost[:, None], thirds_kw, around_kw)


def crossing_share(readings: Readings, breaks: BoolArray) -> FloatArray:
    """Where the first of several situations is expected to break the limit, as a share of the way.

    Args:
        readings: of the limit.
        breaks: situations that count, (bracket, situation).

    Returns:
        (bracket,), NaN where an end has no reading.
    """
    # any numbers in place of readings that do not count: they may be infinite
    counted = Readings(
        before=np.where(breaks, readings.before, -2.0),
        safe=np.where(breaks, readings.safe, -1.0),
        broken=np.where(breaks, readings.broken, 1.0),
        before_share=readings.before_share,
    )
    straight = -counted.safe / (counted.broken - counted.safe)
    bent = _parabola_share(counted)
    is_inside = (bent >= 0) & (bent <= 1)
    shares = np.where(is_inside, bent, straight)
    shares[~breaks] = np.inf
    # of a bracket that ends without a power flow the rise is NaN, and so is the smallest share
    return np.clip(shares.min(axis=1), 0.0, 1.0)


def _parabola_share(readings: Readings) -> FloatArray:
    """Where the parabola through three readings crosses 0 on its way from `safe` to `broken`; NaN where it does not."""
    at = readings.before_share[:, None]
    rise = readings.broken - readings.safe
    # excess = safe + slope s + bend s^2, with s = 0 at the lower end and 1 at the upper one
    bend = ((readings.before - readings.safe) / at - rise) / (at - 1)
    slope = rise - bend
    square = slope**2 - 4 * bend * readings.safe
    root = np.sqrt(np.where(square >= 0, square, np.nan))
    return -2 * readings.safe / (slope + root)
