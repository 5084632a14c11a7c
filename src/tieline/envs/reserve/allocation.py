"""Allocations that meet a request exactly: 0 <= r_i <= capacity_i, sum of r_i = request.

Two ways to get one, both water-filling: a shift common to all is found at which the sum is right.

    project        r_i = clip(wanted_i + shift, 0, capacity_i): the allocation nearest to what was wanted (the Euclidean
                   projection on the capped simplex; M. Held, P. Wolfe, H. Crowder, "Validation of subgradient optimization",
                   Mathematical Programming 6, 1974)
    share_out      r_i = capacity_i sigmoid(z_i + shift): smooth, so that a policy can be trained through it

The sum as a function of the shift is a broken line in the first case, whose corners are known: sorted, they give the shift
without iteration. In the second it is smooth and rising: bisection, then one Newton step, which carries all of the derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

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
    middle = (_halve_compiled if xp is np else _halve_traced)(z, capacity_kw, request_kw)
    share = _sigmoid(z + middle[..., None], xp)
    slope = (capacity_kw * share * (1 - share)).sum(axis=-1)
    missing = request_kw - (capacity_kw * share).sum(axis=-1)
    shift = middle + missing / xp.maximum(slope, np.finfo(np.float32).tiny)
    return capacity_kw * _sigmoid(z + shift[..., None], xp)


def _sigmoid(x: Any, xp: Any) -> Any:
    return 0.5 * (1.0 + xp.tanh(0.5 * x))


def _halve_compiled(z: FloatArray, capacity_kw: FloatArray, request_kw: FloatArray) -> FloatArray:
    """The shift that meets the request, (...)."""
    z, capacity_kw = np.broadcast_arrays(np.asarray(z, dtype=float), np.asarray(capacity_kw, dtype=float))
    request = np.broadcast_to(np.asarray(request_kw, dtype=float), z.shape[:-1])
    rows = z.reshape(-1, z.shape[-1]), capacity_kw.reshape(-1, z.shape[-1])
    return _halve_rows(*rows, request.ravel()).reshape(request.shape)


@njit(cache=True, error_model="numpy")
def _halve_rows(z, capacity, request):
    """The shift of each row, (row,): one decision costs microseconds, as array operations it would cost half a millisecond."""
    shift = np.empty(len(z))
    for row in range(len(z)):
        low, high = -z[row].max() - FLAT, -z[row].min() + FLAT
        for _ in range(HALVINGS):
            middle, given = 0.5 * (low + high), 0.0
            for k in range(z.shape[1]):
                given += capacity[row, k] * 0.5 * (1.0 + np.tanh(0.5 * (z[row, k] + middle)))
            if given < request[row]:
                low = middle
            else:
                high = middle
        shift[row] = 0.5 * (low + high)
    return shift


def _halve_traced(z: Any, capacity_kw: Any, request_kw: Any) -> Any:
    """The same in JAX, (...). No derivative goes through it: the Newton step after it has all of it."""
    import jax.numpy as jnp
    from jax import lax

    z, capacity_kw, request_kw = (lax.stop_gradient(array) for array in (z, capacity_kw, request_kw))

    def halved(_: int, bracket: Any) -> Any:
        low, high = bracket
        middle = (low + high) / 2
        is_short = (capacity_kw * _sigmoid(z + middle[..., None], jnp)).sum(axis=-1) < request_kw
        return jnp.where(is_short, middle, low), jnp.where(is_short, high, middle)

    low, high = lax.fori_loop(0, HALVINGS, halved, (-z.max(axis=-1) - FLAT, -z.min(axis=-1) + FLAT))
    return (low + high) / 2
