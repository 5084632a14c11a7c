"""A fixed point x = g(x, u) in JAX, with its derivative by the implicit function theorem: no iteration is differentiated.

    dx = (dg/dx) dx + (dg/du) du        hence        u_bar = (dg/du)^T w,        w = x_bar + (dg/dx)^T w

The adjoint w is a fixed point with the same rate of convergence, found by the same loop.

The error of an iterate is estimated as in the kernel, 1.5 step q / (1 - q), with q the quotient of the last two steps. Rows are
independent; the loop ends when all have settled, or are NaN.

Source: B. Christianson, "Reverse accumulation and attractive fixed points", Optimization Methods and Software 3(4), 1994.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

ROUNDING = 1e-14
"""Steps below this share of the largest entry are rounding, whatever their quotient says."""

SAFETY = 1.5
"""Of the estimated error, as in `kernel/iteration.py`."""

ADJOINT_TOLERANCE = 1e-12
"""Of the adjoint, relative to its largest entry: derivatives then have the digits of the answer."""


class Settled(NamedTuple):
    """Where an iteration ended: `value` (..., entry), the estimated `error` of each row (...,), infinite where it diverges and
    NaN where the value is, and the number of iterations of the loop.
    """

    value: Any
    error: Any
    iterations: Any


class Stop(NamedTuple):
    """When to stop: all errors at or below `tolerance`, or `max_iterations`; `is_fixed` always makes all of them."""

    tolerance: float
    max_iterations: int
    is_fixed: bool = False


def fixed_point(
    step: Callable[[Any, Any], Any], stop: Stop
) -> Callable[[Any, Any], Settled]:
    """A function (start, inputs) -> `Settled`, differentiable by the inputs in reverse mode.

    Args:
        step: g(value, inputs) -> value, (..., entry).
        stop: when to stop.

    Returns:
        The function. The derivative of a row that is not asked for is 0; of one whose adjoint does not settle it is NaN.
    """

    @jax.custom_vjp
    def settle(start: Any, inputs: Any) -> Settled:
        return _iterate(lambda value: step(value, inputs), start, stop)

    def forward(start: Any, inputs: Any) -> tuple[Settled, Any]:
        settled = settle(start, inputs)
        return settled, (settled.value, inputs)

    def backward(residuals: Any, bar: Settled) -> tuple[Any, Any]:
        value, inputs = residuals
        adjoint = _adjoint(step, value, inputs, bar.value, stop)
        _, pull = jax.vjp(lambda inputs: step(value, inputs), inputs)
        # where the loop began makes no difference to where it ends
        return jnp.zeros_like(value), pull(adjoint)[0]

    settle.defvjp(forward, backward)
    return settle


def _adjoint(
    step: Callable[[Any, Any], Any], value: Any, inputs: Any, bar: Any, stop: Stop
) -> Any:
    """w = bar + (dg/dx)^T w, (..., entry)."""
    _, pull = jax.vjp(lambda value: step(value, inputs), value)
    size = jnp.abs(bar).max(axis=-1, keepdims=True)
    is_asked = size > 0
    scaled_bar = bar / jnp.where(is_asked, size, 1.0)
    adjoint_stop = stop._replace(tolerance=ADJOINT_TOLERANCE, is_fixed=False)
    settled = _iterate(lambda w: scaled_bar + pull(w)[0], scaled_bar, adjoint_stop)
    has_settled = settled.error[..., None] <= ADJOINT_TOLERANCE * _size(settled.value)
    adjoint = jnp.where(has_settled, settled.value * size, jnp.nan)
    return jnp.where(is_asked, adjoint, 0.0)


def _iterate(step: Callable[[Any], Any], start: Any, stop: Stop) -> Settled:
    """Steps until all rows have settled."""

    class Progress(NamedTuple):
        value: Any
        length: Any
        error: Any
        count: Any

    def goes_on(now: Progress) -> Any:
        is_within = now.count < stop.max_iterations
        if stop.is_fixed:
            return is_within
        # NaN compares false: a row without an answer keeps no other waiting
        is_open = now.error > stop.tolerance
        return is_within & is_open.any()

    def once(now: Progress) -> Progress:
        value = step(now.value)
        length = jnp.abs(value - now.value).max(axis=-1)
        is_rounding = length <= ROUNDING * _size(value)[..., 0]
        error = jnp.where(is_rounding, length, _error(length, now.length))
        return Progress(value, length, error, now.count + 1)

    rows = start.shape[:-1]
    first = Progress(
        start,
        jnp.zeros(rows, start.dtype),
        jnp.full(rows, jnp.inf, start.dtype),
        jnp.zeros((), jnp.int32),
    )
    end = jax.lax.while_loop(goes_on, once, first)
    return Settled(end.value, end.error, end.count)


def _error(length: Any, length_before: Any) -> Any:
    """Estimated distance to the fixed point from the last two steps; infinite unless they shrink."""
    is_shrinking = length < length_before
    quotient = length / jnp.where(is_shrinking, length_before, 1.0)
    rest_of_steps = SAFETY * length * quotient / (1.0 - quotient)
    estimate = jnp.where(is_shrinking, rest_of_steps, jnp.inf)
    return jnp.where(jnp.isnan(length), jnp.nan, estimate)


def _size(value: Any) -> Any:
    """Largest entry of each row, at least 1, (..., 1)."""
    return jnp.maximum(jnp.abs(value).max(axis=-1, keepdims=True), 1.0)
