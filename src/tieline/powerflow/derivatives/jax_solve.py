"""The power flow as a function that JAX can differentiate: `voltages = jax_voltages(network)`, then `jax.grad` through it.

The physics stays where it is: JAX calls the compiled solver, and the derivative is the adjoint of `gradients`, one linear
solve. Works under `jit`, `grad` and `vmap`; leading axes of any number become scenarios of one batch. Forward mode
(`jax.jvp`) is not offered; use `gradients.tangent`. Needs the extra `learn`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tieline.errors import MissingExtraError
from tieline.network.network import Network
from tieline.powerflow.derivatives.gradients import adjoint
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution
from tieline.powerflow.solve import solve
from tieline.typing import FloatArray

POWERS = ("load_kw", "load_kvar", "der_kw", "der_kvar")


def jax_voltages(network: Network, **options: Any) -> Callable[..., tuple[Any, Any]]:
    """A differentiable function from powers to voltages.

    Args:
        network: feeder arrays.
        options: further keywords of `solve` that stay as they are, such as `taps`, `line_closed` or `tolerance`. Controls are
            off, since what they do has no derivative.

    Returns:
        f(load_kw, load_kvar, der_kw, der_kvar) -> (real parts, imaginary parts) of the voltages [pu]. Inputs are (..., load) or
        (..., DER) [kW, kvar] with the same leading axes, results (..., node); NaN where there is no answer. Results have the
        floating type of `load_kw`; turn on JAX's 64-bit types for voltages better than 1e-7.

    Raises:
        MissingExtraError: if JAX is not installed.
    """
    jax = _jax()
    # every call gives all powers, so that no generator holds a voltage
    base_inputs = {"der_kvar": network.devices.der_kvar, **options}
    base = solve(network, **base_inputs, controls="off")
    return _with_adjoint(jax, _Callbacks(network, options, base))


@dataclass(frozen=True, eq=False)
class _Callbacks:
    """What JAX calls outside its compiled code, NumPy arrays in and out."""

    network: Network
    options: dict[str, Any]
    base: Solution

    def voltages(self, *powers: Any) -> tuple[FloatArray, FloatArray]:
        """Real and imaginary parts, (..., node) [pu]."""
        inputs = dict(zip(POWERS, _as_rows(powers), strict=True))
        solution = solve(self.network, **inputs, **self.options, controls="off")
        kind = np.asarray(powers[0]).dtype
        axes = np.shape(powers[0])[:-1]
        v = solution.v_pu.reshape(*axes, self.network.n_nodes)
        return v.real.astype(kind), v.imag.astype(kind)

    def gradients(
        self, re: Any, im: Any, bar_re: Any, bar_im: Any, *powers: Any
    ) -> tuple[FloatArray, ...]:
        """Derivatives by the powers, where those by the voltages are `bar_re` and `bar_im`."""
        n_nodes = self.network.n_nodes
        v = _complex_rows(re, im, n_nodes)
        bar = _complex_rows(bar_re, bar_im, n_nodes)
        solution = _as_solution(self.base, v, _as_rows(powers))
        gradient = adjoint(solution, bar)
        parts = [getattr(gradient, name) for name in POWERS]
        return tuple(
            _shaped_as(power, part) for power, part in zip(powers, parts, strict=True)
        )


def _with_adjoint(jax: Any, callbacks: _Callbacks) -> Callable[..., tuple[Any, Any]]:
    """The voltages as a function of JAX that has its derivative."""
    n_nodes = callbacks.network.n_nodes

    @jax.custom_vjp
    def voltages(
        load_kw: Any, load_kvar: Any, der_kw: Any, der_kvar: Any
    ) -> tuple[Any, Any]:
        part = jax.ShapeDtypeStruct((*load_kw.shape[:-1], n_nodes), load_kw.dtype)
        return jax.pure_callback(
            callbacks.voltages,
            (part, part),
            load_kw,
            load_kvar,
            der_kw,
            der_kvar,
            vmap_method="broadcast_all",
        )

    # The adjoint needs the solved voltages: kept, they spare it a second power flow.
    def forward(*powers: Any) -> tuple[Any, Any]:
        answer = voltages(*powers)
        return answer, (*answer, *powers)

    def backward(forward_values: Any, bar: Any) -> Any:
        re, im, *powers = forward_values
        shapes = tuple(
            jax.ShapeDtypeStruct(power.shape, power.dtype) for power in powers
        )
        arguments = (re, im, *bar, *powers)
        return jax.pure_callback(
            callbacks.gradients, shapes, *arguments, vmap_method="broadcast_all"
        )

    voltages.defvjp(forward, backward)
    return voltages


def _jax() -> Any:
    try:
        import jax
    except ImportError:
        raise MissingExtraError(
            "jax", "learn", "Differentiating a power flow in JAX"
        ) from None
    return jax


def _complex_rows(re: Any, im: Any, width: int) -> np.ndarray:
    """Real and imaginary parts with any leading axes as complex numbers, (scenario, width)."""
    numbers = np.asarray(re) + 1j * np.asarray(im)
    return np.reshape(numbers, (-1, width))


def _shaped_as(example: Any, values: FloatArray) -> FloatArray:
    """The values in shape and type of an input, as JAX demands of a derivative."""
    return values.reshape(np.shape(example)).astype(np.asarray(example).dtype)


def _as_rows(powers: tuple[Any, ...]) -> list[FloatArray]:
    """Every array as (scenario, input)."""
    axes = np.shape(powers[0])[:-1]
    # said, not left to -1: a feeder without DERs has columns of width 0
    count = int(np.prod(axes))
    rows = []
    for power in powers:
        array = np.asarray(power, dtype=float)
        rows.append(array.reshape(count, array.shape[-1]))
    return rows


def _as_solution(base: Solution, v: np.ndarray, powers: list[FloatArray]) -> Solution:
    """The solution that has these voltages, with taps and switches as in `base`."""
    load_kw, load_kvar, der_kw, der_kvar = powers
    is_answered = np.isfinite(v).all(axis=1)
    return replace(
        base,
        v_pu=v,
        outcome=np.where(is_answered, Outcome.CONVERGED, Outcome.DIVERGED),
        iterations=np.zeros(len(v), dtype=np.int64),
        taps=np.broadcast_to(base.taps[:1], (len(v), base.taps.shape[1])),
        p_kw=np.hstack([load_kw, -der_kw]),
        q_kvar=np.hstack([load_kvar, -der_kvar]),
    )
