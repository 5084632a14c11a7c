"""`Reduction`: node voltages as a function of the currents that the ports take (Kron reduction, by columns of the inverse).

    Y v = i_source - C^T i        hence        v = v_open - Z i,        Z = Y^-1 C^T

with the incidence C of the ports. v_open are the voltages without any load or DER. Rows of nodes whose voltage an ideal source
holds are v = v_source. De-energised nodes are at 0. The columns of Z are as many as there are ports, whatever the number of
nodes: all other nodes are seen through Z and never iterated on.

Source: F. Dörfler, F. Bullo, "Kron reduction of graphs with applications to electrical networks", IEEE Trans. Circuits Syst. I
60(1), 2013; the iteration on Z is the Z-bus method of T.-H. Chen et al., "Distribution system power flow analysis - a rigid
approach", IEEE Trans. Power Delivery 6(3), 1991.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from tieline.errors import InputError
from tieline.network.network import Network
from tieline.network.supply import dead_nodes
from tieline.powerflow.dense.ports import Ports
from tieline.powerflow.losses import series_entries
from tieline.typing import ComplexArray, FloatArray

LARGEST_RESIDUAL_PU = 1e-6
"""Of a column of Z, by the equation that it solves: what is larger has no sound answer."""


@dataclass(frozen=True, eq=False)
class Reduction:
    """v = open_pu - impedance_pu i.

    Attributes:
        open_pu: node voltages when no port takes a current, (node,) [pu].
        impedance_pu: how far each node falls for each port's current, (node, port) [pu].
    """

    open_pu: ComplexArray
    impedance_pu: ComplexArray

    @property
    def by_current(self) -> ComplexArray:
        """Node voltages by (1, current of each port), (node, 1 + port) [pu]."""
        return np.hstack([self.open_pu[:, None], -self.impedance_pu])


def reduce_network(
    network: Network, state: FloatArray, source_pu: ComplexArray, ports: Ports
) -> Reduction:
    """The reduction of a network to its ports.

    Args:
        network: feeder arrays.
        state: taps, lines and capacitors, (state,).
        source_pu: voltage of each node of the source, (source node,) [pu].
        ports: where current is taken.

    Raises:
        InputError: if a live node is tied to nothing but a load: no linear network has its voltage.
    """
    is_live = ~dead_nodes(network, state)
    live = np.flatnonzero(is_live)
    is_held = np.zeros(network.n_nodes, dtype=bool)
    is_held[network.held_nodes] = True
    # no current changes the voltage of a node that an ideal source holds
    rows_of_free = sparse.diags_array((~is_held).astype(float))
    rows_of_held = sparse.diags_array(is_held.astype(float))
    matrix = rows_of_free @ network.nodal_admittance(state) + rows_of_held
    current_entries = rows_of_free @ ports.incidence(network.n_nodes).T
    right_sides = np.hstack(
        [network.drive(source_pu)[:, None], current_entries.toarray()]
    )
    answers = np.zeros_like(right_sides, dtype=complex)
    live_matrix = sparse.csc_array(matrix.tocsr()[live][:, live], dtype=complex)
    answers[live] = _solve(network, live, live_matrix, right_sides[live])
    return Reduction(answers[:, 0], answers[:, 1:])


def loss_form(
    network: Network, state: FloatArray, reduction: Reduction
) -> ComplexArray:
    """The active loss of lines and transformers as a Hermitian form of x = (1, currents of the ports): loss = x^H L x.

    The loss is the sum over the terminals of Re(V conj(I)), with I the part of the series elements in Y v
    (`losses.series_loss_kva`); both are linear in x.

    Returns:
        L, (1 + port, 1 + port) [pu].
    """
    entries = series_entries(network)
    factor = state[entries.state_a] * state[entries.state_b]
    values = (entries.g + 1j * entries.b) * factor
    rows = np.repeat(entries.node, np.diff(entries.start))
    shape = (network.n_nodes, network.n_nodes)
    series = sparse.csr_array((values, (rows, entries.column)), shape=shape)
    by_current = reduction.by_current
    power = by_current.conj().T @ (series @ by_current)
    return (power + power.conj().T) / 2.0


def _solve(
    network: Network,
    live: np.ndarray,
    matrix: sparse.csc_array,
    right_sides: ComplexArray,
) -> ComplexArray:
    """Solve and refine once; raises `InputError` naming the node whose row is not met."""
    try:
        factors = splu(matrix)
    except RuntimeError:
        factors = None
    if factors is None:
        raise InputError(_untied_message(network, ""))
    answers = factors.solve(right_sides)
    # near-zero impedances cost digits, which one refinement brings back
    answers += factors.solve(right_sides - matrix @ answers)
    residual = np.abs(right_sides - matrix @ answers).max(axis=1)
    worst = int(np.argmax(np.where(np.isfinite(residual), residual, np.inf)))
    if not residual[worst] <= LARGEST_RESIDUAL_PU:
        node_name = network.node_names[live[worst]]
        raise InputError(_untied_message(network, f", such as '{node_name}'"))
    return answers


def _untied_message(network: Network, example: str) -> str:
    return (
        f"Feeder '{network.feeder.name}' has a node{example} that nothing but loads ties to the source or to ground: a reduced "
        "impedance does not exist there. Earth the part by a shunt, or use tieline.solve."
    )
