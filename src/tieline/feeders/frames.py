"""The elements of a feeder as labelled tables of pandas, to look at and to compute with; files have their own (`tables`)."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from tieline.errors import InputError, require_text, unknown_name_message

if TYPE_CHECKING:
    import pandas as pd

    from tieline.feeders.feeder import Feeder

NO_KINDS = ("notes",)
"""Tuples of a feeder that hold no elements."""


def element_frame(feeder: Feeder, kind: str) -> pd.DataFrame:
    """A row for each element of a kind, a column for each of its fields; what has a name of its own stands by that.

    Args:
        feeder: of which.
        kind: a field of `Feeder` that holds elements: "buses", "lines", "loads", "pvs", ...

    Raises:
        InputError: for another kind.
    """
    # not at the top: reading a feeder needs no pandas
    import pandas as pd

    kinds = element_kinds(feeder)
    require_text("kind of element", kind)
    if kind not in kinds:
        raise InputError(unknown_name_message("kind of element", kind, kinds))
    rows = [_row(element) for element in getattr(feeder, kind)]
    return pd.DataFrame(rows)


def element_kinds(feeder: Feeder) -> list[str]:
    """The fields of a feeder that hold elements."""
    names = [field.name for field in dataclasses.fields(feeder)]
    tuples = [name for name in names if isinstance(getattr(feeder, name), tuple)]
    return [name for name in tuples if name not in NO_KINDS]


def _row(element: Any) -> dict[str, Any]:
    row = {}
    for field in dataclasses.fields(element):
        value = getattr(element, field.name)
        # the code of a line has matrices, which fit no cell
        row[field.name] = getattr(value, "name", value)
    return row
