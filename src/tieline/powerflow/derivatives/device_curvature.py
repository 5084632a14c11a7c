"""Second derivatives of what loads and DERs take: by the voltage across them twice, and by voltage and power.

A branch of a device with the voltage d across it takes, in per unit (see `device_currents`),

    i = y(s) d,   s = |d|^2,   y(s) = a + b / sqrt(s) + c / s,

with a, b, c its power of constant impedance, current and power, conjugated; of an exponential load y(s) ~ s^(n / 2 - 1).
Along directions h and k, with s_h = 2 Re(d* h),

    d2i[h, k] = y' (s_h k + s_k h + 2 Re(h* k) d) + y'' s_h s_k d,

and y is linear in the device's P and Q. Directions are taken along 1 and j. OpenDSS' load band has corners and is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tieline.network.devices import DeviceTable
from tieline.powerflow.devices import across_pu
from tieline.powerflow.kernel.device_currents import DEAD_VOLTAGE_SQ
from tieline.powerflow.solution import Solution
from tieline.typing import BoolArray, ComplexArray, FloatArray
from tieline.units import S_BASE_KVA

ALONG = np.array([1.0, 1j])
"""The directions of a voltage: its real and its imaginary part."""


@dataclass(frozen=True, eq=False)
class DeviceCurvature:
    """Derivatives of the current of each device branch [pu].

    Attributes:
        by_power: of the current part that belongs to P and to Q, by voltage, (2, branch, direction).
        by_voltage: of the whole current, by voltage twice, (branch, direction, direction).
    """

    by_power: ComplexArray
    by_voltage: ComplexArray


def device_curvature(solution: Solution) -> DeviceCurvature:
    """Derivatives at the first scenario of a solution with loads that have no band."""
    devices = solution.network.devices
    d = across_pu(devices, solution.v_pu[:1])[0]
    s = np.abs(d) ** 2
    is_dead = s <= DEAD_VOLTAGE_SQ
    s[is_dead] = 1.0  # whatever keeps the quotients finite: no power is left there
    p = _branch_power(devices, solution.p_kw[0], is_dead)
    # A current takes the conjugate of a power, which turns Q by -j.
    q = -1j * _branch_power(devices, solution.q_kvar[0], is_dead)
    of_p, of_q = (
        _exponential_or_zip(shares, exponent, devices.per_rated, s)
        for shares, exponent in zip(
            (devices.zip_p, devices.zip_q), devices.exponents.T, strict=True
        )
    )
    y = np.stack([of_p.value * p, of_q.value * q])
    slope = np.stack([of_p.slope * p, of_q.slope * q])
    bend = of_p.bend * p + of_q.bend * q
    s_along = 2 * (np.conj(d)[:, None] * ALONG).real
    # The product rule of i = y(s) d: the voltage itself moves, and with it the admittance.
    of_voltage = y[..., None] * ALONG
    of_admittance = slope[..., None] * (s_along * d[:, None])
    by_power = of_voltage + of_admittance
    by_voltage = _second_derivative(d, s_along, slope.sum(axis=0), bend)
    return DeviceCurvature(by_power, by_voltage)


def _second_derivative(
    d: ComplexArray, s_along: FloatArray, slope: ComplexArray, bend: ComplexArray
) -> ComplexArray:
    """d2i[h, k] along 1 and j, (branch, direction, direction), from y' and y'' of each branch."""
    d = d[:, None, None]
    s_h = s_along[:, :, None]
    s_k = s_along[:, None, :]
    s_h_k = s_h * ALONG
    s_k_h = s_h_k.transpose(0, 2, 1)
    # 1 and j are perpendicular: Re(h* k) is 1 for h = k, else 0
    re_hk_d = np.eye(2) * d
    of_slope = slope[:, None, None] * (s_h_k + s_k_h + 2 * re_hk_d)
    of_bend = bend[:, None, None] * (s_h * s_k * d)
    return of_slope + of_bend


def _branch_power(
    devices: DeviceTable, power: FloatArray, is_dead: BoolArray
) -> FloatArray:
    """P or Q of each branch from that of its device, (device,) -> (branch,) [pu]; none where it is dead."""
    per_branch = power[devices.device] * devices.share / S_BASE_KVA
    return np.where(is_dead, 0.0, per_branch)


class _Admittance(NamedTuple):
    """y(s), y'(s), y''(s) of each branch per unit of power, (branch,)."""

    value: FloatArray
    slope: FloatArray
    bend: FloatArray


def _exponential_or_zip(
    shares: FloatArray, exponent: FloatArray, per_rated: FloatArray, s: FloatArray
) -> _Admittance:
    """Of exponential loads s^(n / 2 - 1), of the others by their shares."""
    of_zip = _zip(shares, per_rated, s)
    order = exponent / 2 - 1
    value = per_rated**exponent * s**order
    slope = order * value / s
    bend = (order - 1) * slope / s
    is_zip = np.isnan(exponent)
    return _Admittance(
        value=np.where(is_zip, of_zip.value, value),
        slope=np.where(is_zip, of_zip.slope, slope),
        bend=np.where(is_zip, of_zip.bend, bend),
    )


def _zip(shares: FloatArray, per_rated: FloatArray, s: FloatArray) -> _Admittance:
    a = shares[:, 0] * per_rated**2
    b = shares[:, 1] * per_rated
    c = shares[:, 2]
    # The terms in b and c; each derivative lowers their powers of s, -1/2 and -1, by one.
    b_term = b / np.sqrt(s)
    c_term = c / s
    value = a + b_term + c_term
    slope = -(b_term / 2 + c_term) / s
    bend = (3 / 4 * b_term + 2 * c_term) / s**2
    return _Admittance(value, slope, bend)
