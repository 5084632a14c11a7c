"""The current of every port at its voltage, in JAX: the law of `kernel/voltage_bands`, all load models.

    i = y d,    y = p a_p(|d|^2) - j q a_q(|d|^2)

with the admittance a(s) = a_0 + a_1 / sqrt(s) + a_2 / s of the piece that s lies on, or scale s^exponent of an exponential load
inside its band. Terms and pieces that no port has are left out when the function is compiled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from tieline.powerflow.kernel.device_currents import DEAD_VOLTAGE_SQ
from tieline.powerflow.kernel.voltage_bands import (
    INSIDE,
    Bands,
    Law,
    law_of_p,
    law_of_q,
)
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class PortCurrents:
    """Currents of ports that follow the laws of `bands`."""

    bands: Bands

    def __call__(self, across: Any, power: Any) -> Any:
        """Currents that the ports take.

        Args:
            across: voltages, real parts and then imaginary ones, (..., 2 port) [pu].
            power: at rated voltage, P and then Q, (..., 2 port) [pu].

        Returns:
            Real parts and then imaginary ones, (..., 2 port) [pu].
        """
        re, im = jnp.split(across, 2, axis=-1)
        p, q = jnp.split(power, 2, axis=-1)
        square = re**2 + im**2
        has_voltage = square > DEAD_VOLTAGE_SQ
        # any number above zero will do where there is no voltage: nothing is taken there
        s = jnp.where(has_voltage, square, 1.0)
        g = jnp.where(has_voltage, p * _admittance(law_of_p(self.bands), s), 0.0)
        b = jnp.where(has_voltage, -q * _admittance(law_of_q(self.bands), s), 0.0)
        return jnp.concatenate([g * re - b * im, g * im + b * re], axis=-1)


def _admittance(law: Law, s: Any) -> Any:
    """Admittance of each port per unit of power, (..., port), at s = |d|^2 > 0."""
    pieces = law.pieces
    total = _coefficient(law, pieces[:, :, 0], s)
    if pieces[:, :, 1].any():
        total = total + _coefficient(law, pieces[:, :, 1], s) / jnp.sqrt(s)
    if pieces[:, :, 2].any():
        total = total + _coefficient(law, pieces[:, :, 2], s) / s
    return _with_exponential(law, s, total)


def _coefficient(law: Law, by_piece: FloatArray, s: Any) -> Any:
    """The coefficient of the piece that s lies on, (..., port)."""
    inside = by_piece[:, INSIDE]
    if not _has_edges(law):
        return inside
    # from the top: each edge that lies above s hands over to the piece below it
    value = jnp.asarray(by_piece[:, -1])
    for piece in (2, 1, 0):
        value = jnp.where(s > law.edge_sq[:, piece], value, by_piece[:, piece])
    return value


def _has_edges(law: Law) -> bool:
    """Whether any port can leave the inside of its band."""
    below = law.edge_sq[:, INSIDE - 1]
    above = law.edge_sq[:, INSIDE]
    return bool((below > 0).any() or np.isfinite(above).any())


def _with_exponential(law: Law, s: Any, total: Any) -> Any:
    """The admittance where exponential loads are inside their band."""
    exponential = np.flatnonzero(np.isfinite(law.exponent))
    if len(exponential) == 0:
        return total
    total = jnp.broadcast_to(total, s.shape)
    s_there = s[..., exponential]
    low_sq = law.edge_sq[exponential, INSIDE - 1]
    high_sq = law.edge_sq[exponential, INSIDE]
    is_inside = (s_there > low_sq) & (s_there <= high_sq)
    power = law.scale[exponential] * s_there ** law.exponent[exponential]
    inside = jnp.where(is_inside, power, total[..., exponential])
    return total.at[..., exponential].set(inside)
