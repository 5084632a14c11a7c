"""`FlowLimits`: current, apparent-power and active-power limits of branches as rows, evaluated on AC solutions.

`flow_rows` says which rows a limit has. Here are their values, and how these change with the voltages, forward and backward.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from tieline.errors import InputError
from tieline.linear.blocks import apply
from tieline.network.network import Network
from tieline.opf.branch_limits import BranchLimit
from tieline.opf.flow_rows import gather_terminals, limit_rows
from tieline.opf.terminal_flows import current_changes, pull_back_terminals
from tieline.powerflow.solution import Solution
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray, StrArray
from tieline.units import S_BASE_KVA

SMALLEST_PU = 1e-8
"""What a power flow is solved to: a lower limit of a magnitude cannot be told from none at all, and its square is lost in
rounding."""


@dataclass(frozen=True, eq=False)
class FlowLimits:
    """Rows of limits, (row,).

    Attributes:
        names: "line 'x' end 1 phase 2", "transformer 'y' end 1" or "line 'z' forward".
        element, side: which element of the network, and which end.
        unit: "A", "kVA" or "kW".
        sign: -1 where power against the direction of the element is limited, else 1.
        limit: highest value [A, kVA or kW].
        scale: what a miss is measured against [A, kVA or kW]: the limit itself, and of a limit in kW, which may be zero, one per
            unit at least.
        gather: terminals that a row adds up, (row, terminal).
    """

    names: tuple[str, ...]
    element: IntArray
    side: IntArray
    unit: StrArray
    sign: FloatArray
    limit: FloatArray
    scale: FloatArray
    gather: sparse.csr_array

    @classmethod
    def of(cls, network: Network, limits: Sequence[BranchLimit]) -> FlowLimits:
        """Rows of branch limits; raises `InputError` for an element that is not there, and for a magnitude next to zero."""
        rows = [row for limit in limits for row in limit_rows(network, limit)]
        unit = np.array([row.unit for row in rows], dtype="<U3")
        limit = np.array([row.limit for row in rows], dtype=float)
        flow_limits = cls(
            names=tuple(row.name for row in rows),
            element=np.array([row.element for row in rows], dtype=np.int64),
            side=np.array([row.side for row in rows], dtype=np.int64),
            unit=unit,
            sign=np.array([row.sign for row in rows], dtype=float),
            limit=limit,
            scale=_scale(unit, limit),
            gather=gather_terminals(rows, len(network.terminals.node)),
        )
        _require_noticeable(flow_limits, network)
        return flow_limits

    def held_to(self, limit: FloatArray) -> FlowLimits:
        """The same rows with other limits, (row,)."""
        return replace(self, limit=limit, scale=_scale(self.unit, limit))

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.names)

    @property
    def is_current(self) -> BoolArray:
        """Rows in A, (row,)."""
        return self.unit == "A"

    @property
    def is_directed(self) -> BoolArray:
        """Rows in kW, whose value is linear in the power and may be below zero, (row,)."""
        return self.unit == "kW"

    def in_pu(self, network: Network, value: FloatArray) -> FloatArray:
        """A value of each row in per unit of the solver, (row,)."""
        if not len(self):
            return np.empty(0)
        # A row in A has one terminal; of the others the first does no harm, their base is that of power.
        first_terminal = self.gather.indices[self.gather.indptr[:-1]]
        base_a = network.node_base_a[network.terminals.node[first_terminal]]
        return value / np.where(self.is_current, base_a, S_BASE_KVA)

    def values(self, solution: Solution) -> FloatArray:
        """Current [A], apparent power [kVA] or power in the limit's direction [kW] of each row, (scenario, row)."""
        power = apply(self.gather, solution.terminal_kva)
        current = apply(self.gather, solution.terminal_current_a)
        directed_power = self.sign * np.real(power)
        value = np.where(self.is_directed, directed_power, np.abs(power))
        return np.where(self.is_current, current, value)

    def over(self, value: FloatArray) -> FloatArray:
        """By how much values pass their limits, relative to `scale`, (scenario, row); below zero where they keep them."""
        return (value - self.limit) / self.scale

    def misses(self, value: FloatArray) -> FloatArray:
        """`over` as elastic programs have it, (scenario, row): of squares for magnitudes; 0 where the limit is kept."""
        over = np.maximum(self.over(value), 0.0)
        return np.where(self.is_directed, over, (1 + over) ** 2 - 1)

    def met_by(self, miss: FloatArray) -> FloatArray:
        """The limits that would be kept if each gave way by a miss, (scenario, row) [A, kVA or kW]."""
        directed_limit = self.limit + miss * self.scale
        magnitude_limit = self.limit * np.sqrt(1 + miss)
        return np.where(self.is_directed, directed_limit, magnitude_limit)

    def pull_back(self, solution: Solution, weight: FloatArray) -> ComplexArray:
        """Derivative of sum(weight x value) by the voltages, dRe + j dIm, (number, node).

        Args:
            solution: solved scenarios.
            weight: of the values of each scenario, (scenario, row), or of several numbers of the only scenario, (number, row).
        """
        network = solution.network
        node = network.terminals.node
        current = solution.terminal_current_pu
        current_weight = np.where(self.is_current, weight, 0.0)
        per_size = apply(self.gather.T, current_weight) * network.node_base_a[node]
        by_current = per_size * _direction(current)

        # A magnitude of power moves along its own direction, a power in kW along the real axis.
        terminal_power = solution.v_pu[:, node] * np.conj(current)
        power = apply(self.gather, terminal_power)
        direction = np.where(self.is_directed, self.sign, _direction(power))
        power_weight = np.where(self.is_current, 0.0, weight) * S_BASE_KVA
        by_power = apply(self.gather.T, power_weight * direction)
        return pull_back_terminals(solution, by_current, by_power)

    @cached_property
    def _terminals(self) -> IntArray:
        """Terminals that some row adds up, rising."""
        return np.unique(self.gather.indices).astype(np.int64)

    @cached_property
    def _of_terminals(self) -> sparse.csr_array:
        """`gather` of these alone; kept, since slopes are asked for after every program."""
        return sparse.csr_array(self.gather[:, self._terminals])

    def slopes(
        self, solution: Solution, scenarios: IntArray, dv_pu: ComplexArray
    ) -> FloatArray:
        """Change of the values where voltages change: the counterpart of `pull_back`, for few directions and many rows.

        Args:
            solution: solved scenarios.
            scenarios: which of them, (chosen,).
            dv_pu: changes of the node voltages per unit of anything, (chosen, direction, node).

        Returns:
            (chosen, row, direction) [A, kVA or kW]; 0 for a magnitude where nothing flows.
        """
        terminals = self._terminals
        gather = self._of_terminals
        node = solution.network.terminals.node[terminals]
        base_a = solution.network.node_base_a[node]
        # an axis for the directions in the middle
        v_pu = solution.v_pu[scenarios, None][..., node]
        current = solution.terminal_current_pu[scenarios][:, None, terminals]
        current_change = current_changes(solution, scenarios, dv_pu, terminals)
        by_voltage = dv_pu[..., node] * np.conj(current)
        by_current = v_pu * np.conj(current_change)
        power_change = by_voltage + by_current
        # A magnitude grows by the part of the change along its direction, a power in kW along the real axis.
        along_current = np.conj(_direction(current)) * current_change
        ampere = np.real(along_current) * base_a
        power = _gathered(gather, v_pu * np.conj(current))
        direction = np.where(self.is_directed, self.sign, _direction(power))
        along_power = np.conj(direction) * _gathered(gather, power_change)
        of_power = np.real(along_power) * S_BASE_KVA
        of_current = _gathered(gather, ampere)
        slopes = np.where(self.is_current, of_current, of_power)
        return slopes.swapaxes(1, 2)


def _gathered(
    gather: sparse.csr_array, of_terminals: ComplexArray | FloatArray
) -> np.ndarray:
    """Sums over the terminals of each row, (chosen, direction, terminal) -> (chosen, direction, row)."""
    *counts, n_terminals = of_terminals.shape
    # counted, since without any limit there are no terminals to tell the number of rows from
    flat = of_terminals.reshape(math.prod(counts), n_terminals)
    summed = apply(gather, flat)
    return summed.reshape(*counts, summed.shape[1])


def _scale(unit: StrArray, limit: FloatArray) -> FloatArray:
    return np.where(unit == "kW", np.maximum(limit, S_BASE_KVA), limit)


def _require_noticeable(limits: FlowLimits, network: Network) -> None:
    """Raise `InputError` for limits of magnitudes that no power flow tells from zero."""
    limit_pu = limits.in_pu(network, limits.limit)
    tiny = np.flatnonzero((limit_pu < SMALLEST_PU) & ~limits.is_directed)
    if len(tiny):
        first = int(tiny[0])
        raise InputError(
            f"The limit of {limits.names[first]}, {limits.limit[first]:g} {limits.unit[first]}, is next to zero ({len(tiny)} "
            "limits are): no power flow tells it from no flow at all. Raise it, or open the element."
        )


def _direction(z: ComplexArray) -> ComplexArray:
    """z / |z|, 0 where z is: the magnitude has no derivative there."""
    size = np.abs(z)
    divisor = np.where(size == 0, 1.0, size)
    return np.where(size == 0, 0.0, z / divisor)
