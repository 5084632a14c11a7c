"""Lines, transformers and shunts at the nodes that droop units hold:

i = Y_h v,      Y_h the rows of the admittance matrix at these nodes
"""

from __future__ import annotations

import numpy as np

from tieline.network.scatter import sum_columns
from tieline.powerflow.solution import Solution
from tieline.typing import ComplexArray


class HeldElements:
    """The rows Y_h as a list of entries, (scenario or 1, entry) [pu]."""

    def __init__(self, flow: Solution):
        network = flow.network
        nodes = network.source_nodes
        entries = network.entries
        position = np.full(network.n_nodes, -1)
        position[nodes] = np.arange(len(nodes))
        row = position[network.terminals.node[entries.row]]
        at_held = np.flatnonzero(row >= 0)
        states_a = flow.state[:, entries.state_a[at_held]]
        states_b = flow.state[:, entries.state_b[at_held]]
        self.n_held = len(nodes)
        self.n_nodes = network.n_nodes
        self.row = row[at_held]
        self.column = entries.column[at_held]
        self.value = entries.value[at_held] * states_a * states_b

    def current(self, v: ComplexArray) -> ComplexArray:
        """Current into the elements at each held node, (scenario, node) -> (scenario, held) [pu]."""
        along_entries = self.value * v[:, self.column]
        return sum_columns(along_entries, self.row, self.n_held)

    def pull_back(self, i_bar: ComplexArray) -> ComplexArray:
        """Derivative of a number by all voltages from that by these currents, (scenario, held) -> (scenario, node)."""
        along_entries = np.conj(self.value) * i_bar[:, self.row]
        return sum_columns(along_entries, self.column, self.n_nodes)
