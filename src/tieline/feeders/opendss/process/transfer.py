"""A feeder, or the reason why there is none, as JSON: what the engine's process sends.

Only names and numbers travel. The receiver builds the objects itself, from the classes listed here, so that a process gone
astray can hand over wrong figures at worst, but no code. Objects of one class lie together as a table: a row each, a column for
each field.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any

from tieline.errors import InputError
from tieline.feeders import elements
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError, Finding

KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in vars(elements).values()
    if isinstance(kind, type) and is_dataclass(kind)
} | {"Finding": Finding}
"""Classes that may stand in a feeder."""


def encode_feeder(feeder: Feeder) -> bytes:
    """A feeder as JSON."""
    tables = _Tables()
    values = {
        field.name: tables.plain(getattr(feeder, field.name))
        for field in fields(feeder)
    }
    return _json({"tables": tables.rows, "feeder": values})


def encode_error(error: InputError) -> bytes:
    """An error of the reader as JSON."""
    if isinstance(error, FeederError):
        tables = _Tables()
        findings = tables.plain(error.findings)
        return _json(
            {
                "tables": tables.rows,
                "error": {"feeder": error.feeder_name, "findings": findings},
            }
        )
    return _json({"error": {"message": str(error)}})


def encode_defect(trace: str) -> bytes:
    """A fault of the reader itself as JSON."""
    return _json({"defect": trace})


def decode(data: bytes) -> Feeder:
    """The feeder that was sent; raises the error if one was, and `RuntimeError` for a defect of the reader."""
    with _without_collection():
        message = json.loads(data)
        if "defect" in message:
            raise RuntimeError(
                f"The OpenDSS reader failed, in a process of its own:\n{message['defect']}"
            )
        objects = _Objects(message.get("tables", {}))
        if "error" in message:
            raise _error(message["error"], objects)
        return Feeder(
            **{name: objects.value(value) for name, value in message["feeder"].items()}
        )


@contextmanager
def _without_collection() -> Iterator[None]:
    """No search for rubbish while thousands of objects are built, none of which is rubbish; it doubles the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _json(message: dict[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":"), default=_plain_number).encode()


def _plain_number(value: Any) -> Any:
    """A number of NumPy as one of Python."""
    return value.item()


def _error(error: dict[str, Any], objects: _Objects) -> InputError:
    if "findings" in error:
        return FeederError(str(error["feeder"]), objects.value(error["findings"]))
    return InputError(str(error["message"]))


class _Tables:
    """Rows of values by class. An object is written as `{class: row number}`, once for all places that share it."""

    def __init__(self) -> None:
        self.rows: dict[str, list[list[Any]]] = {}
        self._places: dict[int, dict[str, int]] = {}
        self._names: dict[type, tuple[str, ...]] = {}
        for kind in KINDS.values():
            self._names[kind] = tuple(field.name for field in fields(kind))

    def plain(self, value: Any) -> Any:
        """A value in lists, strings and numbers."""
        if isinstance(value, tuple):
            # a year of a load shape: one look is enough for all its numbers
            if value and type(value[0]) is float:
                return value
            return [self.plain(part) for part in value]
        names = self._names.get(type(value))
        return value if names is None else self._row(value, names)

    def _row(self, element: Any, names: tuple[str, ...]) -> dict[str, int]:
        # by identity: to compare whole elements would take as long as to write them
        place = self._places.get(id(element))
        if place is None:
            row = [self.plain(getattr(element, name)) for name in names]
            rows = self.rows.setdefault(type(element).__name__, [])
            rows.append(row)
            place = self._places[id(element)] = {type(element).__name__: len(rows) - 1}
        return place


class _Objects:
    """The objects of received tables, each built once."""

    def __init__(self, tables: dict[str, list[list[Any]]]):
        self._tables = tables
        self._built: dict[tuple[str, int], Any] = {}

    def value(self, value: Any) -> Any:
        """A value in tuples and objects."""
        if isinstance(value, list):
            if value and type(value[0]) is float:
                return tuple(value)
            # by way of a list, which takes less time than a generator
            return tuple([self.value(part) for part in value])
        if isinstance(value, dict):
            ((name, row),) = value.items()
            return self._object(name, row)
        return value

    def _object(self, name: str, row: int) -> Any:
        element = self._built.get((name, row))
        if element is None:
            values = map(self.value, self._tables[name][row])
            element = KINDS[name](*values)
            self._built[name, row] = element
        return element
