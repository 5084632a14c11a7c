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

from tieline.powerflow.kernel.compiled import compiler
from tieline.typing import FloatArray

HALVINGS = 50
"""Of a bracket some hundred wide: down to rounding."""

SMALLEST_SLOPE = float(np.finfo(np.float32).tiny)
"""Stands in for a slope of 0, in either precision."""

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
    sums = np.clip(wanted_kw[:, None, :] + corners[:, :, None], 0.0, capacity_kw[:, None, :]).sum(
        axis=2
    )
    right = np.clip((sums < request_kw[:, None]).sum(axis=1), 1, corners.shape[1] - 1)
    rows = np.arange(len(corners))
    s0, s1, y0, y1 = (
        corners[rows, right - 1],
        corners[rows, right],
        sums[rows, right - 1],
        sums[rows, right],
    )
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
    if xp is np:
        return _compiled(z, capacity_kw, request_kw)
    middle = _halve_traced(z, capacity_kw, request_kw)
    share = _sigmoid(z + middle[..., None], xp)
    slope = (capacity_kw * share * (1 - share)).sum(axis=-1)
    missing = request_kw - (capacity_kw * share).sum(axis=-1)
    shift = middle + missing / xp.maximum(slope, SMALLEST_SLOPE)
    return capacity_kw * _sigmoid(z + shift[..., None], xp)


def _sigmoid(x: Any, xp: Any) -> Any:
    return 0.5 * (1.0 + xp.tanh(0.5 * x))


def _compiled(z: Any, capacity_kw: Any, request_kw: Any) -> FloatArray:
    """The same in NumPy: a decision costs microseconds, as array operations it would cost half a millisecond."""
    z, capacity, request = (
        np.asarray(array, dtype=float) for array in (z, capacity_kw, request_kw)
    )
    if not z.shape == capacity.shape == (*request.shape, z.shape[-1]):
        z, capacity, _ = np.broadcast_arrays(z, capacity, request[..., None])
        request = np.broadcast_to(request, z.shape[:-1])
    n = z.shape[-1]
    return _share_out_rows(z.reshape(-1, n), capacity.reshape(-1, n), request.ravel()).reshape(
        z.shape
    )


@compiler()
def _share_out_rows(z, capacity, request):
    """The allocation of each row, (row, der): bisection, then one Newton step."""
    allocation = np.empty(z.shape)
    for row in range(len(z)):
        low, high = -z[row].max() - FLAT, -z[row].min() + FLAT
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            given, _slope = _given(z[row], capacity[row], middle)
            if given < request[row]:
                low = middle
            else:
                high = middle
        middle = 0.5 * (low + high)
        given, slope = _given(z[row], capacity[row], middle)
        shift = middle + (request[row] - given) / max(slope, SMALLEST_SLOPE)
        for k in range(z.shape[1]):
            allocation[row, k] = capacity[row, k] * 0.5 * (1.0 + np.tanh(0.5 * (z[row, k] + shift)))
    return allocation


@compiler()
def _given(z, capacity, shift):
    """What all DERs give at a shift, and its slope."""
    given, slope = 0.0, 0.0
    for k in range(len(z)):
        share = 0.5 * (1.0 + np.tanh(0.5 * (z[k] + shift)))
        given += capacity[k] * share
        slope += capacity[k] * share * (1.0 - share)
    return given, slope


def _halve_traced(z: Any, capacity_kw: Any, request_kw: Any) -> Any:
    """The same in JAX, (...). No derivative goes through it: the Newton step after it has all of it."""
    import jax.numpy as jnp
    from jax import lax

    z, capacity_kw, request_kw = (
        lax.stop_gradient(array) for array in (z, capacity_kw, request_kw)
    )

    def halved(_: int, bracket: Any) -> Any:
        low, high = bracket
        middle = (low + high) / 2
        is_short = (capacity_kw * _sigmoid(z + middle[..., None], jnp)).sum(axis=-1) < request_kw
        return jnp.where(is_short, middle, low), jnp.where(is_short, high, middle)

    low, high = lax.fori_loop(0, HALVINGS, halved, (-z.max(axis=-1) - FLAT, -z.min(axis=-1) + FLAT))
    return (low + high) / 2
