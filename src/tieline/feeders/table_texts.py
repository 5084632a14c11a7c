"""From a feeder to the text of its tables: the writing half of the project's own format, see `tables`."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import tomli_w

from tieline.feeders.cells import Column, columns_of
from tieline.feeders.csv_table import csv_text
from tieline.feeders.elements import Line, LineCode, Matrix, Source, Transformer
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError, Finding
from tieline.feeders.table_columns import (
    CODE_COLUMNS,
    ELEMENT_TABLES,
    FEEDER_FILE,
    LINE_COLUMNS,
    WINDING_COLUMNS,
)
from tieline.feeders.table_shapes import SHAPE_COLUMNS, point_columns, point_rows


def table_files(feeder: Feeder) -> dict[str, str]:
    """Text of every file of a feeder's folder, by file name; raises `FeederError` as `save_tables` does."""
    codes = _shared_codes(feeder)
    tables = {
        **{
            name: csv_text(
                columns_of(cls, cls is Finding), _rows(getattr(feeder, name))
            )
            for name, cls in ELEMENT_TABLES.items()
        },
        "lines": csv_text(LINE_COLUMNS, [_line_row(line) for line in feeder.lines]),
        "line_codes": csv_text(CODE_COLUMNS, [_code_row(code) for code in codes]),
        "transformers": csv_text(columns_of(Transformer), _rows(feeder.transformers)),
        "windings": csv_text(WINDING_COLUMNS, _winding_rows(feeder)),
        "shapes": csv_text(SHAPE_COLUMNS, _rows(feeder.shapes)),
        "shape_points": _points_text(feeder),
    }
    return {
        FEEDER_FILE: _head_text(feeder),
        **{f"{name}.csv": text for name, text in tables.items() if text.strip()},
    }


def _points_text(feeder: Feeder) -> str:
    names = [shape.name for shape in feeder.shapes]
    return csv_text(point_columns(names), point_rows(feeder.shapes))


def _head_text(feeder: Feeder) -> str:
    head = _changed_values(feeder, columns_of(Feeder, verbatim=True))
    head["source"] = [
        _changed_values(source, columns_of(Source)) for source in feeder.sources
    ]
    return tomli_w.dumps(head)


def _changed_values(item: Any, columns: tuple[Column, ...]) -> dict[str, Any]:
    """Fields that differ from their default, as TOML values; tuples become the text of a cell."""
    values = {column: getattr(item, column.name) for column in columns}
    changed = {
        column: value for column, value in values.items() if value != column.default
    }
    return {
        column.name: column.codec.write(value) if isinstance(value, tuple) else value
        for column, value in changed.items()
    }


def _rows(items: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [
        {field.name: getattr(item, field.name) for field in fields(item)}
        for item in items
    ]


def _has_own_code(line: Line) -> bool:
    # an impedance in lines.csv has the name of its line, and neither a length nor a rating
    return (
        line.code.name == line.name
        and line.length_km is None
        and line.code.rating_a is None
    )


def _line_row(line: Line) -> dict[str, Any]:
    row = _rows((line,))[0]
    if not _has_own_code(line):
        return {
            **row,
            "code": line.code.name,
            "r_ohm": None,
            "x_ohm": None,
            "c_nf": None,
        }
    code = line.code
    return {
        **row,
        "code": "",
        "r_ohm": code.r_ohm_per_km,
        "x_ohm": code.x_ohm_per_km,
        "c_nf": _none_if_zero(code.c_nf_per_km),
    }


def _code_row(code: LineCode) -> dict[str, Any]:
    return {**_rows((code,))[0], "c_nf_per_km": _none_if_zero(code.c_nf_per_km)}


def _none_if_zero(matrix: Matrix) -> Matrix | None:
    return matrix if any(value != 0 for row in matrix for value in row) else None


def _winding_rows(feeder: Feeder) -> list[dict[str, Any]]:
    return [
        {"transformer": transformer.name, "winding": k, **row}
        for transformer in feeder.transformers
        for k, row in enumerate(_rows(transformer.windings), start=1)
    ]


def _shared_codes(feeder: Feeder) -> list[LineCode]:
    """The codes of line_codes.csv, in the order in which lines use them."""
    findings = [
        _not_square(line.code) for line in feeder.lines if not _is_square(line.code)
    ]
    codes: dict[str, LineCode] = {}
    shared = [line.code for line in feeder.lines if not _has_own_code(line)]
    findings += [
        _different_codes(code)
        for code in shared
        if codes.setdefault(code.name, code) != code
    ]
    if findings:
        # many lines share a code, whose fault is said once
        raise FeederError(feeder.name, dict.fromkeys(findings))
    return list(codes.values())


def _is_square(code: LineCode) -> bool:
    matrices = (code.r_ohm_per_km, code.x_ohm_per_km, code.c_nf_per_km)
    return {len(part) for matrix in matrices for part in (matrix, *matrix)} == {
        len(code.r_ohm_per_km)
    }


def _not_square(code: LineCode) -> Finding:
    message = "its matrices are not square or of different sizes."
    return Finding(
        "LINE_CODE.MATRIX_SIZE",
        "error",
        f"line code {code.name}",
        message,
        "Give one row and column per conductor.",
    )


def _different_codes(code: LineCode) -> Finding:
    message = "two line codes with this name differ."
    return Finding(
        "LINE_CODE.DUPLICATE_NAME",
        "error",
        f"line code {code.name}",
        message,
        "Rename one of them.",
    )
