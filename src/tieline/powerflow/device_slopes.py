"""Slopes of the currents of loads and DERs by the voltages across them.

A device branch with the voltage d across it takes i = y(s) d, s = |d|^2, and

    di = (y + y' s) dd + y' d^2 conj(dd)

with the y(s) of the load model in force at d (`kernel/voltage_bands`). At an edge of the band, where the slope
jumps, it is that of the side below.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.network.devices import DeviceTable
from tieline.powerflow.devices import across_pu
from tieline.powerflow.kernel.device_currents import DEAD_VOLTAGE_SQ
from tieline.powerflow.kernel.voltage_bands import law_of_p, law_of_q, make_bands
from tieline.typing import ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA


@dataclass(frozen=True, eq=False)
class DeviceSlopes:
    """Device branches at a solution, (scenario, branch) each.

    Attributes:
        across: voltage [pu]; 0 where there is none.
        p_factor, q_factor: power taken relative to what is asked for.
        slope, turn: of the current by the voltage, di = slope dd + turn conj(dd) [pu].
    """

    across: ComplexArray
    p_factor: FloatArray
    q_factor: FloatArray
    slope: ComplexArray
    turn: ComplexArray


def device_slopes(
    devices: DeviceTable,
    v_pu: ComplexArray,
    p_kw: FloatArray,
    q_kvar: FloatArray,
    *,
    use_band: bool,
    branches: IntArray | None = None,
) -> DeviceSlopes:
    """Slopes of device branches.

    Args:
        devices: loads and DERs.
        v_pu: solved voltages, (scenario, node).
        p_kw, q_kvar: what devices ask for at rated voltage, (scenario or 1, device).
        use_band: apply OpenDSS' load band.
        branches: which branches; all if left out.
    """
    if branches is None:
        branches = np.arange(len(devices.plus))
    across = across_pu(devices, v_pu, branches)
    square = np.abs(across) ** 2
    is_dead = square <= DEAD_VOLTAGE_SQ
    # any number above zero will do for s where there is no voltage: the power there is zero
    s = np.where(is_dead, 1.0, square)
    bands = make_bands(devices, branches, use_band)
    p_admittance, p_slope = law_of_p(bands).admittances(s)
    q_admittance, q_slope = law_of_q(bands).admittances(s)
    device = devices.device[branches]
    kva = np.where(is_dead, 0.0, devices.share[branches]) / S_BASE_KVA
    p = p_kw[:, device] * kva
    q = q_kvar[:, device] * kva
    y = p * p_admittance - 1j * q * q_admittance
    y_slope = p * p_slope - 1j * q * q_slope
    return DeviceSlopes(
        across=np.where(is_dead, 0.0, across),
        p_factor=p_admittance * s,
        q_factor=q_admittance * s,
        slope=y + y_slope * s,
        turn=y_slope * across**2,
    )
