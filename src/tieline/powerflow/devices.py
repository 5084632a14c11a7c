"""What loads and DERs really take at given voltages: the voltage dependence that `kernel` iterates on, evaluated once for
reporting.
"""

from __future__ import annotations

import numpy as np

from tieline.network.devices import NO_BAND, DeviceTable
from tieline.network.scatter import sum_columns
from tieline.powerflow.device_currents import BAND_KIND, DEAD_VOLTAGE_SQ
from tieline.powerflow.points import branch_kinds
from tieline.powerflow.voltage_bands import make_bands, power_factors
from tieline.typing import BoolArray, ComplexArray, FloatArray
from tieline.units import S_BASE_KVA


def branch_power_kva(
    devices: DeviceTable, v_pu: ComplexArray, p_kw: FloatArray, q_kvar: FloatArray, use_band: bool
) -> ComplexArray:
    """Complex power that each device branch takes.

    Args:
        devices: loads and DERs.
        v_pu: node voltages, (scenario, node).
        p_kw, q_kvar: consumption of each device at rated voltage, (scenario or 1, device).
        use_band: apply OpenDSS' load band.

    Returns:
        Consumption, (scenario, branch) [kVA]; NaN where the voltages are.
    """
    bands = make_bands(devices, np.arange(len(devices.plus)))
    has_band = branch_kinds(devices, use_band) == BAND_KIND
    edge_sq = np.where(has_band[:, None], bands.edge_sq, NO_BAND)
    across_sq = np.abs(across_pu(devices, v_pu)) ** 2
    is_dead = across_sq <= DEAD_VOLTAGE_SQ
    factor_p, factor_q = (power_factors(across_sq, edge_sq, of_power) for of_power in (bands.of_p, bands.of_q))
    asked = p_kw[:, devices.device] * factor_p + 1j * q_kvar[:, devices.device] * factor_q
    return np.where(is_dead, 0.0, asked * devices.share)


def outside_band(devices: DeviceTable, v_pu: ComplexArray) -> BoolArray:
    """Devices with a phase whose voltage is outside the device's band, whatever load model was solved.

    Args:
        devices: loads and DERs.
        v_pu: node voltages, (scenario, node).

    Returns:
        (scenario, device); False where nothing is energised or known.
    """
    u = np.abs(across_pu(devices, v_pu))
    is_live = u**2 > DEAD_VOLTAGE_SQ
    low, high = devices.band_pu[:, 1], devices.band_pu[:, 2]
    is_outside = is_live & ((u * devices.per_rated < low) | (u * devices.per_rated > high))
    return sum_columns(is_outside.astype(float), devices.device, len(devices.p_kw)) > 0


def device_power_kva(devices: DeviceTable, branch_kva: ComplexArray) -> ComplexArray:
    """Sum of the branches of each device, (scenario, branch) -> (scenario, device) [kVA]."""
    return sum_columns(branch_kva, devices.device, len(devices.p_kw))


def node_current_pu(devices: DeviceTable, v_pu: ComplexArray, branch_kva: ComplexArray) -> ComplexArray:
    """Current that the device branches together take from each node, (scenario, node) [pu]."""
    across = across_pu(devices, v_pu)
    is_dead = np.abs(across) ** 2 <= DEAD_VOLTAGE_SQ
    current = np.conj(branch_kva / S_BASE_KVA / np.where(is_dead, 1.0, across)) * ~is_dead
    floating = devices.minus >= 0
    n_nodes = v_pu.shape[1]
    taken = sum_columns(current, devices.plus, n_nodes)
    return taken - sum_columns(current[:, floating], devices.minus[floating], n_nodes)


def across_pu(devices: DeviceTable, v_pu: ComplexArray) -> ComplexArray:
    """Voltage across each device branch, (scenario, branch) [pu of the plus node's base]."""
    return v_pu[:, devices.plus] - np.where(devices.minus >= 0, v_pu[:, devices.minus], 0.0)
