"""Allocations that meet a request exactly: 0 <= r_i <= capacity_i, sum of r_i = request.

Two ways to get one, both water-filling: a shift common to all is found at which the sum is right.

    project        r_i = clip(wanted_i + shift, 0, capacity_i): the allocation nearest to what was wanted (the Euclidean projection
                   on the capped simplex; M. Held, P. Wolfe, H. Crowder, "Validation of subgradient optimization", Mathematical
                   Programming 6, 1974)
    share_out      r_i = capacity_i sigmoid(z_i + shift): smooth, so that a policy can be trained through it

The sum as a function of the shift is a broken line in the first case, whose corners are known: sorted, they give the shift without
iteration. In the second it is smooth and rising: bisection, then one Newton step, which also carries the derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.typing import FloatArray

HALVINGS = 50
"""Of a bracket some hundred wide: down to rounding."""

FLAT = 40.0
"""Where a sigmoid is flat in double precision: exp(-40) is below half a unit in the last place of 1."""


def project(wanted_kw: FloatArray, capacity_kw: FloatArray, request_kw: FloatArray) -> FloatArray:
    """The allocation nearest to what was wanted.

    Args:
        wanted_kw: any numbers, (episode, der) [kW].
        capacity_kw: (episode, der) [kW], >= 0.
        request_kw: (episode,) [kW], between 0 and the sum of capacities.

    Returns:
        The allocation, (episode, der) [kW].
    """
    corners = np.sort(np.concatenate([-wanted_kw, capacity_kw - wanted_kw], axis=1), axis=1)
    sums = np.clip(wanted_kw[:, None, :] + corners[:, :, None], 0.0, capacity_kw[:, None, :]).sum(axis=2)
    right = np.clip((sums < request_kw[:, None]).sum(axis=1), 1, corners.shape[1] - 1)
    rows = np.arange(len(corners))
    s0, s1, y0, y1 = corners[rows, right - 1], corners[rows, right], sums[rows, right - 1], sums[rows, right]
    share = np.divide(request_kw - y0, y1 - y0, out=np.zeros_like(y0), where=y1 > y0)
    shift = s0 + np.clip(share, 0.0, 1.0) * (s1 - s0)
    return np.clip(wanted_kw + shift[:, None], 0.0, capacity_kw)


def share_out(z: Any, capacity_kw: Any, request_kw: Any, xp: Any = np) -> Any:
    """A smooth allocation: `capacity * sigmoid(z + shift)`.

    Args:
        z: preference for each DER, (..., der), any numbers.
        capacity_kw: (..., der) [kW], >= 0.
        request_kw: (...) [kW], between 0 and the sum of capacities.
        xp: the array package, `numpy` or `jax.numpy`.

    Returns:
        The allocation, (..., der) [kW]; differentiable in `jax.numpy`.
    """
    low = -z.max(axis=-1) - FLAT
    high = -z.min(axis=-1) + FLAT
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        is_short = (capacity_kw * _sigmoid(z + middle[..., None], xp)).sum(axis=-1) < request_kw
        low, high = xp.where(is_short, middle, low), xp.where(is_short, high, middle)
    middle = (low + high) / 2
    share = _sigmoid(z + middle[..., None], xp)
    slope = (capacity_kw * share * (1 - share)).sum(axis=-1)
    missing = request_kw - (capacity_kw * share).sum(axis=-1)
    shift = middle + missing / xp.maximum(slope, np.finfo(np.float32).tiny)
    return capacity_kw * _sigmoid(z + shift[..., None], xp)


def _sigmoid(x: Any, xp: Any) -> Any:
    return 0.5 * (1.0 + xp.tanh(0.5 * x))
