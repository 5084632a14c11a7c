"""Lines, switches and series reactors.

The engine has resolved codes, geometries and units into matrices per unit of length. Lines with equal matrices share one
`LineCode`. A line that is open at one end keeps its charging current at the other, as in the engine. A series reactor is a line
without a length.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.feeders.elements import Line, LineCode, Matrix, OpenEnd
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report
from tieline.feeders.opendss.primitives import engine_yprim
from tieline.typing import ComplexArray, FloatArray
from tieline.units import KM_PER_UNIT, tidy

Matrices = tuple[Matrix, Matrix, Matrix]


class CodeBook:
    """Line codes by content: equal matrices give the same code, different ones never the same name."""

    def __init__(self) -> None:
        self._by_matrices: dict[Matrices, LineCode] = {}
        self._names: set[str] = set()

    def code(self, names: tuple[str, ...], matrices: Matrices) -> LineCode:
        """The code with these r, x, c matrices; a new one takes the first free of `names`."""
        if matrices not in self._by_matrices:
            name = next(
                name
                for name in (*names, "_".join(names), f"code_{len(self._names) + 1}")
                if name not in self._names
            )
            self._names.add(name)
            self._by_matrices[matrices] = LineCode(name, *matrices)
        return self._by_matrices[matrices]


def read_lines(circuit: DssCircuit, report: Report) -> list[Line]:
    """All lines and series reactors."""
    book = CodeBook()
    codes = circuit.objects("LineCode", full=True)
    stated = circuit.objects("LineCode", full=False)
    rated_codes = {code["Name"]: code["NormAmps"] for code in codes}
    stated_codes = {code["Name"] for code in stated if "NormAmps" in code}
    switched = _switched_by_control(circuit)
    lines = []
    for record in circuit.records("Line"):
        if record["Units"] not in KM_PER_UNIT:
            what = f"Its length is in '{record['Units']}', which is not known."
            report.error(
                "LINE_UNITS", record.component, what, f"Use {', '.join(KM_PER_UNIT)}."
            )
            continue
        _check(record, circuit, report)
        rating = _rating_a(record, rated_codes, stated_codes)
        if rating is None:
            what = "The file states no ampacity (NormAmps), so it is never overloaded."
            report.warning("LINE_RATING_MISSING", record.component, what)
        lines.append(_line(record, book, rating, record.name in switched))
    line_names = {line.name for line in lines}
    reactors = [
        _reactor_line(circuit, record, book, line_names, report)
        for record in series_reactors(circuit)
    ]
    return [*lines, *reactors]


def _line(
    record: Record, book: CodeBook, rating_a: float | None, is_switched: bool
) -> Line:
    length_km, factor = _length(record)
    r = _scaled(record["RMatrix"], factor)
    x = _scaled(record["XMatrix"], factor)
    c = _scaled(record["CMatrix"], factor)
    names = (record.name,)
    shared = record["LineCode"] or record["Geometry"]
    # matrices of a line of unknown length are its own, whatever code they come from
    if shared and length_km is not None:
        names = (str(shared).lower(), record.name)
    first, second = record.terminals
    return Line(
        name=record.name,
        from_bus=first.bus,
        to_bus=second.bus,
        from_nodes=first.nodes,
        to_nodes=second.nodes,
        code=book.code(names, (r, x, c)),
        length_km=length_km,
        rating_a=rating_a,
        is_switch=bool(record["Switch"]) or is_switched,
        closed=not record.is_cut_off,
        open_end=_open_end(record),
    )


def _open_end(record: Record) -> OpenEnd:
    """The end of a line at which all conductors are open; both, if it is open at neither."""
    from_is_open, to_is_open = (all(terminal.is_open) for terminal in record.terminals)
    if from_is_open == to_is_open:
        return "both"
    return "from" if from_is_open else "to"


def _length(record: Record) -> tuple[float | None, float]:
    """Length [km], and the factor that makes the engine's matrices, which are per its unit of length, those per kilometre.

    A length without a unit is known to nobody: the matrices are then those of the whole line.
    """
    if record["Units"] == "none":
        return None, float(record["Length"])
    km = KM_PER_UNIT[record["Units"]]
    return tidy(record["Length"] * km), 1 / km


def _scaled(matrix: list[list[float]], factor: float) -> Matrix:
    return tuple(tuple(tidy(value * factor) for value in row) for row in matrix)


def _check(record: Record, circuit: DssCircuit, report: Report) -> None:
    if record.is_partly_open:
        report.error(
            "PARTLY_OPEN",
            record.component,
            "Some of its conductors are open.",
            "Open all of them, or split the line.",
        )
    if record["BaseFreq"] != circuit.frequency_hz:
        what = f"Its impedance is for {record['BaseFreq']:g} Hz, the circuit runs at {circuit.frequency_hz:g} Hz."
        report.error(
            "BASE_FREQUENCY", record.component, what, other_frequency_remedy(circuit)
        )


def other_frequency_remedy(circuit: DssCircuit) -> str:
    """What to do about an impedance that is stated for another frequency."""
    hz = f"{circuit.frequency_hz:g} Hz"
    return f"Give it (or its code) for {hz} with BaseFreq={circuit.frequency_hz:g}, or set DefaultBaseFrequency first of all."


def _rating_a(
    record: Record, rated_codes: dict[str, float], stated_codes: set[str]
) -> float | None:
    """NormAmps where the line or its code states it; the engine's default of 400 A is no rating.

    Neither are 0 and -1, which the engine has where wires or cables come without ampacity.
    """
    code = record["LineCode"]
    amps = float(record["NormAmps"])
    if amps <= 0:
        return None
    if code not in rated_codes:
        return amps if "NormAmps" in record.stated else None
    # another number than that of the code can only come from the line itself
    is_stated = code in stated_codes or amps != rated_codes[code]
    return amps if is_stated else None


def _switched_by_control(circuit: DssCircuit) -> set[str]:
    """Lines that a switch control operates; `start_snapshot` has applied its state."""
    targets = [
        str(record["SwitchedObj"]).lower() for record in circuit.records("SwtControl")
    ]
    return {
        target.removeprefix("line.") for target in targets if target.startswith("line.")
    }


def is_series(record: Record) -> bool:
    """A two-terminal element between different buses; the second terminal of a shunt is grounded or on the same bus."""
    return (
        len(record.terminals) == 2
        and record.terminals[0].bus != record.terminals[1].bus
        and any(record.terminals[1].nodes)
    )


def series_reactors(circuit: DssCircuit) -> list[Record]:
    """Reactors that join two buses."""
    return [record for record in circuit.records("Reactor") if is_series(record)]


def _reactor_line(
    circuit: DssCircuit,
    record: Record,
    book: CodeBook,
    line_names: set[str],
    report: Report,
) -> Line:
    if record.is_partly_open:
        report.error(
            "PARTLY_OPEN",
            record.component,
            "Some of its conductors are open.",
            "Open all of them, or split it.",
        )
    z_ohm = _series_impedance(circuit.engine, record)
    zero = tuple(tuple(0.0 for _ in row) for row in z_ohm)
    # OpenDSS tells a reactor from a line by its class, a feeder has lines only
    name = f"reactor_{record.name}" if record.name in line_names else record.name
    first, second = record.terminals
    return Line(
        name=name,
        from_bus=first.bus,
        to_bus=second.bus,
        from_nodes=first.nodes,
        to_nodes=second.nodes,
        code=book.code((name,), (_matrix(z_ohm.real), _matrix(z_ohm.imag), zero)),
        rating_a=record.stated_rating("NormAmps"),
        closed=not record.is_cut_off,
    )


def _series_impedance(engine: Any, record: Record) -> ComplexArray:
    """Impedance between the ends, from the part of the primitive admittance that joins them."""
    size = len(record.terminals[0].nodes)
    if record.is_cut_off:
        # an open reactor has no admittance in the engine, from which an impedance could be read
        z_ohm = complex(record["R"], record["X"])
        return np.diag(np.full(size, z_ohm))
    (primitive,) = engine_yprim(engine, [f"reactor.{record.name}"]).values()
    between_s = -primitive.matrix_s[:size, size:]
    return np.linalg.inv(between_s).astype(complex)


def _matrix(values: FloatArray) -> Matrix:
    return tuple(tuple(tidy(value) for value in row) for row in values)
