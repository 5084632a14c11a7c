"""Outputs of a power flow that are quadratic forms of its voltages, y = v* A v with A Hermitian.

Squares of voltages and currents, and losses: their own second derivative is the constant A, and they are smooth where the
magnitude itself is not, at a current of zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import sparse

from tieline.network.network import Network
from tieline.network.scatter import sum_columns
from tieline.typing import ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA


class QuadraticOutputs(Protocol):
    """A family of outputs."""

    @property
    def count(self) -> int:
        """Number of outputs."""
        ...

    def values(self, v_pu: ComplexArray) -> FloatArray:
        """Every output at voltages (row, node), (row, output)."""
        ...

    def value_of(self, v_pu: ComplexArray, output: IntArray) -> FloatArray:
        """One output for each row of the voltages, (row,)."""
        ...

    def gradients(
        self, v_pu: ComplexArray, change: ComplexArray, first: int, last: int
    ) -> FloatArray:
        """Derivative of outputs first to last along changes of the voltages (direction, node), (output, direction)."""
        ...

    def slopes(self, v_pu: ComplexArray, first: int, last: int) -> ComplexArray:
        """dy/d(Re v) + j dy/d(Im v) of outputs first to last at voltages (node,), (output, node)."""
        ...

    def curvature(self, output: int, change: ComplexArray) -> FloatArray:
        """Second derivative along changes of the voltages (direction, node), (direction, direction)."""
        ...


@dataclass(frozen=True, eq=False)
class SquaredMagnitudes:
    """|l v|^2 of linear forms of the voltages, `form` (output, node)."""

    form: sparse.csr_array

    @property
    def count(self) -> int:
        """Number of outputs."""
        return len(self.form.indptr) - 1

    def values(self, v_pu: ComplexArray) -> FloatArray:
        """(row, output)."""
        phasors = (self.form @ v_pu.T).T
        return np.abs(phasors) ** 2

    def value_of(self, v_pu: ComplexArray, output: IntArray) -> FloatArray:
        """(row,)."""
        # Row by row: the product of all forms with all voltages would be a square of which the diagonal counts.
        terms = self.form[output] * v_pu
        phasors = np.asarray(terms.sum(axis=1)).ravel()
        return np.abs(phasors) ** 2

    def gradients(
        self, v_pu: ComplexArray, change: ComplexArray, first: int, last: int
    ) -> FloatArray:
        """(output, direction)."""
        form = self.form[first:last]
        phasors = form @ v_pu
        along = form @ change.T
        return 2 * (np.conj(phasors)[:, None] * along).real

    def slopes(self, v_pu: ComplexArray, first: int, last: int) -> ComplexArray:
        """(output, node)."""
        form = self.form[first:last]
        phasors = form @ v_pu
        return 2 * np.conj(form.toarray()) * phasors[:, None]

    def curvature(self, output: int, change: ComplexArray) -> FloatArray:
        """(direction, direction)."""
        form = self.form
        # A form names few nodes: a product with its whole row would be nearly all zeros.
        first, last = form.indptr[output : output + 2]
        nodes = form.indices[first:last]
        weights = form.data[first:last]
        along = change[:, nodes] @ weights
        product = np.conj(along)[:, None] * along
        return 2 * product.real


@dataclass(frozen=True, eq=False)
class SeriesLoss:
    """Active loss of lines and transformers [kW], one output: the sum of v i* over their terminals.

    `current` gives the currents of the terminals, (terminal, node), `node` where they are tied. A is never formed: with closed
    switches in it, loss would drown in rounding.
    """

    current: sparse.csr_array
    node: IntArray

    @property
    def count(self) -> int:
        """One."""
        return 1

    def values(self, v_pu: ComplexArray) -> FloatArray:
        """(row, 1)."""
        current = (self.current @ v_pu.T).T
        power = v_pu[:, self.node] * np.conj(current)
        loss = power.real.sum(axis=1)
        return loss[:, None] * S_BASE_KVA

    def value_of(self, v_pu: ComplexArray, output: IntArray) -> FloatArray:
        """(row,)."""
        return self.values(v_pu)[:, 0]

    def gradients(
        self, v_pu: ComplexArray, change: ComplexArray, first: int, last: int
    ) -> FloatArray:
        """(1, direction)."""
        slopes = self.slopes(v_pu, first, last)
        return (np.conj(slopes) @ change.T).real

    def slopes(self, v_pu: ComplexArray, first: int, last: int) -> ComplexArray:
        """(1, node)."""
        # The product rule: voltage times current moves with the one and with the other.
        current = self.current @ v_pu
        by_voltage = sum_columns(current[None, :], self.node, len(v_pu))
        by_current = self.current.conj().T @ v_pu[self.node]
        return (by_voltage + by_current) * S_BASE_KVA

    def curvature(self, output: int, change: ComplexArray) -> FloatArray:
        """(direction, direction)."""
        current = self.current @ change.T
        product = (change[:, self.node] @ np.conj(current)).real * S_BASE_KVA
        return product + product.T


def series_loss(network: Network, state: FloatArray) -> SeriesLoss:
    """The loss of all lines and transformers at a state vector, (state,)."""
    terminals = np.flatnonzero(network.is_kind("line", "transformer"))
    current = network.terminal_admittance(state)[terminals]
    return SeriesLoss(current, network.terminals.node[terminals])
