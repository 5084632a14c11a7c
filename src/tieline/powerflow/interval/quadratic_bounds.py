"""Extremes of a quadratic over a box: the largest value of g x + x H x / 2 for every x_i between -1 and 1.

An axis along which the slope keeps its sign over the whole box (|slope| >= sum of |H_ij| over the axes not yet settled) has its
extreme at an end. Settling it narrows the slopes of the others, so this is repeated. If every axis settles, the extreme is exact
and its corner is known. What is left is bounded by the largest value along each axis alone and the largest each cross term can
add: never too small, and seldom much too large, since only axes of little effect stay open.
"""

from __future__ import annotations

import numpy as np

from tieline.typing import BoolArray, FloatArray


def highest(
    gradient: FloatArray, hessian: FloatArray | None
) -> tuple[float, FloatArray]:
    """Upper bound of the quadratic and a point near which it is taken.

    Args:
        gradient: g, (axis,).
        hessian: H, symmetric, (axis, axis); None for a linear function.

    Returns:
        The bound, and the point x, (axis,); the bound is the value at x if every axis settles.
    """
    if hessian is None:
        return float(np.abs(gradient).sum()), np.sign(gradient)
    x, is_open = _settle(gradient, hessian)
    ends = np.flatnonzero(~is_open)
    x_ends = x[ends]
    among_ends = hessian[np.ix_(ends, ends)]
    linear = gradient[ends] @ x_ends
    bound = float(linear + x_ends @ among_ends @ x_ends / 2)
    if not is_open.any():
        return bound, x
    # The open axes start from slopes that the settled ones have already moved.
    axes = np.flatnonzero(is_open)
    slope = gradient[axes] + hessian[np.ix_(axes, ends)] @ x_ends
    among_open = hessian[np.ix_(axes, axes)]
    curvature = np.diag(among_open)
    x_open = _best_alone(slope, curvature)
    x[axes] = x_open
    alone = slope * x_open + curvature * x_open**2 / 2
    # Each cross term counts as if its axes had the worst signs, whatever the others ask of them: an upper bound.
    cross = (np.abs(among_open).sum() - np.abs(curvature).sum()) / 2
    return bound + float(alone.sum() + cross), x


def lowest(
    gradient: FloatArray, hessian: FloatArray | None
) -> tuple[float, FloatArray]:
    """Lower bound of the quadratic and a point near which it is taken; arguments as for `highest`."""
    negative_hessian = None
    if hessian is not None:
        negative_hessian = -hessian
    bound, x = highest(-gradient, negative_hessian)
    return -bound, x


def _settle(gradient: FloatArray, hessian: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Ends of the axes whose slope keeps its sign, (axis,), and the axes that stay open, (axis,)."""
    x = np.zeros(len(gradient))
    is_open = np.ones(len(gradient), dtype=bool)
    slope = gradient.copy()
    room = np.abs(hessian).sum(axis=1)
    while True:
        keeps_sign = is_open & (np.abs(slope) >= room)
        if not keeps_sign.any():
            return x, is_open
        x[keeps_sign] = np.sign(slope[keeps_sign])
        is_open &= ~keeps_sign
        # An axis at its end moves no slope any more: the others keep their signs more easily.
        slope = slope + hessian[:, keeps_sign] @ x[keeps_sign]
        room = room - np.abs(hessian[:, keeps_sign]).sum(axis=1)


def _best_alone(slope: FloatArray, curvature: FloatArray) -> FloatArray:
    """Where slope x + curvature x^2 / 2 is largest on each axis alone, (axis,)."""
    is_concave = curvature < 0
    top = -slope / np.where(is_concave, curvature, -1.0)
    end = np.where(slope < 0, -1.0, 1.0)
    return np.where(is_concave, np.clip(top, -1.0, 1.0), end)
