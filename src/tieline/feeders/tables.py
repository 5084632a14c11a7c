"""The project's own feeder format: a folder that a person likes to read and edit.

    feeder.toml      name, title, origin, frequency, and the source
    buses.csv        one row per bus
    lines.csv ...    one table per kind of element, named like the fields of `Feeder`; empty ones are absent
    line_codes.csv   impedances per length that lines share
    windings.csv     one row per transformer winding
    notes.csv        what the reader of the original had to say

Columns are the fields of the dataclasses in `elements.py`, with their units; how a value is written stands in `cells.py`. A line
whose impedance is its own has it in lines.csv in total (`r_ohm`, `x_ohm`, `c_nf`), without a code. A blank capacitance is zero.
What `load_tables` reads is equal to what `save_tables` wrote, float by float. Left out: checks of the feeder; see `problems.py`.
"""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from tieline.errors import InputError, reason_of, unknown_name_message
from tieline.feeders.cells import Column, columns_of
from tieline.feeders.csv_table import (
    Report,
    Row,
    bad_value,
    read_csv,
    table_error,
)
from tieline.feeders.elements import (
    Line,
    LineCode,
    Matrix,
    Source,
    Transformer,
    Winding,
)
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError, Finding
from tieline.feeders.table_columns import (
    CODE_COLUMNS,
    ELEMENT_TABLES,
    FEEDER_FILE,
    FILES,
    LINE_COLUMNS,
    WINDING_COLUMNS,
)
from tieline.feeders.table_texts import table_files
from tieline.files import SCRATCH

LENGTH_OF_A_TOTAL = 1.0
"""Tables of older versions state this length beside the impedance of a whole line; it says nothing."""


def save_tables(feeder: Feeder, folder: Path | str) -> None:
    """Write a feeder as a folder of tables; the folder appears whole or not at all.

    Raises:
        InputError: if the folder exists and is not empty, or cannot be written.
        FeederError: if the feeder cannot be told in tables (two different line codes of one name, a matrix that is not square).
    """
    folder = Path(folder)
    files = table_files(feeder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            f"'{folder}' exists already. Give a folder that does not exist yet."
        )
    try:
        _write_whole(folder, files)
    except OSError as error:
        raise InputError(
            f"Folder '{folder}' cannot be written ({reason_of(error)}). Give another one."
        ) from None


def load_tables(folder: Path | str) -> Feeder:
    """Read a folder of tables.

    Raises:
        InputError: if there is no feeder.toml or a file is no text.
        FeederError: with every cell, column and reference that cannot be understood.
    """
    folder = Path(folder)
    findings: list[Finding] = []
    head = _read_head(folder, findings.append)
    parts: dict[str, Any] = {
        name: _read_elements(folder, name, findings.append) for name in ELEMENT_TABLES
    }
    parts["lines"] = _read_lines(folder, findings.append)
    parts["transformers"] = _read_transformers(folder, findings.append)
    findings += [
        _unknown_file(path)
        for path in sorted(folder.glob("*.csv"))
        if path.name not in FILES
    ]
    if findings:
        raise FeederError(folder.name, findings)
    return Feeder(**head, **parts)


def _write_whole(folder: Path, files: dict[str, str]) -> None:
    """Write the files in a hidden folder inside and then rename them, feeder.toml last: without it there is no feeder."""
    folder.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=folder))
    try:
        for name, text in files.items():
            # no translation of line ends: a feeder has the same bytes on every system
            (scratch / name).write_text(text, encoding="utf-8", newline="")
        for name in sorted(files, key=lambda name: name == FEEDER_FILE):
            (scratch / name).replace(folder / name)
    # Ctrl-C too: half a feeder must not stay behind
    except BaseException:
        for name in files:  # the folder was empty before: they are ours
            (folder / name).unlink(missing_ok=True)
        raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        # only after a failure, which then leaves nothing behind
        if not any(folder.iterdir()):
            folder.rmdir()


def _unknown_file(path: Path) -> Finding:
    message = unknown_name_message("table", path.name, FILES)
    return table_error(
        "FILE_UNKNOWN", path.name, message, "Rename it or move it elsewhere."
    )


def _read_head(folder: Path, report: Report) -> dict[str, Any]:
    """The scalars and sources of feeder.toml."""
    raw = read_feeder_toml(folder)
    sources = raw.pop("source", [])
    if not isinstance(sources, list) or not all(
        isinstance(source, dict) for source in sources
    ):
        raise InputError(
            f"'{folder / FEEDER_FILE}': a source begins with the line [[source]]."
        )
    head = _toml_values(FEEDER_FILE, raw, columns_of(Feeder, verbatim=True), report)
    places = [f"{FEEDER_FILE} source {k}" for k in range(1, len(sources) + 1)]
    read = [
        _toml_values(place, source, columns_of(Source), report)
        for place, source in zip(places, sources, strict=True)
    ]
    # what is wrong has been reported, and stops `load_tables` before it builds a feeder
    if head is None or None in read:
        return {}
    return {
        **head,
        "sources": tuple(Source(**source) for source in read if source is not None),
    }


def read_feeder_toml(folder: Path) -> dict[str, Any]:
    """Content of a folder's feeder.toml; raises `InputError` if there is none or it cannot be read."""
    path = folder / FEEDER_FILE
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            f"'{folder}' is no feeder folder: it has no {FEEDER_FILE}."
        ) from None
    except RecursionError:
        raise InputError(
            f"'{path}' is nested deeper than a feeder needs. Correct the file."
        ) from None
    except (OSError, ValueError) as error:
        raise InputError(
            f"'{path}' cannot be read ({error}). Correct the file."
        ) from None


def _toml_values(
    place: str, raw: dict[str, Any], columns: tuple[Column, ...], report: Report
) -> dict[str, Any] | None:
    """Field values of one TOML table; None if something is wrong, which is then reported."""
    by_name = {column.name: column for column in columns}
    good = True
    for key in raw.keys() - by_name.keys():
        report(
            table_error(
                "KEY_UNKNOWN", place, unknown_name_message("entry", key, by_name)
            )
        )
        good = False
    for name in (
        column.name
        for column in columns
        if column.is_required and column.name not in raw
    ):
        report(table_error("KEY_MISSING", place, f"'{name}' is missing.", "Add it."))
        good = False
    values = {}
    for key in raw.keys() & by_name.keys():
        try:
            # by way of text, so that the codecs of tables read TOML as well
            values[key] = by_name[key].codec.read(_scalar_text(raw[key]))
        except ValueError:
            report(bad_value(place, key, str(raw[key]), by_name[key].codec.expects))
            good = False
    return values if good else None


def _scalar_text(value: Any) -> str:
    if not isinstance(value, str | int | float):
        raise ValueError(value)
    return str(value)


def _read_elements(folder: Path, name: str, report: Report) -> tuple[Any, ...]:
    cls = ELEMENT_TABLES[name]
    columns = columns_of(cls, verbatim=cls is Finding)
    rows = read_csv(folder / f"{name}.csv", columns, report)
    return tuple(cls(**row.values) for row in rows if row.is_whole)


def _read_lines(folder: Path, report: Report) -> tuple[Line, ...]:
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


def _read_transformers(folder: Path, report: Report) -> tuple[Transformer, ...]:
    windings: dict[str, dict[int, Winding]] = {}
    for row in read_csv(folder / "windings.csv", WINDING_COLUMNS, report):
        if row.is_whole:
            _add_winding(row, windings, report)
    rows = read_csv(folder / "transformers.csv", columns_of(Transformer), report)
    # a row that could not be read counts as well: its fault is reported, and the transformer is
    # there
    for name in sorted(windings.keys() - {row.values.get("name") for row in rows}):
        message = f"transformer '{name}' is not in transformers.csv."
        report(
            table_error(
                "TRANSFORMER_UNKNOWN",
                "windings.csv",
                message,
                "Add it there, or remove its windings.",
            )
        )
    return tuple(
        _transformer(row, windings.get(row.values["name"], {}), report)
        for row in rows
        if row.is_whole
    )


def _add_winding(
    row: Row, windings: dict[str, dict[int, Winding]], report: Report
) -> None:
    values = dict(row.values)
    name = values.pop("transformer")
    number = values.pop("winding")
    of_transformer = windings.setdefault(name, {})
    if number in of_transformer:
        message = f"winding {number} of transformer '{name}' stands there twice."
        report(
            table_error(
                "WINDING_TWICE", row.place, message, "Number the windings 1, 2, ..."
            )
        )
    of_transformer[number] = Winding(**values)


def _transformer(row: Row, windings: dict[int, Winding], report: Report) -> Transformer:
    if not windings or sorted(windings) != list(range(1, len(windings) + 1)):
        message = f"its windings in windings.csv are numbered {sorted(windings) or 'nowhere'}."
        report(
            table_error(
                "WINDING_MISSING", row.place, message, "Number the windings 1, 2, ..."
            )
        )
    return Transformer(
        **row.values, windings=tuple(windings[number] for number in sorted(windings))
    )
