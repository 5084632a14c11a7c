"""Components of a data set: the JSON of power-grid-model as rows, one dictionary a component.

A row stands there as an object, or as a list in the order of the set's `attributes`; what is null is not given.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tieline.errors import InputError
from tieline.feeders.plain_file import read_plain_file

Row = dict[str, Any]
"""Attributes of a component by name; numbers, lists of three numbers, and texts that the model passes over."""

KIND = "power-grid-model file"
SIGN = re.compile(rb'"is_batch"\s*:')
"""A key that every data set has and no net of pandapower."""

REMEDY = "Save an input data set with power_grid_model.utils.json_serialize_to_file."


def is_data_set(path: Path) -> bool:
    """Whether a JSON file is a data set of power-grid-model; raises `InputError` if it cannot be read."""
    data = read_plain_file(path, "JSON file")
    return SIGN.search(data) is not None and b"pandapowerNet" not in data


def read_components(path: Path) -> dict[str, list[Row]]:
    """Rows by component type; raises `InputError` if the file is no input data set."""
    try:
        root = json.loads(read_plain_file(path, KIND).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{KIND} '{path}' is no JSON ({error}). {REMEDY}") from None
    if not isinstance(root, dict) or not isinstance(root.get("data"), dict):
        raise InputError(
            f"{KIND} '{path}' holds no single data set; batches and lists cannot be read. {REMEDY}"
        )
    if root.get("type") != "input":
        raise InputError(
            f"{KIND} '{path}' is of type '{root.get('type')}', not 'input'. {REMEDY}"
        )
    # lists of values need the order of their attributes; a set of objects alone may leave it out
    orders = root.get("attributes") or {}
    components = {}
    for kind, values in root["data"].items():
        if not isinstance(values, list):
            raise InputError(f"{KIND} '{path}' has no list of {kind}. {REMEDY}")
        order = orders.get(kind, [])
        components[kind] = [_row(path, kind, value, order) for value in values]
    return components


def _row(path: Path, kind: str, value: Any, order: list[str]) -> Row:
    """The attributes that are given."""
    if isinstance(value, list) and len(value) == len(order):
        value = dict(zip(order, value, strict=True))
    if not isinstance(value, dict):
        raise InputError(
            f"{KIND} '{path}' has a {kind} whose values fit no list of attributes. {REMEDY}"
        )
    # to the model null is as good as absent: what reads a row asks for a name only
    return {name: _plain(part) for name, part in value.items() if part is not None}


def _plain(value: Any) -> Any:
    """Infinities, which the format writes as texts, as numbers."""
    if value in ("inf", "+inf", "-inf"):
        return float(value)
    return value
