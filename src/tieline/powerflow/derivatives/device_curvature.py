"""Second derivatives of what loads and DERs take: by the voltage across them twice, and by voltage and power.

A branch of a device with the voltage d across it takes, in per unit (see `device_currents`),

    i = y(s) d,   s = |d|^2,   y(s) = a + b / sqrt(s) + c / s,

with a, b, c its power of constant impedance, current and power, conjugated. Along directions h and k, with s_h = 2 Re(d* h),

    d2i[h, k] = y' (s_h k + s_k h + 2 Re(h* k) d) + y'' s_h s_k d,

and y is linear in the device's P and Q. Directions are taken along 1 and j. OpenDSS' load band has corners and is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.powerflow.devices import across_pu
from tieline.powerflow.kernel.device_currents import DEAD_VOLTAGE_SQ
from tieline.powerflow.solution import Solution
from tieline.typing import ComplexArray, FloatArray
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
    """Derivatives at the first scenario of a solution with ZIP loads."""
    devices = solution.network.devices
    d = across_pu(devices, solution.v_pu[:1])[0]
    is_dead = np.abs(d) ** 2 <= DEAD_VOLTAGE_SQ
    s = np.where(is_dead, 1.0, np.abs(d) ** 2)
    parts = [_admittance(share, devices.per_rated, s) for share in (devices.zip_p, devices.zip_q)]
    power = (
        np.stack([solution.p_kw[0], -1j * solution.q_kvar[0]])[:, devices.device]
        * devices.share
        / S_BASE_KVA
    )
    y, slope, bend = (
        np.stack([part[k] for part in parts]) * np.where(is_dead, 0.0, power) for k in range(3)
    )
    s_along = 2 * (np.conj(d)[:, None] * ALONG).real
    by_power = y[..., None] * ALONG + slope[..., None] * s_along * d[:, None]
    mixed = s_along[:, :, None] * ALONG
    twice = mixed + mixed.transpose(0, 2, 1) + 2 * np.eye(2) * d[:, None, None]
    square = s_along[:, :, None] * s_along[:, None, :] * d[:, None, None]
    by_voltage = slope.sum(axis=0)[:, None, None] * twice + bend.sum(axis=0)[:, None, None] * square
    return DeviceCurvature(by_power, by_voltage)


def _admittance(
    shares: FloatArray, per_rated: FloatArray, s: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """y(s), y'(s), y''(s) of each branch per unit of power, (branch,) each."""
    a = shares[:, 0] * per_rated**2
    b = shares[:, 1] * per_rated
    c = shares[:, 2]
    root = np.sqrt(s)
    return (
        a + b / root + c / s,
        -b / (2 * root * s) - c / s**2,
        3 * b / (4 * root * s**2) + 2 * c / s**3,
    )
