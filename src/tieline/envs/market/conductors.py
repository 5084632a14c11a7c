"""`Conductors`: what flows into a few terminal conductors of a feeder, for many solved scenarios.

`Solution.terminal_kva` works all of them out; where choices are judged by the million, only those of a region are wanted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.linear.blocks import assemble
from tieline.network.network import Network
from tieline.powerflow.solution import Solution
from tieline.typing import ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA


@dataclass(frozen=True, eq=False)
class Conductors:
    """Some terminal conductors.

    Attributes:
        network: the feeder.
        terminals: which, sorted, (conductor,).
        entries: their admittance entries, (entry,).
        row: conductor of each entry, (entry,).
        columns: nodes that the entries need, (node,).
        column: of these, that of each entry, (entry,).
    """

    network: Network
    terminals: IntArray
    entries: IntArray
    row: IntArray
    columns: IntArray
    column: IntArray

    @classmethod
    def of(cls, network: Network, terminals: IntArray) -> Conductors:
        """The conductors of some terminals, which are sorted and differ."""
        e = network.entries
        entries = np.flatnonzero(np.isin(e.row, terminals))
        row = np.searchsorted(terminals, e.row[entries])
        # only the voltages that these conductors see are read from a batch
        nodes = e.column[entries]
        columns, column = np.unique(nodes, return_inverse=True)
        return cls(network, terminals, entries, row, columns, column)

    @property
    def node(self) -> IntArray:
        """Where each is tied, (conductor,)."""
        return self.network.terminals.node[self.terminals]

    def current_pu(self, solution: Solution) -> ComplexArray:
        """Current into each, (conductor, scenario) [pu]."""
        e = self.network.entries
        state_a = solution.state[:, e.state_a[self.entries]]
        state_b = solution.state[:, e.state_b[self.entries]]
        factor = state_a * state_b
        v_pu = solution.v_pu[:, self.columns]
        if (factor == factor[:1]).all():
            return self._current_pu(factor[0], v_pu)
        # Taps of a transformer among them differ: one matrix for each position that occurs.
        current = np.empty((len(self.terminals), len(factor)), dtype=complex)
        for pattern in np.unique(factor, axis=0):
            rows = np.flatnonzero((factor == pattern).all(axis=1))
            current[:, rows] = self._current_pu(pattern, v_pu[rows])
        return current

    def _current_pu(self, factor: FloatArray, v_pu: ComplexArray) -> ComplexArray:
        value = self.network.entries.value[self.entries] * factor
        shape = (len(self.terminals), len(self.columns))
        admittance = assemble(self.row, self.column, value, shape)
        return np.asarray(admittance @ v_pu.T)

    def kva(self, solution: Solution) -> ComplexArray:
        """Power into each, (conductor, scenario) [kVA]."""
        v_pu = solution.v_pu[:, self.node].T
        return v_pu * np.conj(self.current_pu(solution)) * S_BASE_KVA
