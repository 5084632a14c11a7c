"""What loads and DERs really take at given voltages: the voltage dependence of `kernel/device_currents.py`, evaluated
once for reporting.
"""

from __future__ import annotations

import numpy as np

from tieline.network.devices import GROUND, DeviceTable
from tieline.network.network import Network
from tieline.network.scatter import sum_columns
from tieline.network.supply import dead_nodes_per_scenario
from tieline.powerflow.kernel.device_currents import DEAD_VOLTAGE_SQ
from tieline.powerflow.kernel.voltage_bands import law_of_p, law_of_q, make_bands
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA


def branch_power_kva(
    network: Network,
    v_pu: ComplexArray,
    state: FloatArray,
    p_kw: FloatArray,
    q_kvar: FloatArray,
    use_band: bool,
    branches: IntArray | None = None,
) -> ComplexArray:
    """Complex power that each device branch takes.

    Args:
        network: feeder arrays.
        v_pu: node voltages, (scenario, node).
        state: state vectors, (scenario or 1, state): a branch at a de-energised node takes nothing.
        p_kw, q_kvar: consumption of each device at rated voltage, (scenario or 1, device).
        use_band: apply OpenDSS' load band.
        branches: which branches; all if left out.

    Returns:
        Consumption, (scenario, branch) [kVA]; NaN where the voltages are.
    """
    devices = network.devices
    if branches is None:
        branches = np.arange(len(devices.plus))
    bands = make_bands(devices, branches, use_band)
    across = np.abs(across_pu(devices, v_pu, branches))
    across_sq = (across * _is_live(network, state, branches)) ** 2
    p_factor = law_of_p(bands).power_factors(across_sq)
    q_factor = law_of_q(bands).power_factors(across_sq)
    device = devices.device[branches]
    p = p_kw[:, device] * p_factor
    q = q_kvar[:, device] * q_factor
    kva = (p + 1j * q) * devices.share[branches]
    is_dead = across_sq <= DEAD_VOLTAGE_SQ
    return np.where(is_dead, 0.0, kva)


def _is_live(network: Network, state: FloatArray, branches: IntArray) -> BoolArray:
    """Whether neither end of a branch is de-energised, (scenario or 1, branch); one to ground has no voltage there anyway."""
    plus = network.devices.plus[branches]
    minus = network.devices.minus[branches]
    if (minus == GROUND).all():
        return np.ones((1, len(plus)), dtype=bool)
    dead = dead_nodes_per_scenario(network, state)
    has_dead_minus = dead[:, minus] & (minus != GROUND)
    return ~(dead[:, plus] | has_dead_minus)


def outside_band(devices: DeviceTable, v_pu: ComplexArray) -> BoolArray:
    """Devices with a phase whose voltage is outside the device's band, whatever load model was solved.

    Args:
        devices: loads and DERs.
        v_pu: node voltages, (scenario, node).

    Returns:
        (scenario, device); False where nothing is energised or known.
    """
    across = np.abs(across_pu(devices, v_pu))
    is_live = across**2 > DEAD_VOLTAGE_SQ
    low = devices.band_pu[:, 1]
    high = devices.band_pu[:, 2]
    u = across * devices.per_rated
    is_outside = is_live & ((u < low) | (u > high))
    n_outside = sum_columns(is_outside.astype(float), devices.device, len(devices.p_kw))
    return n_outside > 0


def device_power_kva(devices: DeviceTable, branch_kva: ComplexArray) -> ComplexArray:
    """Sum of the branches of each device, (scenario, branch) -> (scenario, device) [kVA]."""
    return sum_columns(branch_kva, devices.device, len(devices.p_kw))


def node_current_pu(
    devices: DeviceTable, v_pu: ComplexArray, branch_kva: ComplexArray
) -> ComplexArray:
    """Current that the device branches together take from each node, (scenario, node) [pu]."""
    across = across_pu(devices, v_pu)
    has_voltage = np.abs(across) ** 2 > DEAD_VOLTAGE_SQ
    none = 0.0 * across  # NaN stays NaN
    power = branch_kva / S_BASE_KVA
    current = np.conj(np.divide(power, across, out=none, where=has_voltage))
    is_floating = devices.minus >= 0
    n_nodes = v_pu.shape[1]
    leaving = sum_columns(current, devices.plus, n_nodes)
    returning = sum_columns(
        current[:, is_floating], devices.minus[is_floating], n_nodes
    )
    return leaving - returning


def across_pu(
    devices: DeviceTable, v_pu: ComplexArray, branches: IntArray | slice = slice(None)
) -> ComplexArray:
    """Voltage across device branches, all or some, (scenario, branch) [pu of the plus node's base]."""
    plus = devices.plus[branches]
    minus = devices.minus[branches]
    across = v_pu[:, plus]
    floats = np.flatnonzero(minus >= 0)
    # most devices stand to ground, and this runs on every batch
    if len(floats):
        across[:, floats] -= v_pu[:, minus[floats]]
    return across
