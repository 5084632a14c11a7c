"""`FlowLimits`: current, apparent-power and active-power limits of branches as rows, evaluated on AC solutions.

A limit in A gives a row for each conductor at each end of the element, one in kVA a row for each end (all phases together). A
limit in kW has a direction: forward is from the first end to the second. It is measured at the first end, where the meter is
taken to stand, and gives a row for each direction, or one for each direction and phase.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from scipy import sparse

from tieline.errors import InputError, unknown_name_message
from tieline.feeders.checks.numbers import LARGEST
from tieline.feeders.feeder import Feeder
from tieline.linear.blocks import apply, assemble
from tieline.network.network import Network
from tieline.powerflow.solution import Solution
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray, StrArray
from tieline.units import S_BASE_KVA

SMALLEST_PU = 1e-8
"""What a power flow is solved to: a lower limit of a magnitude cannot be told from none at all, and its square is lost in
rounding."""

Unit = Literal["A", "kVA", "kW"]


@dataclass(frozen=True)
class BranchLimit:
    """A limit of a line or transformer: in A per conductor, in kVA of all phases, or in kW with a direction.

    `BranchLimit("line", "sw1", forward_kw=200, reverse_kw=50)` lets at most 200 kW flow from the first end of `sw1` to the
    second, and 50 kW back.

    Attributes:
        kind, name: which element.
        a: highest current of each conductor [A].
        kva: highest apparent power of all phases [kVA].
        forward_kw, reverse_kw: highest active power either way, 0 or more [kW]; None limits nothing that way.
        per_phase: whether limits in kW hold for each phase, or for all together.
    """

    kind: Literal["line", "transformer"]
    name: str
    a: float | None = None
    kva: float | None = None
    forward_kw: float | None = None
    reverse_kw: float | None = None
    per_phase: bool = False

    def __post_init__(self) -> None:
        """Check that there is one kind of number, and that it is no larger than a feeder may hold."""
        magnitudes = [limit for limit in (self.a, self.kva) if limit is not None]
        ways = [
            limit for limit in (self.forward_kw, self.reverse_kw) if limit is not None
        ]
        is_one_kind = len(magnitudes) + bool(ways) == 1
        # A magnitude of zero would be an open element; no power at all one way is an ordinary rule.
        magnitudes_fit = all(0 < limit <= LARGEST for limit in magnitudes)
        ways_fit = all(0 <= limit <= LARGEST for limit in ways)
        if is_one_kind and magnitudes_fit and ways_fit:
            return
        got = f"a={self.a}, kva={self.kva}, forward_kw={self.forward_kw}, reverse_kw={self.reverse_kw}"
        raise InputError(
            f"The limit of {self.kind} '{self.name}' needs `a` or `kva`, one of them, above 0 and up to {LARGEST:g}, or "
            f"`forward_kw` and `reverse_kw`, either or both, 0 or more; got {got}."
        )

    def scaled(self, factor: float) -> BranchLimit:
        """The limit times a factor."""
        limits = {
            "a": self.a,
            "kva": self.kva,
            "forward_kw": self.forward_kw,
            "reverse_kw": self.reverse_kw,
        }
        stated = {
            name: limit * factor for name, limit in limits.items() if limit is not None
        }
        return replace(self, **stated)


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
        yield BranchLimit(
            "transformer", unit.name, kva=unit.rating_kva or unit.windings[0].kva
        )


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
        rows = [row for limit in limits for row in _rows(network, limit)]
        unit = np.array([row.unit for row in rows], dtype="<U3")
        limit = np.array([row.limit for row in rows], dtype=float)
        flow_limits = cls(
            names=tuple(row.name for row in rows),
            element=np.array([row.element for row in rows], dtype=np.int64),
            side=np.array([row.side for row in rows], dtype=np.int64),
            unit=unit,
            sign=np.array([row.sign for row in rows], dtype=float),
            limit=limit,
            scale=np.where(unit == "kW", np.maximum(limit, S_BASE_KVA), limit),
            gather=_gather(rows, len(network.terminals.node)),
        )
        _require_noticeable(flow_limits, network)
        return flow_limits

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
        """`over` as elastic programs have it: of squares where the row is a magnitude; 0 where the limit is kept."""
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
        current_change = _current_changes(solution, scenarios, dv_pu, terminals)
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


def pull_back_terminals(
    solution: Solution, by_current: ComplexArray, by_power: ComplexArray
) -> ComplexArray:
    """Derivative by the voltages of a number that depends on what flows into terminal conductors.

    Args:
        solution: solved scenarios.
        by_current, by_power: its derivative by current and by complex power of each conductor, dRe + j dIm, (scenario,
            terminal) [1/pu]; any number of rows where there is one scenario.

    Returns:
        dRe + j dIm, a row for each of theirs, (row, node) [1/pu].
    """
    network = solution.network
    node = network.terminals.node
    states = solution.state
    bar = np.zeros((len(by_power), network.n_nodes), dtype=complex)
    for k in range(len(bar)):
        # one row stands for all
        scenario = min(k, len(solution.v_pu) - 1)
        state = states[min(scenario, len(states) - 1)]
        # S = V conj(I) depends on the voltages through I, by the admittance, and through V at the terminal itself.
        v = solution.v_pu[scenario, node]
        through_current = by_current[k] + np.conj(by_power[k]) * v
        admittance = network.terminal_admittance(state)
        bar[k] = admittance.conj().T @ through_current
        np.add.at(
            bar[k],
            node,
            by_power[k] * solution.terminal_current_pu[scenario],
        )
    return bar


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


class _Row(NamedTuple):
    """One row, and the terminals that it adds up."""

    name: str
    element: int
    side: int
    unit: Unit
    limit: float
    terminals: IntArray
    sign: float = 1.0


def _gather(rows: Sequence[_Row], n_terminals: int) -> sparse.csr_array:
    counts = [len(row.terminals) for row in rows]
    row = np.repeat(np.arange(len(rows)), counts)
    # Begins with an empty array: there may be no row, and nothing cannot be concatenated.
    parts = [np.empty(0, dtype=np.int64)]
    parts += [row.terminals for row in rows]
    terminals = np.concatenate(parts)
    ones = np.ones(len(terminals))
    return assemble(row, terminals, ones, (len(rows), n_terminals))


def _rows(network: Network, limit: BranchLimit) -> Iterator[_Row]:
    """The rows of one limit."""
    element = network.element_index.get((limit.kind, limit.name.lower()))
    if element is None:
        names = [name for kind, name in network.elements if kind == limit.kind]
        kind = f"{limit.kind} of feeder '{network.feeder.name}'"
        raise InputError(unknown_name_message(kind, limit.name, names))
    name = f"{limit.kind} '{limit.name}'"
    terminals = np.flatnonzero(network.terminals.element == element)
    side = network.terminals.side[terminals]
    if limit.a is None and limit.kva is None:
        yield from _directed_rows(network, limit, element, terminals[side == 1])
        return
    for end in np.unique(side).tolist():
        conductors = terminals[side == end]
        if limit.kva is not None:
            yield _Row(f"{name} end {end}", element, end, "kVA", limit.kva, conductors)
            continue
        for conductor in conductors:
            row_name = f"{name} end {end} phase {_phase(network, conductor)}"
            yield _Row(
                row_name, element, end, "A", limit.a or 0.0, np.array([conductor])
            )


def _directed_rows(
    network: Network, limit: BranchLimit, element: int, terminals: IntArray
) -> Iterator[_Row]:
    """Rows of a limit in kW, at the terminals of the first end."""
    name = f"{limit.kind} '{limit.name}'"
    meters = {name: terminals}
    if limit.per_phase:
        meters = {
            f"{name} phase {_phase(network, k)}": np.array([k]) for k in terminals
        }
    ways = (("forward", 1.0, limit.forward_kw), ("reverse", -1.0, limit.reverse_kw))
    for way, sign, limit_kw in ways:
        if limit_kw is None:
            continue
        for meter, conductors in meters.items():
            yield _Row(f"{meter} {way}", element, 1, "kW", limit_kw, conductors, sign)


def _phase(network: Network, terminal: int) -> str:
    node = network.terminals.node[terminal]
    return network.node_names[node].rpartition(".")[2]


def _current_changes(
    solution: Solution, scenarios: IntArray, dv_pu: ComplexArray, terminals: IntArray
) -> ComplexArray:
    """Change of the current into terminal conductors, (chosen, direction, chosen terminal) [pu]."""
    network = solution.network
    states = solution.state
    changes = np.empty((*dv_pu.shape[:2], len(terminals)), dtype=complex)
    if len(states) == 1:
        # one row stands for all scenarios: one product does for all
        admittance = network.terminal_admittance(states[0])[terminals]
        flat = dv_pu.reshape(-1, dv_pu.shape[-1])
        return apply(admittance, flat).reshape(changes.shape)
    for place, scenario in enumerate(scenarios):
        admittance = network.terminal_admittance(states[scenario])[terminals]
        changes[place] = apply(admittance, dv_pu[place])
    return changes


def _direction(z: ComplexArray) -> ComplexArray:
    """z / |z|, 0 where z is: the magnitude has no derivative there."""
    size = np.abs(z)
    divisor = np.where(size == 0, 1.0, size)
    return np.where(size == 0, 0.0, z / divisor)
