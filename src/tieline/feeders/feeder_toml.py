"""feeder.toml, the head of a feeder's folder: its name, title, origin and frequency, and its sources."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from tieline.errors import InputError, unknown_name_message
from tieline.feeders.cells import Column, columns_of
from tieline.feeders.csv_table import Report, bad_value, table_error
from tieline.feeders.elements import Source
from tieline.feeders.feeder import Feeder
from tieline.feeders.table_columns import FEEDER_FILE


def read_head(folder: Path, report: Report) -> dict[str, Any]:
    """The scalars and sources of feeder.toml; nothing where something is wrong, which is then reported.

    Raises:
        InputError: if there is no feeder.toml, or it cannot be read.
    """
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
