"""Lines and switches, and what is a line in tieline alone: elements between two buses.

The engine has resolved codes, geometries and units into matrices per unit of length. Lines with equal matrices share one
`LineCode`. A line that is open at one end keeps its charging current at the other, as in the engine. One whose impedance is for
another frequency than the circuit's has the impedance that the engine makes of it: X grows with the frequency, and what Carson's
equations put into R and X by the earth changes too.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from tieline.feeders.elements import Line, Matrix, OpenEnd
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report
from tieline.feeders.opendss.code_book import CodeBook, tidy_matrix
from tieline.feeders.opendss.primitives import admittance_of
from tieline.feeders.opendss.series import read_series
from tieline.units import KM_PER_UNIT, tidy

MATRICES_KEPT = 256
"""Most lines of a feeder have one of a few matrices, and to write out a number and read it back takes long."""


def read_lines(circuit: DssCircuit, report: Report) -> list[Line]:
    """All lines, and elements of other kinds between two buses."""
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
        if not _is_readable(record, circuit, report):
            continue
        rating = _rating_a(record, rated_codes, stated_codes)
        if rating is None:
            what = "The file states no ampacity (NormAmps), so it is never overloaded."
            report.warning("LINE_RATING_MISSING", record.component, what)
        is_switch = bool(record["Switch"]) or record.name in switched
        lines.append(_line(circuit, record, book, rating, is_switch))
    line_names = {line.name for line in lines}
    return [*lines, *read_series(circuit, book, line_names, report)]


def _line(
    circuit: DssCircuit,
    record: Record,
    book: CodeBook,
    rating_a: float | None,
    is_switch: bool,
) -> Line:
    length_km, factor = _length(record)
    r, x = _impedance(circuit, record, factor)
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
        is_switch=is_switch,
        closed=not record.is_cut_off,
        open_end=_open_end(record),
    )


def _impedance(
    circuit: DssCircuit, record: Record, factor: float
) -> tuple[Matrix, Matrix]:
    """R and X per kilometre, or of the whole line where its length is not known [ohm]."""
    if not _is_for_other_frequency(record, circuit):
        return _scaled(record["RMatrix"], factor), _scaled(record["XMatrix"], factor)
    size = len(record.terminals[0].nodes)
    between_s = -admittance_of(circuit.engine, record)[:size, size:]
    # the engine's matrix is that of the whole length
    whole_ohm = np.linalg.inv(between_s).astype(np.complex128)
    per_km = whole_ohm * factor / float(record["Length"])
    return tidy_matrix(per_km.real), tidy_matrix(per_km.imag)


def _is_for_other_frequency(record: Record, circuit: DssCircuit) -> bool:
    return bool(record["BaseFreq"] != circuit.frequency_hz)


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
    rows = tuple(tuple(row) for row in matrix)
    return _tidy_product(rows, factor)


@lru_cache(maxsize=MATRICES_KEPT)
def _tidy_product(matrix: Matrix, factor: float) -> Matrix:
    return tuple(tuple(tidy(value * factor) for value in row) for row in matrix)


def _is_readable(record: Record, circuit: DssCircuit, report: Report) -> bool:
    before = len(report.errors)
    if record.is_partly_open:
        report.error(
            "PARTLY_OPEN",
            record.component,
            "Some of its conductors are open.",
            "Open all of them, or split the line.",
        )
    if record.is_cut_off and _is_for_other_frequency(record, circuit):
        # an open line has no admittance in the engine, from which an impedance could be read
        what = (
            f"It is open, and its impedance is for {record['BaseFreq']:g} Hz in a circuit of "
            f"{circuit.frequency_hz:g} Hz."
        )
        report.error(
            "BASE_FREQUENCY", record.component, what, other_frequency_remedy(circuit)
        )
    return len(report.errors) == before


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
