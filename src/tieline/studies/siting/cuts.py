"""Where a bracket is cut: on both sides of the place at which a straight line between the readings at its ends meets the limit.

If readings are nearly straight there, one round leaves a bracket as narrow as the two cuts are apart. Where no straight line is
known, or the last cuts left most of the bracket, it is cut into thirds, so that it ends whatever the readings do.
"""

from __future__ import annotations

import numpy as np

from tieline.typing import BoolArray, FloatArray

EDGE = 0.02
"""Distance of a cut from the crossing of the straight line, as a share of the bracket: readings mostly bend less than that."""

WITHIN = 0.45
"""The same as a share of the narrowest bracket, at least: what lies between two such cuts is narrow enough."""


def cut(
    safe_kw: FloatArray,
    broken_kw: FloatArray,
    share: FloatArray,
    narrowest_kw: FloatArray,
) -> FloatArray:
    """Two sizes inside each bracket.

    Args:
        safe_kw, broken_kw: its ends, (bracket,).
        share: where its limit is expected to break, 0 to 1; NaN for thirds, (bracket,).
        narrowest_kw: width at which a bracket is not cut any more, (bracket,).

    Returns:
        (bracket, 2) [kW], rising.
    """
    width_kw = broken_kw - safe_kw
    edge_kw = np.maximum(EDGE * width_kw, WITHIN * narrowest_kw)
    crossing_kw = safe_kw + share * width_kw
    # a crossing expected at an end still leaves a piece on its other side
    first_kw = np.maximum(crossing_kw - edge_kw, safe_kw + edge_kw / 2)
    second_kw = np.minimum(crossing_kw + edge_kw, broken_kw - edge_kw / 2)
    thirds_kw = safe_kw[:, None] + width_kw[:, None] * np.array([1 / 3, 2 / 3])
    around_kw = np.column_stack([first_kw, second_kw])
    return np.where(np.isnan(share)[:, None], thirds_kw, around_kw)


def crossing_share(
    safe_excess: FloatArray, broken_excess: FloatArray, breaks: BoolArray
) -> FloatArray:
    """Where the first of several straight lines passes 0, as a share of the way.

    Args:
        safe_excess, broken_excess: excess at the ends, at most and above 0, (bracket, situation).
        breaks: situations that count, (bracket, situation).

    Returns:
        (bracket,), NaN where an end has no reading.
    """
    rise = np.subtract(
        broken_excess, safe_excess, out=np.ones_like(safe_excess), where=breaks
    )
    way = np.where(breaks, -safe_excess, np.inf)
    # of a bracket that ends without a power flow the rise is NaN, and so is the smallest share
    return np.clip((way / rise).min(axis=1), 0.0, 1.0)
