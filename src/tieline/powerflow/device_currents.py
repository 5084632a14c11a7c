"""The currents of loads and DERs at given voltages, LANES scenarios at a time.

A device branch between two nodes takes i = (g - j b) v, where g + j b is its power over |v|^2: constant for a constant
impedance, falling with 1/|v| for a constant current and with 1/|v|^2 for constant power.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from tieline.powerflow.lanes import LANES, inverse_above, load, root, spread, store
from tieline.typing import BoolArray, FloatArray, IntArray

DEAD_VOLTAGE_SQ = 1e-12
"""Below 1e-6 pu across it a device takes no current: its node is de-energised."""

CONSTANT_POWER_KIND, ZIP_KIND, BAND_KIND = 0, 1, 2
"""Cheapest first; a branch is given the simplest kind that describes it."""


class Devices(NamedTuple):
    """Device branches, see `network.devices.DeviceTable`; node indices are elimination steps.

    `share` turns kW into per unit of a branch. `into_plus`, `into_minus` are where the current goes, -1 for nowhere (ground,
    or a node whose voltage is held).
    """

    kind: IntArray
    device: IntArray
    plus: IntArray
    minus: IntArray
    into_plus: IntArray
    into_minus: IntArray
    share: FloatArray
    per_rated: FloatArray
    zip_p: FloatArray
    zip_q: FloatArray
    band: FloatArray
    power_outside: BoolArray


@njit(cache=True, error_model="numpy")
def admittance_factor(u, share_z, share_i, share_p, low, minimum, maximum, power_outside):
    """Admittance of a branch relative to rated, at voltage u [pu of rated], with OpenDSS' load band.

    Inside the band ZIP; above `maximum` the admittance found there; below `minimum` the current falls on a straight line to
    that of the rated admittance at `low`; below `low` the rated admittance. `power_outside`: take constant power for the
    shares outside the band.
    """
    if minimum < u <= maximum:
        return share_z + share_i / u + share_p / (u * u)
    if power_outside:
        share_z, share_i, share_p = 0.0, 0.0, 1.0
    if u > maximum:
        return share_z + share_i / maximum + share_p / (maximum * maximum)
    if u <= low:
        return share_z + share_i + share_p
    at_minimum = minimum * (share_z + share_i / minimum + share_p / (minimum * minimum))
    at_low = low * (share_z + share_i + share_p)
    return (at_low + (at_minimum - at_low) * (u - low) / (minimum - low)) / u


@njit(cache=True, error_model="numpy")
def subtract_device_currents(vr, vi, xr, xi, p, q, devices, scratch):
    """Take the current of every device branch out of the node currents x.

    Voltages and currents are (node, LANES), the powers p, q (device, LANES), scratch (2, LANES).
    """
    for k in range(len(devices.kind)):
        a, m, e = devices.plus[k], devices.minus[k], devices.device[k]
        dr, di = load(vr, a), load(vi, a)
        if m >= 0:
            dr, di = dr - load(vr, m), di - load(vi, m)
        size = dr * dr + di * di
        g, b = load(p, e), load(q, e)
        if devices.kind[k] == CONSTANT_POWER_KIND:
            inverse = inverse_above(size, DEAD_VOLTAGE_SQ) * spread(devices.share[k])
            g, b = g * inverse, b * inverse
        elif devices.kind[k] == ZIP_KIND:
            inverse = inverse_above(size, DEAD_VOLTAGE_SQ)
            fp, fq = _zip_factors(inverse, root(inverse), k, devices)
            g, b = g * fp, b * fq
        else:
            store(scratch, 0, size)
            _band_factors(scratch, k, devices)
            g, b = g * load(scratch, 0), b * load(scratch, 1)
        cr, ci = g * dr + b * di, g * di - b * dr
        a, m = devices.into_plus[k], devices.into_minus[k]
        if a >= 0:
            store(xr, a, load(xr, a) - cr)
            store(xi, a, load(xi, a) - ci)
        if m >= 0:
            store(xr, m, load(xr, m) + cr)
            store(xi, m, load(xi, m) + ci)


@njit(cache=True, error_model="numpy", inline="always")
def _zip_factors(inverse, inverse_root, k, devices):
    """Admittance per power of a ZIP branch, for P and for Q, from 1/|v|^2 and 1/|v|."""
    share, w = devices.share[k], devices.per_rated[k]
    fp = spread(share * w * w * devices.zip_p[k, 0]) + spread(share * w * devices.zip_p[k, 1]) * inverse_root
    fq = spread(share * w * w * devices.zip_q[k, 0]) + spread(share * w * devices.zip_q[k, 1]) * inverse_root
    return fp + spread(share * devices.zip_p[k, 2]) * inverse, fq + spread(share * devices.zip_q[k, 2]) * inverse


@njit(cache=True, error_model="numpy")
def _band_factors(scratch, k, devices):
    """Admittance per power of a branch with a load band: row 0 of scratch holds |v|^2, then rows 0 and 1 the factors of P and
    Q.
    """
    w, band, outside = devices.per_rated[k], devices.band[k], devices.power_outside[k]
    zp, zq, scale = devices.zip_p[k], devices.zip_q[k], devices.share[k] * w * w
    for b in range(LANES):
        u = np.sqrt(scratch[0, b]) * w
        scratch[0, b] = scale * admittance_factor(u, zp[0], zp[1], zp[2], band[0], band[1], band[2], outside)
        scratch[1, b] = scale * admittance_factor(u, zq[0], zq[1], zq[2], band[0], band[1], band[2], outside)
