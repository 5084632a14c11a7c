"""The power of a device by its voltage, with OpenDSS' voltage band, in pieces of one form.

Relative to rated, the admittance of a device branch at the voltage u [pu of rated] is

    y(u) = a + b / u + c / u^2

with coefficients that depend on the piece of the voltage axis:

    up to v_low         (r, 0, 0)                     the rated admittance r
    up to v_min         (s, (r - s) v_low, 0)         the current is on a straight line of slope s between those at the ends,
                        or (y(v_min), 0, 0)           the admittance found at v_min, which jumps to the rated one at v_low
    up to v_max         (z, i, p)                     the ZIP shares
    above               (y(v_max), 0, 0)              the admittance found there

Outside the band other shares may count than inside. A device without a band is inside at any voltage.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.network.devices import DeviceTable
from tieline.typing import BoolArray, FloatArray, IntArray

BELOW_LOW, BELOW_MINIMUM, INSIDE, ABOVE = range(4)
"""Pieces of the voltage axis, from below."""


class Bands(NamedTuple):
    """Pieces of some device branches.

    `edge_sq` (branch, 3): |v|^2 at v_low, v_min, v_max, in per unit of the plus node [pu]. `of_p`, `of_q` (branch, piece, 3):
    coefficients of 1, 1 / |v| and 1 / |v|^2 that give the admittance of P and of Q per unit of power.
    """

    edge_sq: FloatArray
    of_p: FloatArray
    of_q: FloatArray


def make_bands(devices: DeviceTable, branches: IntArray) -> Bands:
    """Pieces of the chosen branches of a device table."""
    edges = devices.band_pu[branches]
    jumps = devices.jumps_low[branches]
    p = _pieces(devices.zip_p[branches], devices.outside_p[branches], edges, jumps)
    q = _pieces(devices.zip_q[branches], devices.outside_q[branches], edges, jumps)
    # From rated voltage to per unit, u = w |v|, so that the solver has no more to multiply by.
    w = devices.per_rated[branches]
    per_volt = np.column_stack([w * w, w, np.ones(len(w))])
    of_p = p * per_volt[:, None, :]
    of_q = q * per_volt[:, None, :]
    edge_pu = edges / w[:, None]
    return Bands(edge_pu**2, of_p, of_q)


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


def power_factors(
    across_sq: FloatArray, edge_sq: FloatArray, pieces: FloatArray
) -> FloatArray:
    """Power relative to rated, (scenario, branch), at |v|^2 across each branch, (scenario, branch) [pu]; none where that is 0."""
    branch = np.arange(len(pieces))
    # The number of edges below a voltage is the number of its piece; squares spare the roots.
    piece = sum((across_sq > edge).astype(np.int8) for edge in edge_sq.T)
    coefficients = pieces[branch, piece]
    factor = coefficients[..., 0] * across_sq
    factor += coefficients[..., 1] * np.sqrt(across_sq)
    return factor + coefficients[..., 2]
