"""Pieces of a model that expands AC around given voltages V0, in the unknowns x = (Re V, Im V).

    P + jQ into a branch = V0 conj(I) + (V - V0) conj(I0)        I0: its current at V0

Currents balance at every node but those whose voltage an ideal source holds; there the row says V = given.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import sparse

from tieline.linear.affine import Affine
from tieline.linear.blocks import above, assemble, beside, selection, times_rows
from tieline.linear.losses import VoltageLoss
from tieline.linear.voltage_model import Drive
from tieline.network.devices import DeviceTable
from tieline.network.matrices import STATES_KEPT
from tieline.network.network import Network
from tieline.typing import ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

NO_VOLTAGE_PU = 1e-6
"""Below this a node has no voltage, such as a neutral: power cannot be taken there."""


def with_source_rows(network: Network, balances: sparse.csr_array) -> sparse.csr_array:
    """Balances of currents, complex (node, node) or real over (Re, Im), in which an ideal source holds its nodes' voltage."""
    if not network.source_is_ideal:
        return balances
    is_source = np.zeros(network.n_nodes)
    is_source[network.source_nodes] = 1.0
    blocks = (len(balances.indptr) - 1) // network.n_nodes
    weight = np.tile(is_source, blocks)
    voltages = sparse.csr_array(sparse.diags_array(weight))
    return times_rows(1 - weight, balances) + voltages


def as_real(matrix: sparse.csr_array) -> sparse.csr_array:
    """A complex matrix as one of real numbers over (Re, Im)."""
    return above(
        beside(matrix.real, -matrix.imag),
        beside(matrix.imag, matrix.real),
    )


def device_drive(
    network: Network, across: ComplexArray, p_factor: FloatArray, q_factor: FloatArray
) -> Drive:
    """Currents of all devices per kW and kvar that they ask for at rated voltage.

    Args:
        network: feeder arrays.
        across: voltage across each device branch, (branch,) [pu].
        p_factor, q_factor: power that a branch takes at that voltage, relative to what it asks for, (branch,).
    """
    devices = network.devices
    # As in AC, a branch without voltage takes nothing.
    per_kva = devices.share * current_per_kva(across, elsewhere=0.0)
    by_kw = _into_nodes(network, devices, p_factor * per_kva)
    by_kvar = _into_nodes(network, devices, q_factor * per_kva * -1j)
    return Drive(by_kw, by_kvar)


def node_drive(network: Network, v_pu: ComplexArray) -> Drive:
    """Currents of power taken between each node and ground; NaN where there is no voltage."""
    nodes = np.arange(network.n_nodes)
    per_kva = -current_per_kva(v_pu, elsewhere=np.nan)
    by_kw = _injected(network, per_kva, nodes, nodes, network.n_nodes)
    by_kvar = _injected(network, per_kva * -1j, nodes, nodes, network.n_nodes)
    return Drive(by_kw, by_kvar)


def current_per_kva(voltage: ComplexArray, elsewhere: float) -> ComplexArray:
    """conj(1 / V) [pu per kVA], and a given number where there is no voltage."""
    current = np.full(voltage.shape, elsewhere, dtype=complex)
    is_live = np.abs(voltage) > NO_VOLTAGE_PU
    live_voltage = np.conj(voltage[is_live])
    current[is_live] = 1 / live_voltage / S_BASE_KVA
    return current


def expanded_flows(
    network: Network, state: FloatArray, v_pu: ComplexArray
) -> tuple[Affine, Affine]:
    """P and Q into every branch at its first end to first order around voltages [kW, kvar]."""
    branch_terminal = network.first_ends
    admittance = network.terminal_admittance(state)[branch_terminal]
    node = network.terminals.node[branch_terminal]
    v = v_pu[node] * S_BASE_KVA
    i = np.asarray(admittance @ v_pu) * S_BASE_KVA
    carried = times_rows(np.conj(v), admittance)  # conj(V0) I = P - jQ
    at_node = selection(node, network.n_nodes)
    i_re = times_rows(i.real, at_node)
    i_im = times_rows(i.imag, at_node)
    p_flow = beside(carried.real + i_re, i_im - carried.imag)
    q_flow = beside(-carried.imag - i_im, i_re - carried.real)
    # The two products count the flow at V0 twice; the constant takes it away once.
    power = v_pu[node] * np.conj(i)
    return Affine(p_flow, -power.real), Affine(q_flow, -power.imag)


def series_loss(network: Network, state: FloatArray) -> VoltageLoss:
    """Loss of lines and transformers as a quadratic form of the voltages; to be read only."""
    return _series_loss(network, np.asarray(state, dtype=float).tobytes())


@lru_cache(maxsize=STATES_KEPT)
def _series_loss(network: Network, state: bytes) -> VoltageLoss:
    """The form of a state vector's bytes; a network never changes, and is its own key."""
    admittance = network.nodal_admittance_of(
        np.frombuffer(state), "line", "transformer"
    )
    return VoltageLoss.of_admittance(admittance)


def _into_nodes(
    network: Network, devices: DeviceTable, per_unit: ComplexArray
) -> sparse.csr_array:
    """What devices take per unit of their power, as currents into nodes, (unknown, device)."""
    # A branch to ground has no second node to give its current back to.
    between = np.flatnonzero(devices.minus >= 0)
    current = np.concatenate([-per_unit, per_unit[between]])
    node = np.concatenate([devices.plus, devices.minus[between]])
    device = devices.device
    device = np.concatenate([device, device[between]])
    n_devices = len(devices.p_kw)
    return _injected(network, current, node, device, n_devices)


def _injected(
    network: Network,
    current: ComplexArray,
    node: IntArray,
    column: IntArray,
    count: int,
) -> sparse.csr_array:
    """Currents into nodes as right-hand sides over (Re, Im); into an ideal source they change nothing."""
    is_free = ~np.isin(node, network.held_nodes)
    current = current[is_free]
    node = node[is_free]
    values = np.concatenate([current.real, current.imag])
    rows = np.concatenate([node, node + network.n_nodes])
    columns = np.tile(column[is_free], 2)
    return assemble(rows, columns, values, (2 * network.n_nodes, count))
