"""`FlowLimits`: current and power limits of branches as rows, evaluated on AC solutions.

A limit in A gives a row for each conductor at each end of the element, one in kVA a row for each end (all phases together).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from tieline.errors import InputError, unknown_name_message
from tieline.feeders.checks.numbers import LARGEST
from tieline.feeders.feeder import Feeder
from tieline.network.network import Network
from tieline.powerflow.solution import Solution
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

SMALLEST_PU = 1e-8
"""What a power flow is solved to: a lower limit cannot be told from none at all, and its square is lost in rounding."""


@dataclass(frozen=True)
class BranchLimit:
    """A limit of a line or transformer, in A per conductor or in kVA of all phases: one of the two."""

    kind: Literal["line", "transformer"]
    name: str
    a: float | None = None
    kva: float | None = None

    def __post_init__(self) -> None:
        """Check that there is one number, above zero and no larger than a feeder may hold."""
        given = [value for value in (self.a, self.kva) if value is not None]
        if len(given) != 1 or not 0 < given[0] <= LARGEST:
            got = f"got a={self.a}, kva={self.kva}"
            raise InputError(
                f"The limit of {self.kind} '{self.name}' needs `a` or `kva`, one of them, above 0 and up to {LARGEST:g}; {got}."
            )


def rated_limits(feeder: Feeder) -> tuple[BranchLimit, ...]:
    """The ratings that the feeder's elements have, each in its own unit: lines in A, in kVA or in both, transformers in kVA."""
    return (*_line_limits(feeder), *_transformer_limits(feeder))


def _line_limits(feeder: Feeder) -> Iterator[BranchLimit]:
    for line in feeder.lines:
        if line.current_rating_a:
            yield BranchLimit("line", line.name, a=line.current_rating_a)
        if line.rating_kva:
            yield BranchLimit("line", line.name, kva=line.rating_kva)


def _transformer_limits(feeder: Feeder) -> Iterator[BranchLimit]:
    for unit in feeder.transformers:
        yield BranchLimit("transformer", unit.name, kva=unit.rating_kva or unit.windings[0].kva)


@dataclass(frozen=True, eq=False)
class FlowLimits:
    """Rows of limits, (row,).

    Attributes:
        names: "line 'x' end 1 phase 2" or "transformer 'y' end 1".
        element, side: which element of the network, and which end.
        is_current: in A; else in kVA.
        limit: highest value [A or kVA].
        gather: terminals that a row adds up, (row, terminal).
    """

    names: tuple[str, ...]
    element: IntArray
    side: IntArray
    is_current: BoolArray
    limit: FloatArray
    gather: sparse.csr_array

    @classmethod
    def of(cls, network: Network, limits: Sequence[BranchLimit]) -> FlowLimits:
        """Rows of branch limits; raises `InputError` for an element that is not there, and for a limit next to zero."""
        rows = [row for limit in limits for row in _rows(network, limit)]
        terminal = np.concatenate([np.empty(0, dtype=np.int64), *(row[5] for row in rows)])
        count = [len(row[5]) for row in rows]
        shape = (len(rows), len(network.terminals.node))
        gather = sparse.coo_array(
            (np.ones(len(terminal)), (np.repeat(np.arange(len(rows)), count), terminal)),
            shape=shape,
        )
        flow_limits = cls(
            names=tuple(row[0] for row in rows),
            element=np.array([row[1] for row in rows], dtype=np.int64),
            side=np.array([row[2] for row in rows], dtype=np.int64),
            is_current=np.array([row[3] for row in rows], dtype=bool),
            limit=np.array([row[4] for row in rows], dtype=float),
            gather=gather.tocsr(),
        )
        _require_noticeable(flow_limits, network)
        return flow_limits

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.names)

    def limit_pu(self, network: Network) -> FloatArray:
        """Limits in per unit of the solver, (row,)."""
        node = (
            network.terminals.node[self.gather.indices[self.gather.indptr[:-1]]]
            if len(self)
            else np.empty(0, dtype=int)
        )
        return np.where(
            self.is_current, self.limit / network.node_base_a[node], self.limit / S_BASE_KVA
        )

    def values(self, solution: Solution) -> FloatArray:
        """Current [A] or power [kVA] of each row, (scenario, row)."""
        power = np.abs((self.gather @ solution.terminal_kva.T).T)
        return np.where(self.is_current, (self.gather @ solution.terminal_current_a.T).T, power)

    def pull_back(self, solution: Solution, weight: FloatArray) -> ComplexArray:
        """Derivative of sum(weight x value) by the voltages, dRe + j dIm, (scenario, node); `weight` is (scenario, row)."""
        network, current = solution.network, solution.terminal_current_pu
        node = network.terminals.node
        per_terminal = (
            np.asarray((self.gather.T @ np.where(self.is_current, weight, 0.0).T).T)
            * network.node_base_a[node]
        )
        power = np.asarray((self.gather @ (solution.v_pu[:, node] * np.conj(current)).T).T)
        of_power = np.where(self.is_current, 0.0, weight) * S_BASE_KVA * _direction(power)
        by_power = np.asarray((self.gather.T @ of_power.T).T)
        return pull_back_terminals(solution, per_terminal * _direction(current), by_power)


def pull_back_terminals(
    solution: Solution, by_current: ComplexArray, by_power: ComplexArray
) -> ComplexArray:
    """Derivative by the voltages of a number that depends on what flows into terminal conductors.

    Args:
        solution: solved scenarios.
        by_current, by_power: its derivative by current and by complex power of each conductor, dRe + j dIm, (scenario,
            terminal) [1/pu].

    Returns:
        dRe + j dIm, (scenario, node) [1/pu].
    """
    network, node, states = solution.network, solution.network.terminals.node, solution.state
    v, bar = solution.v_pu[:, node], np.zeros_like(solution.v_pu)
    for k in range(len(bar)):
        admittance = network.terminal_admittance(states[min(k, len(states) - 1)])
        bar[k] = admittance.conj().T @ (by_current[k] + np.conj(by_power[k]) * v[k])
        np.add.at(bar[k], node, by_power[k] * solution.terminal_current_pu[k])
    return bar


def _require_noticeable(limits: FlowLimits, network: Network) -> None:
    """Raise `InputError` for limits that no power flow tells from zero."""
    tiny = np.flatnonzero(limits.limit_pu(network) < SMALLEST_PU)
    if len(tiny):
        first = int(tiny[0])
        unit = "A" if limits.is_current[first] else "kVA"
        raise InputError(
            f"The limit of {limits.names[first]}, {limits.limit[first]:g} {unit}, is next to zero ({len(tiny)} limits are): no "
            "power flow tells it from no flow at all. Raise it, or open the element."
        )


def _rows(
    network: Network, limit: BranchLimit
) -> Iterable[tuple[str, int, int, bool, float, IntArray]]:
    """(name, element, side, is_current, limit, terminals) of each row of one limit."""
    element = network.element_index.get((limit.kind, limit.name.lower()))
    if element is None:
        known = [name for kind, name in network.elements if kind == limit.kind]
        raise InputError(
            unknown_name_message(
                f"{limit.kind} of feeder '{network.feeder.name}'", limit.name, known
            )
        )
    terminals, name = network.terminals, f"{limit.kind} '{limit.name}'"
    mine = np.flatnonzero(terminals.element == element)
    for side in np.unique(terminals.side[mine]):
        at_side = mine[terminals.side[mine] == side]
        if limit.kva is not None:
            yield f"{name} end {side}", element, int(side), False, limit.kva, at_side
            continue
        for terminal in at_side:
            phase = network.node_names[terminals.node[terminal]].rpartition(".")[2]
            yield (
                f"{name} end {side} phase {phase}",
                element,
                int(side),
                True,
                float(limit.a or 0),
                np.array([terminal]),
            )


def _direction(z: ComplexArray) -> ComplexArray:
    """z / |z|, 0 where z is: the magnitude has no derivative there."""
    size = np.abs(z)
    return np.where(size == 0, 0.0, z / np.where(size == 0, 1.0, size))
