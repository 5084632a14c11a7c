"""Load shapes in a feeder's tables: shapes.csv, and shape_points.csv with a column for each series, to be drawn as it stands.

    home,home q,shop          the points of P of each shape, of Q where it has any ("home q"), and their hours ("shop hour")
    0.42,0.40,0.10
    0.38,0.37,                shapes of fewer points end in blanks

A point is read into whichever series its column names; a blank between points is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from tieline.feeders.cells import BY_TYPE, Column, columns_of
from tieline.feeders.csv_table import Report, Row, read_csv, table_error
from tieline.feeders.elements import Shape

SHAPES_FILE = "shapes.csv"
POINTS_FILE = "shape_points.csv"

SERIES = {"p": "", "q": " q", "hour": " hour"}
"""Fields of a shape that hold its points, and what follows its name in the column of each."""

SHAPE_COLUMNS = tuple(
    column for column in columns_of(Shape) if column.name not in SERIES
)


def point_columns(names: list[str]) -> list[Column]:
    """The columns that shapes of these names may have in shape_points.csv."""
    return [
        Column(f"{name}{ending}", BY_TYPE[float], None)
        for name in names
        for ending in SERIES.values()
    ]


def point_rows(shapes: tuple[Shape, ...]) -> list[dict[str, Any]]:
    """Rows of shape_points.csv; None behind the end of a series."""
    series = {
        f"{shape.name}{ending}": getattr(shape, field)
        for shape in shapes
        for field, ending in SERIES.items()
    }
    rows = zip_longest(*series.values())
    return [dict(zip(series, row, strict=True)) for row in rows]


def read_shapes(folder: Path, report: Report) -> tuple[Shape, ...]:
    """Shapes of a folder of tables; what cannot be understood is reported."""
    heads = read_csv(folder / SHAPES_FILE, SHAPE_COLUMNS, report)
    names = [row.values["name"] for row in heads if row.is_whole]
    rows = read_csv(folder / POINTS_FILE, point_columns(names), report)
    points = {
        column: tuple(_without_gaps(column, rows, report))
        for column in {name for row in rows for name in row.values}
    }
    return tuple(_shape(row, points) for row in heads if row.is_whole)


def _shape(head: Row, points: dict[str, tuple[float, ...]]) -> Shape:
    name = head.values["name"]
    series: dict[str, Any] = {
        field: points.get(f"{name}{ending}", ()) for field, ending in SERIES.items()
    }
    return Shape(**head.values, **series)


def _without_gaps(column: str, rows: list[Row], report: Report) -> Iterator[float]:
    """The numbers of a column down to its last one."""
    has_ended = False
    for row in rows:
        value = row.values.get(column)
        if value is None:
            has_ended = True
            continue
        if has_ended:
            message = f"column '{column}' goes on after a blank cell."
            report(
                table_error(
                    "POINT_MISSING", row.place, message, "Fill the cells above."
                )
            )
            return
        yield value
