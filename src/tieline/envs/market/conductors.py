"""`Conductors`: what flows into a few terminal conductors of a feeder, for many solved scenarios.

`Solution.terminal_kva` works all of them out; where choices are judged by the million, only those of a region are wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import sparse

from tieline.linear.blocks import assemble
from tieline.network.network import Network
from tieline.powerflow.solution import Solution
from tieline.typing import ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

MATRICES_KEPT = 64
"""Regions of a feeder, each with a few positions of the transformers it touches: making a matrix takes as long as a
small batch."""


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
            has_pattern = (factor == pattern).all(axis=1)
            rows = np.flatnonzero(has_pattern)
            current[:, rows] = self._current_pu(pattern, v_pu[rows])
        return current

    def _current_pu(self, factor: FloatArray, v_pu: ComplexArray) -> ComplexArray:
        admittance = _admittance(self, factor.tobytes())
        return np.asarray(admittance @ v_pu.T)

    def kva(self, solution: Solution) -> ComplexArray:
        """Power into each, (conductor, scenario) [kVA]."""
        v_pu = solution.v_pu[:, self.node].T
        current = self.current_pu(solution)
        return v_pu * np.conj(current) * S_BASE_KVA


@lru_cache(maxsize=MATRICES_KEPT)
def _admittance(conductors: Conductors, factor_bytes: bytes) -> sparse.csr_array:
    """Current into each conductor per voltage at each of its nodes, at some states; conductors never change."""
    # as bytes, because an array has no hash by which a matrix could be kept
    factor = np.frombuffer(factor_bytes)
    all_values = conductors.network.entries.value
    value = all_values[conductors.entries] * factor
    shape = (len(conductors.terminals), len(conductors.columns))
    return assemble(conductors.row, conductors.column, value, shape)
