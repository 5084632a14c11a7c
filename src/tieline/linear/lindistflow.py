"""LinDistFlow, for radial feeders of any phases, transformers and connections.

Every conductor carries the power taken below it, without losses, and the squared voltage falls by

    |V_i|^2 - |V_j|^2 = 2 (r P + x Q)                                    one conductor (Baran and Wu)
    |V_i|^2 - |V_j|^2 = 2 Re(G * Z conj(S))  with  G_ab = conj(V_a / V_b)      several (Gan and Low): Z rotated

where V_a / V_b are fixed. Gan and Low fix them at 1, a, a^2 of a balanced feeder; here they are those of the feeder without
loads, with taps, phase shifts, capacitors and charging as they are. Fixed ratios mean that power S at a node is the current
conj(S / V0), V0 (and I0) being voltage and current at no load. So the recursion down the tree is one linear system, with the
nodal admittance matrix:

    Y V = i_source - conj(S / V0)
    |V|^2 = |V0|^2 + 2 Re(conj(V0) (V - V0)),      P + jQ = V0 conj(I) + (V - V0) conj(I0)

which takes transformers of any connection, regulators at given taps, delta loads and ungrounded sections as they come. It is
the first-order expansion of AC in the loads. Capacitors and shunts stay constant admittances inside Y. A ZIP load takes what its
model asks at the no-load voltage. Left out: losses in voltages and flows, the change of load with the voltage drop, and what
the drop adds to the current of a load.

The system would stand on a meshed feeder too (Bolognani and Zampieri); the name and the recursion would not, so that a loop is
refused.

Sources: M. E. Baran, F. F. Wu, "Optimal capacitor placement on radial distribution systems", IEEE Trans. Power Delivery 4(1),
1989; L. Gan, S. H. Low, "Convex relaxations and linear approximation for optimal power flow in multiphase radial networks",
PSCC 2014; S. Bolognani, S. Zampieri, "On the existence and linear approximation of the power flow solution in power
distribution networks", IEEE Trans. Power Systems 31(1), 2016.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.sparse.linalg import splu

from tieline.linear.affine import Affine
from tieline.linear.blocks import above, beside, selection, times_rows
from tieline.linear.losses import VoltageLoss
from tieline.linear.model import Drive, LinearModel
from tieline.linear.setting import Setting, feeder_as_set, make_setting
from tieline.network.network import Network
from tieline.network.topology import tree_from_source
from tieline.network.voltage_points import VoltagePoints, voltage_points
from tieline.powerflow.devices import across_pu
from tieline.typing import ComplexArray, IntArray
from tieline.units import S_BASE_KVA

NO_VOLTAGE_PU = 1e-6
"""Below this a node has no voltage at no load, such as a neutral: power cannot be taken there."""


def lindistflow(
    network: Network,
    *,
    taps: ArrayLike | None = None,
    line_closed: ArrayLike | None = None,
    capacitor_steps: ArrayLike | None = None,
    source_pu: float | None = None,
) -> LinearModel:
    """The LinDistFlow of a radial feeder.

    Args:
        network: feeder arrays.
        taps, line_closed, capacitor_steps: positions that the model holds, (regulator,), (line,), (capacitor,); None is as
            in the feeder.
        source_pu: source voltage, as in `powerflow.solve` [pu].

    Raises:
        InputError: if the feeder is meshed (the message names the loops), has no branch or nodes without a path to the source.
        ShapeError: if an input does not fit the network.
    """
    setting = make_setting(network, taps, line_closed, capacitor_steps, source_pu)
    tree_from_source(feeder_as_set(network, setting), must_be_radial=True)
    admittance = _with_source_rows(network, network.nodal_admittance(setting.state))
    source = network.source_current * setting.source_pu
    no_load = np.asarray(splu(admittance.tocsc()).solve(source))
    points, branch_terminal = voltage_points(network), network.first_ends
    p_kw, q_kvar = _flows(network, setting, branch_terminal, no_load)
    return LinearModel(
        name="lindistflow",
        network=network,
        setting=setting,
        points=points,
        voltage_power=2,
        branch_terminal=branch_terminal,
        system=sparse.csc_array(_real(admittance)),
        fixed=np.concatenate([source.real, source.imag]),
        devices=_device_drive(network, no_load),
        nodes=_node_drive(network, no_load),
        voltage=_squared_voltages(points, no_load),
        p_kw=p_kw,
        q_kvar=q_kvar,
        loss=VoltageLoss.of_admittance(_series_admittance(network, setting)),
    )


def _with_source_rows(network: Network, admittance: sparse.csr_array) -> sparse.csr_array:
    """The nodal admittance, in which an ideal source holds its nodes' voltage instead of balancing their current."""
    if not network.source_is_ideal:
        return admittance
    held = np.zeros(network.n_nodes)
    held[network.source_nodes] = 1.0
    return times_rows(1 - held, admittance) + sparse.csr_array(sparse.diags_array(held))


def _real(matrix: sparse.csr_array) -> sparse.csr_array:
    """A complex matrix as one of real numbers over (Re, Im)."""
    return above(beside(matrix.real, -matrix.imag), beside(matrix.imag, matrix.real))


def _device_drive(network: Network, no_load: ComplexArray) -> Drive:
    """Currents of the devices' branches, each at the no-load voltage across it."""
    devices = network.devices
    across = across_pu(devices, no_load[None, :])[0]
    rated = np.abs(across) * devices.per_rated
    powers = np.stack([rated**2, rated, np.ones_like(rated)], axis=1)
    asked_p, asked_q = ((shares * powers).sum(axis=1) for shares in (devices.zip_p, devices.zip_q))
    per_kva = devices.share * _current_per_kva(
        across, elsewhere=0.0
    )  # as in AC, no voltage is no load
    count = len(devices.p_kw)
    tied = devices.minus >= 0
    node = np.concatenate([devices.plus, devices.minus[tied]])
    device = np.concatenate([devices.device, devices.device[tied]])

    def currents(per_unit: ComplexArray) -> sparse.csr_array:
        return _injected(network, np.concatenate([-per_unit, per_unit[tied]]), node, device, count)

    return Drive(currents(asked_p * per_kva), currents(asked_q * per_kva * -1j))


def _node_drive(network: Network, no_load: ComplexArray) -> Drive:
    """Currents of power taken between each node and ground; NaN where there is no voltage."""
    every = np.arange(network.n_nodes)
    per_kva = -_current_per_kva(no_load, elsewhere=np.nan)
    return Drive(
        *(
            _injected(network, per_kva * unit, every, every, network.n_nodes)
            for unit in (complex(1), -1j)
        )
    )


def _current_per_kva(voltage: ComplexArray, elsewhere: float) -> ComplexArray:
    """conj(1 / V) [pu per kVA], and a given number where there is no voltage."""
    current = np.full(voltage.shape, elsewhere, dtype=complex)
    live = np.abs(voltage) > NO_VOLTAGE_PU
    current[live] = 1 / np.conj(voltage[live]) / S_BASE_KVA
    return current


def _injected(
    network: Network, current: ComplexArray, node: IntArray, column: IntArray, count: int
) -> sparse.csr_array:
    """Currents into nodes as right-hand sides over (Re, Im); into an ideal source they change nothing."""
    free = ~np.isin(node, network.held_nodes)
    values = np.concatenate([current[free].real, current[free].imag])
    rows = np.concatenate([node[free], node[free] + network.n_nodes])
    shape = (2 * network.n_nodes, count)
    return sparse.coo_array((values, (rows, np.tile(column[free], 2))), shape=shape).tocsr()


def _squared_voltages(points: VoltagePoints, no_load: ComplexArray) -> Affine:
    """|V|^2 at the points to first order around no load: 2 Re(conj(V0) V) - |V0|^2."""
    form = points.across(len(no_load))
    across = np.asarray(form @ no_load, dtype=np.complex128)
    parts = (times_rows(2 * part, form) for part in (across.real, across.imag))
    return Affine(beside(*parts), -(np.abs(across) ** 2))


def _flows(
    network: Network, setting: Setting, branch_terminal: IntArray, no_load: ComplexArray
) -> tuple[Affine, Affine]:
    """P and Q into every branch to first order around no load, V0 conj(I) + (V - V0) conj(I0) [kW, kvar]."""
    admittance = network.terminal_admittance(setting.state)[branch_terminal]
    node = network.terminals.node[branch_terminal]
    v, i = no_load[node] * S_BASE_KVA, np.asarray(admittance @ no_load) * S_BASE_KVA
    carried = times_rows(np.conj(v), admittance)  # conj(V0) I = P - jQ
    i_re, i_im = (times_rows(part, selection(node, network.n_nodes)) for part in (i.real, i.imag))
    p_flow = beside(carried.real + i_re, i_im - carried.imag)
    q_flow = beside(-carried.imag - i_im, i_re - carried.real)
    at_no_load = no_load[node] * np.conj(i)
    return Affine(p_flow, -at_no_load.real), Affine(q_flow, -at_no_load.imag)


def _series_admittance(network: Network, setting: Setting) -> sparse.csr_array:
    """Nodal admittance of lines and transformers alone, (node, node) [pu]."""
    return network.nodal_admittance_of(setting.state, "line", "transformer")
