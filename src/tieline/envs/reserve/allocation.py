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


def project(
    wanted_kw: FloatArray, capacity_kw: FloatArray, request_kw: FloatArray
) -> FloatArray:
    """The allocation nearest to what was wanted.

    Args:
        wanted_kw: any numbers, (episode, der) [kW].
        capacity_kw: (episode, der) [kW], >= 0.
        request_kw: (episode,) [kW], between 0 and the sum of capacities.

    Returns:
        The allocation, (episode, der) [kW].
    """
    # a DER enters its range at the shift -wanted and leaves it at capacity - wanted: there the sum has a corner
    corners = np.concatenate([-wanted_kw, capacity_kw - wanted_kw], axis=1)
    shifts = np.sort(corners, axis=1)
    shifted_kw = wanted_kw[:, None, :] + shifts[:, :, None]
    in_range_kw = np.clip(shifted_kw, 0.0, capacity_kw[:, None, :])
    sums = in_range_kw.sum(axis=2)
    shift = _crossing(shifts, sums, request_kw)
    moved_kw = wanted_kw + shift[:, None]
    return np.clip(moved_kw, 0.0, capacity_kw)


def _crossing(
    shifts: FloatArray, sums: FloatArray, request_kw: FloatArray
) -> FloatArray:
    """Where the broken line of each row, through (shift, sum), reaches the request, (episode,)."""
    rows = np.arange(len(shifts))
    is_below = sums < request_kw[:, None]
    n_below = is_below.sum(axis=1)
    # a request of nothing, or of all, lies at an end of the line: its piece is the first or the last
    right = np.clip(n_below, 1, shifts.shape[1] - 1)
    left_end = right - 1
    left_sum = sums[rows, left_end]
    rise = sums[rows, right] - left_sum
    missing = request_kw - left_sum
    # a flat piece: any shift of it serves, the left end is taken
    no_part = np.zeros_like(rise)
    share = np.divide(missing, rise, out=no_part, where=rise > 0)
    left_shift = shifts[rows, left_end]
    width = shifts[rows, right] - left_shift
    return left_shift + np.clip(share, 0.0, 1.0) * width


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
    served = capacity_kw * share
    slope = (served * (1 - share)).sum(axis=-1)
    missing = request_kw - served.sum(axis=-1)
    # one Newton step: the bisection carries no derivative, this does
    shift = middle + missing / xp.maximum(slope, SMALLEST_SLOPE)
    return capacity_kw * _sigmoid(z + shift[..., None], xp)


def _sigmoid(x: Any, xp: Any) -> Any:
    return 0.5 * (1.0 + xp.tanh(0.5 * x))


def _compiled(z: Any, capacity_kw: Any, request_kw: Any) -> FloatArray:
    """The same in NumPy: a decision costs microseconds, as array operations it would cost half a millisecond."""
    z = np.asarray(z, dtype=float)
    capacity = np.asarray(capacity_kw, dtype=float)
    request = np.asarray(request_kw, dtype=float)
    n = z.shape[-1]
    # broadcasting costs more than the allocation of a single decision
    if not z.shape == capacity.shape == (*request.shape, n):
        z, capacity, _ = np.broadcast_arrays(
            z,
            capacity,
            request[..., None],
        )
        request = np.broadcast_to(request, z.shape[:-1])
    z_rows = z.reshape(-1, n)
    capacity_rows = capacity.reshape(-1, n)
    rows = _share_out_rows(z_rows, capacity_rows, request.ravel())
    return rows.reshape(z.shape)


@compiler()
def _share_out_rows(z, capacity, request):
    """The allocation of each row, (row, der): bisection, then one Newton step."""
    allocation = np.empty(z.shape)
    for row in range(len(z)):
        # below and above these shifts every sigmoid is flat: all give nothing, or all they can
        low = -z[row].max() - FLAT
        high = -z[row].min() + FLAT
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            total, _slope = _served(z[row], capacity[row], middle)
            if total < request[row]:
                low = middle
            else:
                high = middle
        middle = 0.5 * (low + high)
        total, slope = _served(z[row], capacity[row], middle)
        missing = request[row] - total
        shift = middle + missing / max(slope, SMALLEST_SLOPE)
        for k in range(z.shape[1]):
            share = 0.5 * (1.0 + np.tanh(0.5 * (z[row, k] + shift)))
            allocation[row, k] = capacity[row, k] * share
    return allocation


@compiler()
def _served(z, capacity, shift):
    """What all DERs give together at a shift, and its slope."""
    total = 0.0
    slope = 0.0
    for k in range(len(z)):
        share = 0.5 * (1.0 + np.tanh(0.5 * (z[k] + shift)))
        power = capacity[k] * share
        total += power
        slope += power * (1.0 - share)
    return total, slope


def _halve_traced(z: Any, capacity_kw: Any, request_kw: Any) -> Any:
    """The same in JAX, (...). No derivative goes through it: the Newton step after it has all of it."""
    import jax.numpy as jnp
    from jax import lax

    z = lax.stop_gradient(z)
    capacity_kw = lax.stop_gradient(capacity_kw)
    request_kw = lax.stop_gradient(request_kw)

    def halve(_: int, bracket: Any) -> Any:
        low, high = bracket
        middle = (low + high) / 2
        share = _sigmoid(z + middle[..., None], jnp)
        served = capacity_kw * share
        is_short = served.sum(axis=-1) < request_kw
        low = jnp.where(is_short, middle, low)
        high = jnp.where(is_short, high, middle)
        return low, high

    bracket = (-z.max(axis=-1) - FLAT, -z.min(axis=-1) + FLAT)
    low, high = lax.fori_loop(0, HALVINGS, halve, bracket)
    return (low + high) / 2
