"""The rows of branch limits: which terminals each adds up, and what it is called.

A limit in A gives a row for each conductor at each end of the element, one in kVA a row for each end (all phases together). A
limit in kW has a direction: forward is from the first end to the second. It is measured at the first end, where the meter is
taken to stand, and gives a row for each direction, or one for each direction and phase.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
from scipy import sparse

from tieline.errors import InputError, unknown_name_message
from tieline.linear.blocks import assemble
from tieline.network.network import Network
from tieline.opf.branch_limits import BranchLimit
from tieline.typing import IntArray

Unit = Literal["A", "kVA", "kW"]


class FlowRow(NamedTuple):
    """One row, and the terminals that it adds up."""

    name: str
    element: int
    side: int
    unit: Unit
    limit: float
    terminals: IntArray
    sign: float = 1.0


def limit_rows(network: Network, limit: BranchLimit) -> Iterator[FlowRow]:
    """The rows of one limit; raises `InputError` for an element that the feeder does not have."""
    element = network.element_index.get((limit.kind, limit.name.lower()))
    if element is None:
        names = [name for kind, name in network.elements if kind == limit.kind]
        where = f"of feeder '{network.feeder.name}'"
        raise InputError(unknown_name_message(limit.kind, limit.name, names, where))
    name = f"{limit.kind} '{limit.name}'"
    terminals = np.flatnonzero(network.terminals.element == element)
    side = network.terminals.side[terminals]
    if limit.a is None and limit.kva is None:
        yield from _directed_rows(network, limit, element, terminals[side == 1])
        return
    for end in np.unique(side).tolist():
        conductors = terminals[side == end]
        if limit.kva is not None:
            yield FlowRow(
                f"{name} end {end}", element, end, "kVA", limit.kva, conductors
            )
            continue
        for conductor in conductors:
            row_name = f"{name} end {end} phase {_phase(network, conductor)}"
            limit_a = limit.a or 0.0
            only = np.array([conductor])
            yield FlowRow(row_name, element, end, "A", limit_a, only)


def _directed_rows(
    network: Network, limit: BranchLimit, element: int, terminals: IntArray
) -> Iterator[FlowRow]:
    """Rows of a limit in kW, at the terminals of the first end."""
    name = f"{limit.kind} '{limit.name}'"
    meters = {name: terminals}
    if limit.per_phase:
        meters = {
            f"{name} phase {_phase(network, k)}": np.array([k]) for k in terminals
        }
    # power back along the element is below zero: the sign makes a highest value of its limit
    ways = (("forward", 1.0, limit.forward_kw), ("reverse", -1.0, limit.reverse_kw))
    for way, sign, limit_kw in ways:
        if limit_kw is None:
            continue
        for meter, conductors in meters.items():
            yield FlowRow(
                f"{meter} {way}", element, 1, "kW", limit_kw, conductors, sign
            )


def _phase(network: Network, terminal: int) -> str:
    node = network.terminals.node[terminal]
    return network.node_names[node].rpartition(".")[2]


def gather_terminals(rows: Sequence[FlowRow], n_terminals: int) -> sparse.csr_array:
    """Which terminals each row adds up, (row, terminal) of ones."""
    counts = [len(row.terminals) for row in rows]
    row = np.repeat(np.arange(len(rows)), counts)
    # Begins with an empty array: there may be no row, and nothing cannot be concatenated.
    parts = [np.empty(0, dtype=np.int64)]
    parts += [row.terminals for row in rows]
    terminals = np.concatenate(parts)
    ones = np.ones(len(terminals))
    return assemble(row, terminals, ones, (len(rows), n_terminals))
