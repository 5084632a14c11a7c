"""The power of a device by its voltage, with OpenDSS' voltage band, in pieces of one form.

Relative to rated, the admittance of a device branch at the voltage u [pu of rated] is

    y(u) = a + b / u + c / u^2

with coefficients that depend on the piece of the voltage axis:

    up to v_low         (r, 0, 0)                     the rated admittance r
    up to v_min         (s, (r - s) v_low, 0)         the current is on a straight line of slope s between those at the ends,
                        or (y(v_min), 0, 0)           the admittance found at v_min, which jumps to the rated one at v_low
    up to v_max         (z, i, p)                     the ZIP shares
    above               (y(v_max), 0, 0)              the admittance found there

Outside the band other shares may count than inside. A device without a band is inside at any voltage. An exponential load
has u^(n - 2) inside in place of the three terms.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.network.devices import NO_BAND, DeviceTable
from tieline.typing import BoolArray, FloatArray, IntArray

BELOW_LOW, BELOW_MINIMUM, INSIDE, ABOVE = range(4)
"""Pieces of the voltage axis, from below."""


class Bands(NamedTuple):
    """Pieces of some device branches.

    `edge_sq` (branch, 3): |v|^2 at v_low, v_min, v_max, in per unit of the plus node [pu]. `of_p`, `of_q` (branch, piece, 3):
    coefficients of 1, 1 / |v| and 1 / |v|^2 that give the admittance of P and of Q per unit of power. Of an exponential load
    `scale_*` (|v|^2)^`exponent_*` is that admittance inside, (branch,); NaN of the others.
    """

    edge_sq: FloatArray
    of_p: FloatArray
    of_q: FloatArray
    exponent_p: FloatArray
    exponent_q: FloatArray
    scale_p: FloatArray
    scale_q: FloatArray


def has_bands(devices: DeviceTable, use_band: bool) -> BoolArray:
    """Branches with a voltage band that is in force, (branch,)."""
    return use_band & (devices.band_pu != NO_BAND).any(axis=1)


def make_bands(devices: DeviceTable, branches: IntArray, use_band: bool) -> Bands:
    """Pieces of the chosen branches of a device table; without a band all is inside."""
    has_band = has_bands(devices, use_band)[branches]
    edges = np.where(has_band[:, None], devices.band_pu[branches], NO_BAND)
    jumps = devices.jumps_low[branches]
    p = _pieces(devices.zip_p[branches], devices.outside_p[branches], edges, jumps)
    q = _pieces(devices.zip_q[branches], devices.outside_q[branches], edges, jumps)
    # From rated voltage to per unit, u = w |v|, so that the solver has no more to multiply by.
    w = devices.per_rated[branches]
    per_volt = np.column_stack([w * w, w, np.ones(len(w))])
    of_p = p * per_volt[:, None, :]
    of_q = q * per_volt[:, None, :]
    edge_pu = edges / w[:, None]
    exponents = devices.exponents[branches]
    scales = w[:, None] ** exponents
    of_squares = exponents / 2 - 1
    return Bands(edge_pu**2, of_p, of_q, *of_squares.T, *scales.T)


def _pieces(
    inside: FloatArray, outside: FloatArray, edges: FloatArray, jumps: BoolArray
) -> FloatArray:
    """Coefficients by rated voltage, (branch, piece, 3)."""
    low, minimum, maximum = edges.T
    rated = outside.sum(axis=1)
    # A branch that jumps has the admittance of v_min: a straight line of the current through the origin.
    line_start = np.where(jumps, 0.0, low)
    slope = _slope(outside, rated, line_start, minimum)
    pieces = np.zeros((len(inside), 4, 3))
    pieces[:, BELOW_LOW, 0] = rated
    pieces[:, BELOW_MINIMUM, 0] = slope
    pieces[:, BELOW_MINIMUM, 1] = np.where(jumps, 0.0, (rated - slope) * low)
    pieces[:, INSIDE] = inside
    pieces[:, ABOVE, 0] = (
        outside[:, 0] + outside[:, 1] / maximum + outside[:, 2] / maximum**2
    )
    return pieces


def _slope(
    outside: FloatArray, rated: FloatArray, low: FloatArray, minimum: FloatArray
) -> FloatArray:
    """Slope of the current between v_low and v_min, (branch,); 0 where there is nothing between them."""
    has_piece = minimum > low
    v_min = np.where(has_piece, minimum, 1.0)
    current = outside[:, 0] * v_min + outside[:, 1] + outside[:, 2] / v_min
    rise = current - rated * low
    width = np.where(has_piece, minimum - low, 1.0)
    return np.where(has_piece, rise / width, 0.0)


class Law(NamedTuple):
    """The admittance per unit of power by |v|^2 of some branches: `pieces` (branch, piece, 3), and of exponential loads inside
    their band `scale` (|v|^2)^`exponent`, (branch,).
    """

    edge_sq: FloatArray
    pieces: FloatArray
    exponent: FloatArray
    scale: FloatArray

    def power_factors(self, across_sq: FloatArray) -> FloatArray:
        """Power relative to rated, (scenario, branch), at |v|^2 across each branch, (scenario, branch) [pu]; none where that
        is 0.
        """
        constant, of_root, of_square = np.moveaxis(self._coefficients(across_sq), -1, 0)
        factor = constant * across_sq + of_root * np.sqrt(across_sq) + of_square
        inside = self._inside_exponential(across_sq)
        if not inside.any():
            return factor
        power = self.scale * across_sq ** (self.exponent + 1)
        return np.where(inside, power, factor)

    def admittances(self, s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Admittance and its slope by |v|^2, (scenario, branch) each, at |v|^2 = s > 0."""
        constant, of_root, of_square = np.moveaxis(self._coefficients(s), -1, 0)
        root_term = of_root / np.sqrt(s)
        square_term = of_square / s
        y = constant + root_term + square_term
        # each derivative lowers the powers of s, -1/2 and -1, by one
        slope = -(root_term / 2 + square_term) / s
        inside = self._inside_exponential(s)
        if not inside.any():
            return y, slope
        power = self.scale * s**self.exponent
        power_slope = self.exponent * power / s
        return np.where(inside, power, y), np.where(inside, power_slope, slope)

    def _coefficients(self, across_sq: FloatArray) -> FloatArray:
        """Of the piece that each branch is on, (scenario, branch, 3)."""
        return self.pieces[np.arange(len(self.pieces)), self._piece(across_sq)]

    def _piece(self, across_sq: FloatArray) -> IntArray:
        """The number of edges below a voltage; squares spare the roots."""
        passed = [across_sq > edge for edge in self.edge_sq.T]
        return np.asarray(np.sum(passed, axis=0, dtype=np.int64))

    def _inside_exponential(self, across_sq: FloatArray) -> BoolArray:
        """Exponential loads inside their band, (scenario, branch)."""
        is_exponential = np.isfinite(self.exponent)
        if not is_exponential.any():
            return is_exponential
        return is_exponential & (self._piece(across_sq) == INSIDE)


def law_of_p(bands: Bands) -> Law:
    """That of active power."""
    return Law(bands.edge_sq, bands.of_p, bands.exponent_p, bands.scale_p)


def law_of_q(bands: Bands) -> Law:
    """That of reactive power."""
    return Law(bands.edge_sq, bands.of_q, bands.exponent_q, bands.scale_q)
