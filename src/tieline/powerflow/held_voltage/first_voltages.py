"""Where Newton's method begins on a single-phase equivalent: magnitudes of one or of what is held, angles of a DC power flow.

    sum over j of |Y_ij| (angle_i - angle_j) = P_i        with what transformers shift taken out of the angles and Y before

|Y_ij| is Im Y_ij on lines without resistance, which the method is for; below zero across a series capacitor.

A network of long lines has voltages of several times rated without load, from which no Newton step leads back.

Source: DC power flow as in B. Stott, J. Jardim, O. Alsac, "DC power flow revisited", IEEE Trans. Power Systems 24(3), 2009.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from tieline.network.network import Network
from tieline.network.scatter import sum_columns
from tieline.typing import BoolArray, ComplexArray, FloatArray
from tieline.units import S_BASE_KVA


def dc_angles_rad(
    network: Network,
    state: FloatArray,
    p_kw: FloatArray,
    fixed_v: ComplexArray,
    source_current: ComplexArray,
) -> FloatArray | None:
    """Angle of each node, (node,); None where series capacitors and lines cancel, so that there is none.

    Args:
        network: a single-phase equivalent.
        state: state vector, (state,).
        p_kw: consumption of each device, (device,).
        fixed_v: voltages of nodes that are fixed, NaN elsewhere, (node,) [pu].
        source_current: of sources behind an impedance, short-circuited, (node,) [pu].
    """
    is_fixed = ~np.isnan(fixed_v)
    shift = shift_rad(network, state)
    turn = sparse.diags_array(np.exp(1j * shift))
    # with the shifts taken out all angles are small
    turned = sparse.coo_array(turn.conj() @ network.nodal_admittance(state) @ turn)
    is_between = turned.row != turned.col
    places = (turned.row[is_between], turned.col[is_between])
    y_between = np.asarray(turned.data[is_between], dtype=complex)
    weight = _weight(y_between)
    shape = turned.shape
    between = sparse.csr_array((weight, places), shape=shape)
    source_weight, source_angle = _behind_impedance(network, state, source_current)
    to_source = source_weight * (source_angle - shift)
    diagonal = between.sum(axis=1) + source_weight
    balance = sparse.diags_array(diagonal) - between
    fixed_angle = np.where(is_fixed, np.angle(np.nan_to_num(fixed_v)) - shift, 0.0)
    free = _injected_pu(network, p_kw) + to_source
    injected = np.where(is_fixed, fixed_angle, free)
    try:
        factors = splu(_with_identity_rows(balance, is_fixed))
    except RuntimeError:
        return None
    return factors.solve(injected) + shift


def _behind_impedance(
    network: Network, state: FloatArray, source_current: ComplexArray
) -> tuple[FloatArray, FloatArray]:
    """What couples each node to the voltage of a source behind an impedance there, and the angle of that, (node,) each."""
    if network.source_is_ideal:
        zero = np.zeros(network.n_nodes)
        return zero, zero
    admittance = network.nodal_admittance_of(state, "source").diagonal()
    voltage = np.divide(
        source_current,
        admittance,
        out=np.zeros_like(source_current),
        where=admittance != 0,
    )
    return np.abs(admittance), np.angle(voltage)


def _weight(y_between: ComplexArray) -> FloatArray:
    """What couples the angles of two nodes, from Y_ij: its size, below zero across a series capacitor."""
    # Im Y_ij would leave a node behind a switch, which has resistance alone, without any angle
    is_capacitive = y_between.imag < -np.abs(y_between.real)
    return np.where(is_capacitive, -1.0, 1.0) * np.abs(y_between)


def shift_rad(network: Network, state: FloatArray) -> FloatArray:
    """By how much transformers turn the voltage of each bus on its way from the source, (node,)."""
    import networkx as nx

    feeder = network.feeder
    graph = nx.Graph()
    is_closed = state[network.states.lines] != 0
    for line, closed in zip(feeder.lines, is_closed.tolist(), strict=True):
        if closed:
            graph.add_edge(line.from_bus, line.to_bus, lag=0.0, first=line.from_bus)
    for unit in feeder.transformers:
        first, second = (winding.bus for winding in unit.windings[:2])
        lag = np.radians(unit.shift_deg)
        graph.add_edge(first, second, lag=lag, first=first)
    angle: dict[str, float] = {}
    for source in feeder.sources:
        angle[source.bus] = 0.0
        if source.bus not in graph:
            continue
        for above, below in nx.bfs_edges(graph, source.bus):
            edge = graph.edges[above, below]
            sign = -1.0 if edge["first"] == above else 1.0
            angle.setdefault(below, angle[above] + sign * edge["lag"])
    return np.array([angle.get(bus.name, 0.0) for bus in feeder.buses])


def _injected_pu(network: Network, p_kw: FloatArray) -> FloatArray:
    devices = network.devices
    demand = p_kw[devices.device] * devices.share / S_BASE_KVA
    return -sum_columns(demand[None], devices.plus, network.n_nodes)[0]


def _with_identity_rows(matrix: sparse.csr_array, rows: BoolArray) -> sparse.csc_array:
    equations = sparse.diags_array((~rows).astype(float))
    return sparse.csc_array(equations @ matrix + sparse.diags_array(rows.astype(float)))
