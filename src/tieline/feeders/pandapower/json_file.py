"""A net from the file that `pandapower.to_json` wrote, after a look at everything that the file asks to be made.

Such a file names Python classes, and the decoder imports what it names. A feeder file is data, so before decoding every object
in it, also those in strings that are JSON themselves, must be of a kind that holds a net: tables, arrays, graphs, shapes,
and pandapower's own controllers. Nothing is imported because a file asks for it.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tieline.errors import InputError
from tieline.feeders.plain_file import read_plain_file

REMEDY = "Save the net with pandapower.to_json."

DATA_CLASSES: dict[str, tuple[str, ...]] = {
    "builtins": ("complex", "tuple", "set", "frozenset"),
    "numpy": ("array",),
    "pandas": ("DataFrame", "Series"),
    "networkx": ("Graph", "DiGraph", "MultiGraph", "MultiDiGraph"),
    "geopandas": ("GeoDataFrame", "GeoSeries"),
    "shapely": (
        "Point",
        "MultiPoint",
        "LineString",
        "MultiLineString",
        "LinearRing",
        "Polygon",
        "MultiPolygon",
        "GeometryCollection",
    ),
}
"""What the data of a net is made of, by package; beside these numbers of NumPy, indices of pandas and pandapower's own."""

NOT_IMPORTED = frozenset(("networkx", "geopandas.geodataframe", "shapely"))
"""Modules under whose names pandapower keeps objects that it makes itself. Any other module that is not loaded yet would be
imported, and an import runs code, also of a package that is trusted (`numpy.f2py.__main__`)."""

TABLES = ("DataFrame", "Series")
"""Classes whose content is a text; pandas takes one that is no JSON for the name of a further file."""

BEGINS_JSON = ("{", "[", '"')
"""How a string begins that the decoder reads as JSON once more."""

MOST_NAMED = 5
"""Refused classes that a message spells out."""


class RefusedError(ValueError):
    """The file holds what hides something from this look; no part of it is decoded."""


def read_json(pandapower: Any, path: Path) -> Any:
    """Whatever a file holds; raises `InputError` if it cannot be read, is too deep or asks for what no net needs."""
    text = _text(path)
    try:
        refused = sorted(
            {name for name in _named_classes(_parsed(text)) if not _is_allowed(*name)}
        )
    except RecursionError:
        raise InputError(
            f"pandapower file '{path}' is nested too deep to be a net. {REMEDY}"
        ) from None
    except ValueError as error:
        raise InputError(_cannot_read(path, error)) from None
    if refused:
        names = ", ".join(".".join(name) for name in refused[:MOST_NAMED])
        message = f"pandapower file '{path}' asks for {names}, which no net needs; nothing of it was run."
        raise InputError(
            f"{message} Remove these objects from the net and save it again."
        )
    return _decoded(pandapower, path, text)


def _text(path: Path) -> str:
    data = read_plain_file(path, "pandapower file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"pandapower file '{path}' cannot be read ({error}). {REMEDY}"
        ) from None


def _parsed(text: str) -> Any:
    """JSON as plain values. Not strict, because the parser of pandas also takes line ends within strings."""
    return json.loads(text, strict=False, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ: of two entries with one name the decoder makes both and keeps the second."""
    content = dict(pairs)
    if len(content) < len(pairs):
        raise RefusedError("an object has two entries of the same name")
    return content


def _named_classes(value: Any) -> Iterator[tuple[str, str]]:
    """Module and class of every object that the decoder would make."""
    if isinstance(value, dict):
        if "_module" in value or "_class" in value:
            name = str(value.get("_module")), str(value.get("_class"))
            yield name
            if name[1] in TABLES and _is_allowed(*name):
                _check_table(value.get("_object"))
        for part in value.values():
            yield from _named_classes(part)
    elif isinstance(value, list):
        for part in value:
            # columns of numbers, most of a net, need no call for each
            if not isinstance(part, int | float):
                yield from _named_classes(part)
    elif isinstance(value, str) and value.lstrip().startswith(BEGINS_JSON):
        # the decoder reads such a string as JSON once more
        yield from _named_classes(_inner(value))


def _check_table(content: Any) -> None:
    if not isinstance(content, str) or not isinstance(_inner(content), dict | list):
        raise RefusedError("the content of a table is no JSON text")


def _inner(text: str) -> Any:
    """What a string holds if it is JSON; nothing if it only looks like it."""
    try:
        return _parsed(text)
    except RefusedError:
        raise
    except ValueError:
        return None


def _is_allowed(module: str, name: str) -> bool:
    """True for plain values, for classes of data, and for pandapower's own objects as far as they are loaded."""
    if module not in NOT_IMPORTED and module not in sys.modules:
        return False
    package = module.partition(".")[0]
    if name in DATA_CLASSES.get(package, ()):
        return True
    # of a module that is loaded already, so that the look itself runs nothing
    kind = getattr(sys.modules.get(module), name, None)
    return isinstance(kind, type) and issubclass(kind, _bases(package))


def _bases(package: str) -> tuple[type, ...]:
    """What a further class of a package must be derived from."""
    if package == "numpy":
        return (np.number, np.bool_)
    if package == "pandas":
        return (pd.Index,)
    if package == "pandapower":
        from pandapower.auxiliary import pandapowerNet
        from pandapower.io_utils import JSONSerializableClass

        return (pandapowerNet, JSONSerializableClass, Enum)
    return ()


def _decoded(pandapower: Any, path: Path, text: str) -> Any:
    """Whatever pandapower makes of the text; its own complaints, of whatever class, become one line."""
    try:
        with warnings.catch_warnings():
            # about the age of the file, and what its own libraries say
            warnings.simplefilter("ignore")
            # nets of earlier versions have other tables and columns, and other taps
            return pandapower.from_json_string(text, convert=True)
    except Exception as error:  # noqa: BLE001  the decoder raises what the classes that it makes raise
        raise InputError(_cannot_read(path, error)) from None


def _cannot_read(path: Path, error: Exception) -> str:
    reason = str(error).strip().splitlines() or [type(error).__name__]
    return f"pandapower file '{path}' cannot be read ({reason[0][:200]}). {REMEDY}"
