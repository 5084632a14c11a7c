"""Reactors, faults and capacitors between two buses, as lines without a length.

The engine's primitive admittance of such an element is [[Y, -Y], [-Y, Y]]; the line has the impedance 1/Y. What the matrix holds
(coupling, a resistor in parallel, steps that are in, a frequency) needs no word here, since the engine has worked it in.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tieline.feeders.elements import Line
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report
from tieline.feeders.opendss.code_book import CodeBook, tidy_matrix
from tieline.feeders.opendss.primitives import admittance_of
from tieline.typing import ComplexArray

KINDS = ("Reactor", "Fault", "Capacitor")

ASYMMETRY = 1e-6
"""Largest relative difference across the diagonal that counts as rounding."""


def is_series(record: Record) -> bool:
    """A two-terminal element between different buses; the second terminal of a shunt is grounded or on the same bus."""
    return (
        len(record.terminals) == 2
        and record.terminals[0].bus != record.terminals[1].bus
        and any(record.terminals[1].nodes)
    )


def read_series(
    circuit: DssCircuit, book: CodeBook, line_names: set[str], report: Report
) -> Iterator[Line]:
    """Lines for all elements between two buses that are no lines in OpenDSS."""
    used_names = set(line_names)
    for kind in KINDS:
        for record in filter(is_series, circuit.records(kind)):
            z_ohm = _impedance(circuit, record, report)
            if z_ohm is not None:
                name = free_name(record, used_names)
                used_names.add(name)
                yield _line(record, name, z_ohm, book)


def free_name(record: Record, used_names: set[str]) -> str:
    """A name not in use yet: OpenDSS tells a reactor from a line by its class, a feeder has one kind for both."""
    name = record.name
    while name in used_names:
        name = f"{record.kind.lower()}_{name}"
    return name


def _line(record: Record, name: str, z_ohm: ComplexArray, book: CodeBook) -> Line:
    zero = np.zeros(z_ohm.shape)
    matrices = tuple(tidy_matrix(part) for part in (z_ohm.real, z_ohm.imag, zero))
    first, second = record.terminals
    return Line(
        name=name,
        from_bus=first.bus,
        to_bus=second.bus,
        from_nodes=first.nodes,
        to_nodes=second.nodes,
        code=book.code((name,), (matrices[0], matrices[1], matrices[2])),
        rating_a=record.stated_rating("NormAmps"),
        closed=not record.is_cut_off,
    )


def _impedance(
    circuit: DssCircuit, record: Record, report: Report
) -> ComplexArray | None:
    """Impedance between the ends [ohm]; None, with a word in the report, for an element that has none."""
    if record.is_partly_open:
        report.error(
            "PARTLY_OPEN",
            record.component,
            "Some of its conductors are open.",
            "Open all of them, or split it.",
        )
        return None
    size = len(record.terminals[0].nodes)
    if record.is_cut_off and record.kind == "Reactor":
        # an open reactor has no admittance in the engine, from which an impedance could be read
        z_ohm = complex(record["R"], record["X"])
        return np.diag(np.full(size, z_ohm))
    between_s = -admittance_of(circuit.engine, record)[:size, size:]
    if not between_s.any():
        what = "It is open or without any step in, or comes later: it joins nothing and is left out."
        report.warning("OPEN_ELEMENT_DROPPED", record.component, what)
        return None
    problem = admittance_problem(between_s)
    if not problem and np.linalg.matrix_rank(between_s) < size:
        problem = "ties its conductors to each other more than its ends, so it has no impedance matrix"
    if problem:
        remedy = "Split it into elements of one phase."
        report.error("SERIES_ELEMENT", record.component, f"It {problem}.", remedy)
        return None
    return np.linalg.inv(between_s).astype(complex)


def admittance_problem(admittance_s: ComplexArray) -> str:
    """What makes an admittance of the engine useless, as the end of a sentence; blank if nothing does."""
    if not np.isfinite(admittance_s).all():
        return "has no impedance at all (R = X = 0), with which OpenDSS has no answer: give it X=0.0001"
    asymmetry = np.abs(admittance_s - admittance_s.T).max()
    if asymmetry > ASYMMETRY * np.abs(admittance_s).max():
        return "has a matrix that is not symmetric (Z1 and Z2 differ), as rotating machines have"
    return ""
