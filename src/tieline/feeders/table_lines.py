"""Lines from a feeder's tables: lines.csv, and line_codes.csv with what lines share.

A line has a code and a length, or the impedance of the whole line (`r_ohm`, `x_ohm`, `c_nf`) and neither. Which of them it is,
and whether matrices fit its conductors, is what is to be found out here; what lines are in a circuit is checked elsewhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tieline.errors import unknown_name_message
from tieline.feeders.csv_table import Report, Row, read_csv, table_error
from tieline.feeders.elements import Line, LineCode, Matrix
from tieline.feeders.findings import Finding
from tieline.feeders.table_columns import CODE_COLUMNS, LINE_COLUMNS

LENGTH_OF_A_TOTAL = 1.0
"""Tables of older versions state this length beside the impedance of a whole line; it says nothing."""


def read_lines(folder: Path, report: Report) -> tuple[Line, ...]:
    """Lines of a folder of tables; what cannot be understood is reported and left out."""
    codes = {code.name: code for code in _read_codes(folder, report)}
    lines = (
        _line(row, codes, report)
        for row in read_csv(folder / "lines.csv", LINE_COLUMNS, report)
        if row.is_whole
    )
    return tuple(line for line in lines if line is not None)


def _read_codes(folder: Path, report: Report) -> list[LineCode]:
    codes: dict[str, LineCode] = {}
    for row in read_csv(folder / "line_codes.csv", CODE_COLUMNS, report):
        if not row.is_whole:
            continue
        code = _with_capacitance(row.values)
        if code.name in codes:
            report(
                table_error(
                    "CODE_TWICE",
                    row.place,
                    f"line code '{code.name}' stands there twice.",
                    "Rename one of them.",
                )
            )
        codes[code.name] = code
    return list(codes.values())


def _with_capacitance(values: dict[str, Any]) -> LineCode:
    size = len(values["r_ohm_per_km"])
    return LineCode(**{"c_nf_per_km": ((0.0,) * size,) * size, **values})


def _line(row: Row, codes: dict[str, LineCode], report: Report) -> Line | None:
    values = dict(row.values)
    matrices = {
        key: values.pop(key) for key in ("r_ohm", "x_ohm", "c_nf") if key in values
    }
    name = values.pop("code", None)
    if name is None:
        # `LENGTH_OF_A_TOTAL` says nothing, and any other length is refused in `_own_code`
        values.pop("length_km", None)
    code = (
        _own_code(row, matrices)
        if name is None
        else _named_code(row, name, matrices, codes)
    )
    findings = (
        [code] if isinstance(code, Finding) else _size_findings(row, code, matrices)
    )
    for finding in findings:
        report(finding)
    return None if findings or isinstance(code, Finding) else Line(**values, code=code)


def _own_code(row: Row, matrices: dict[str, Matrix]) -> LineCode | Finding:
    if "r_ohm" not in matrices or "x_ohm" not in matrices:
        return table_error(
            "IMPEDANCE_MISSING",
            row.place,
            "neither a code nor r_ohm and x_ohm.",
            "Give one or the other.",
        )
    if row.values.get("length_km") not in (None, LENGTH_OF_A_TOTAL):
        message = "r_ohm, x_ohm, c_nf are those of the whole line, so length_km must be blank."
        return table_error(
            "LENGTH_GIVEN",
            row.place,
            message,
            "Clear the cell, or define a code in line_codes.csv.",
        )
    per_km = {f"{key}_per_km": matrix for key, matrix in matrices.items()}
    return _with_capacitance({"name": row.values["name"], **per_km})


def _named_code(
    row: Row, name: str, matrices: dict[str, Matrix], codes: dict[str, LineCode]
) -> LineCode | Finding:
    if matrices:
        return table_error(
            "IMPEDANCE_TWICE",
            row.place,
            f"both code '{name}' and {', '.join(matrices)}.",
            "Keep one of them.",
        )
    if name not in codes:
        # without any code there is no nearest name to offer
        message = (
            unknown_name_message("code", name, codes)
            if codes
            else f"Unknown code '{name}'."
        )
        return table_error(
            "CODE_UNKNOWN",
            row.place,
            f"column 'code': {message}",
            "Define it in line_codes.csv.",
        )
    return codes[name]


def _size_findings(
    row: Row, code: LineCode, matrices: dict[str, Matrix]
) -> list[Finding]:
    """Matrices that do not fit the line's conductors."""
    count = len(row.values["from_nodes"])
    by_code = [
        ("code", matrix)
        for matrix in (code.r_ohm_per_km, code.x_ohm_per_km, code.c_nf_per_km)
    ]
    sizes = {
        column: len(matrix)
        for column, matrix in list(matrices.items()) or by_code
        if len(matrix) != count
    }
    messages = [
        f"column '{column}' has {size} conductor(s), but from_nodes has {count}."
        for column, size in sizes.items()
    ]
    return [
        table_error(
            "MATRIX_SIZE", row.place, message, "Give one row and column per conductor."
        )
        for message in messages
    ]
