"""The files and columns of the project's own feeder format; what it is stands in `tables`."""

from __future__ import annotations

import typing
from dataclasses import MISSING, fields, is_dataclass, replace
from typing import Any

from tieline.feeders.cells import BY_TYPE, NAME, Column, columns_of
from tieline.feeders.elements import (
    Line,
    LineCode,
    Matrix,
    Shape,
    Source,
    Transformer,
    Winding,
)
from tieline.feeders.feeder import Feeder

FEEDER_FILE = "feeder.toml"


def _matrix_column(name: str, default: Any) -> Column:
    return Column(name, BY_TYPE[Matrix], default)


def _line_columns() -> tuple[Column, ...]:
    """A line's own columns, with those of its impedance before the length."""
    impedance = (
        Column("code", NAME, ""),
        *(_matrix_column(name, None) for name in ("r_ohm", "x_ohm", "c_nf")),
    )
    # between the fifth field and the length stands the code, a dataclass, which has no column
    name_and_ends = columns_of(Line)[:5]
    length_and_ratings = columns_of(Line)[5:]
    return *name_and_ends, *impedance, *length_and_ratings


def _code_columns() -> tuple[Column, ...]:
    """A code's columns; the capacitance may be blank."""
    return tuple(
        replace(column, default=None) if column.name == "c_nf_per_km" else column
        for column in columns_of(LineCode)
    )


LINE_COLUMNS = _line_columns()
CODE_COLUMNS = _code_columns()
WINDING_COLUMNS = (
    Column("transformer", NAME, MISSING),
    Column("winding", BY_TYPE[int], MISSING),
    *columns_of(Winding),
)


def _element_tables() -> dict[str, type]:
    """Field of `Feeder` -> the dataclass of its rows, for the fields that are plain tables."""
    hints = typing.get_type_hints(Feeder)
    rows = {
        field.name: next(iter(typing.get_args(hints[field.name])), None)
        for field in fields(Feeder)
    }
    special = (Line, Transformer, Source, Shape)
    return {
        name: cls
        for name, cls in rows.items()
        if isinstance(cls, type) and is_dataclass(cls) and cls not in special
    }


ELEMENT_TABLES = _element_tables()
OTHER_TABLES = (
    "lines",
    "line_codes",
    "transformers",
    "windings",
    "shapes",
    "shape_points",
)
"""Tables that are written and read by hand, see `table_lines`, `table_transformers` and `table_shapes`."""

FILES = {
    FEEDER_FILE,
    *(f"{name}.csv" for name in (*ELEMENT_TABLES, *OTHER_TABLES)),
}
