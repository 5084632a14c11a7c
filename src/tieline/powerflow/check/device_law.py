"""The admittance of device branches at given voltages, as `DeviceTable` describes them: written anew for the check, branch by
branch and by the text of OpenDSS' voltage band, where the solver adds branches up and tabulates pieces.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.powerflow.kernel.compiled import inlined, leaf
from tieline.powerflow.kernel.device_currents import DEAD_VOLTAGE_SQ
from tieline.powerflow.kernel.lanes import LANES, inverse_above, root, spread, store
from tieline.typing import BoolArray, FloatArray, IntArray


class Branches(NamedTuple):
    """Device branches, (branch,) each, as in `DeviceTable`; `share` is in per unit of power per kW. `inside_p`, `inside_q`
    (branch, 3) are `zip_p` and `zip_q` as factors of 1, 1 / |v| and 1 / |v|^2. `is_constant_power`: no others but the last.
    `has_pieces`: with a band in force, or an exponential load; `exponents` (branch, 2) are NaN of all others.
    """

    device: IntArray
    plus: IntArray
    minus: IntArray
    share: FloatArray
    per_rated: FloatArray
    zip_p: FloatArray
    zip_q: FloatArray
    inside_p: FloatArray
    inside_q: FloatArray
    is_constant_power: BoolArray
    has_pieces: BoolArray
    band: FloatArray
    exponents: FloatArray
    outside_p: FloatArray
    outside_q: FloatArray
    jumps_low: BoolArray


@inlined
def zip_factors(size, zip_p, zip_q):
    """Admittance of a branch per power, of P and of Q, where |v|^2 is `size`; shares as in `Branches`."""
    inverse = inverse_above(size, DEAD_VOLTAGE_SQ)
    inverse_root = root(inverse)
    of_p = (
        spread(zip_p[0]) + inverse_root * spread(zip_p[1]) + inverse * spread(zip_p[2])
    )
    of_q = (
        spread(zip_q[0]) + inverse_root * spread(zip_q[1]) + inverse * spread(zip_q[2])
    )
    return of_p, of_q


@inlined
def power_factor(size, share):
    """The same of a branch of constant power."""
    return inverse_above(size, DEAD_VOLTAGE_SQ) * spread(share)


@leaf
def fill_factors_of_band(k, size, branches, factor):
    """The same of branch k with a voltage band or exponents, into the first two rows of `factor`."""
    store(factor, 0, size)
    is_zip = np.isnan(branches.exponents[k, 0])
    if is_zip and _all_inside(branches.per_rated[k], branches.band[k], factor):
        of_p, of_q = zip_factors(size, branches.inside_p[k], branches.inside_q[k])
        store(factor, 0, of_p)
        store(factor, 1, of_q)
        return
    w = branches.per_rated[k]
    # Lanes lie on different pieces: one at a time, as the text of the model says it.
    for b in range(LANES):
        u = np.sqrt(factor[0, b]) * w
        relative_p = _admittance_factor(
            u,
            k,
            branches.zip_p[k],
            branches.exponents[k, 0],
            branches.outside_p[k],
            branches,
        )
        relative_q = _admittance_factor(
            u,
            k,
            branches.zip_q[k],
            branches.exponents[k, 1],
            branches.outside_q[k],
            branches,
        )
        factor[0, b] = w * w * relative_p
        factor[1, b] = w * w * relative_q


@leaf
def _all_inside(w, band, factor):
    """Whether a branch is inside its voltage band in every lane; the first row of `factor` holds |v|^2."""
    low_sq = (band[1] / w) ** 2
    high_sq = (band[2] / w) ** 2
    is_inside = True
    for b in range(LANES):
        is_inside = is_inside and low_sq < factor[0, b] <= high_sq
    return is_inside


@leaf
def _admittance_factor(u, k, shares, exponent, outside, branches):
    """Admittance of branch k relative to rated, with OpenDSS' voltage band.

    Above the maximum the admittance is the one found there. Below the minimum the current falls on a straight line to that of the
    rated admittance at `low`, or the admittance is the one found at the minimum, if the branch jumps. Below `low` it is rated.

    Args:
        u: voltage [pu of rated].
        k: number of the branch.
        shares: of constant impedance, current, power inside the band.
        exponent: of an exponential load, which has it in place of the shares; else NaN.
        outside: the shares that count outside.
        branches: with the band, low, minimum and maximum.
    """
    low = branches.band[k, 0]
    minimum = branches.band[k, 1]
    maximum = branches.band[k, 2]
    if minimum < u <= maximum:
        if not np.isnan(exponent):
            return u ** (exponent - 2.0)
        return shares[0] + shares[1] / u + shares[2] / (u * u)
    z = outside[0]
    i = outside[1]
    p = outside[2]
    if u > maximum:
        return z + i / maximum + p / (maximum * maximum)
    rated = z + i + p
    if u <= low:
        return rated
    at_minimum = minimum * (z + i / minimum + p / (minimum * minimum))
    if branches.jumps_low[k]:
        return at_minimum / minimum
    at_low = low * rated
    current = at_low + (at_minimum - at_low) * (u - low) / (minimum - low)
    return current / u
