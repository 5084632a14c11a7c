"""What differs between the feeders of runs: how many elements of each kind are only in one, or not the same in both."""

from __future__ import annotations

import dataclasses
from typing import Any

import pandas as pd

from tieline.feeders import Feeder
from tieline.studies.comparison.runs import Runs

NOT_ELEMENTS = ("notes",)
"""Tuples of a feeder that hold no elements."""


COLUMNS = ("run", "kind", "only_first", "only_here", "changed", "values")


def feeder_differences(runs: Runs) -> list[dict[str, Any]]:
    """Kinds of elements in which a feeder differs from that of the first run; one for each kind and run."""
    first = next(iter(runs.values()))
    rows = []
    for name, result in runs.items():
        if result.feeder_sha256 == first.feeder_sha256:
            continue
        kinds = _kinds(first.feeder, result.feeder)
        rows += [{"run": name, **row} for row in kinds]
    return rows


def feeder_table(runs: Runs) -> pd.DataFrame:
    """The same as a table."""
    table = pd.DataFrame(feeder_differences(runs))
    # a title is a sentence: it must not push the counts aside
    columns = [name for name in COLUMNS if name in table]
    headings = {"only_first": f"only_in_{next(iter(runs))}"}
    return table[columns].rename(columns=headings)


def _kinds(first: Feeder, second: Feeder) -> list[dict[str, Any]]:
    rows = []
    for field in dataclasses.fields(Feeder):
        before = getattr(first, field.name)
        after = getattr(second, field.name)
        if before == after or field.name in NOT_ELEMENTS:
            continue
        row: dict[str, Any] = {"values": f"{before}; here {after}"}
        # a value stands as it is, elements are counted: there may be thousands
        if isinstance(before, tuple):
            row = _counts(before, after)
        rows.append({"kind": field.name, **row})
    return rows


def _counts(before: tuple[Any, ...], after: tuple[Any, ...]) -> dict[str, int]:
    first = {_key(element): element for element in before}
    second = {_key(element): element for element in after}
    shared = first.keys() & second.keys()
    changed = [key for key in shared if first[key] != second[key]]
    return {
        "only_first": len(first) - len(shared),
        "only_here": len(second) - len(shared),
        "changed": len(changed),
    }


def _key(element: Any) -> str:
    """The name of an element, or all of it where it has none."""
    return getattr(element, "name", repr(element))
