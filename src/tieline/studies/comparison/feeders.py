"""What differs between the feeders of runs: how many elements of each kind are only in one, or not the same in both."""

from __future__ import annotations

import dataclasses
from typing import Any

import pandas as pd

from tieline.feeders import Feeder
from tieline.studies.comparison.runs import Runs

NOT_ELEMENTS = ("notes",)
"""Tuples of a feeder that hold no elements."""


def feeder_table(runs: Runs) -> pd.DataFrame:
    """Kinds of elements in which a feeder differs from that of the first run; a row for each kind and run."""
    (first_name, first), *others = runs.items()
    rows = []
    for name, result in others:
        if result.feeder_sha256 != first.feeder_sha256:
            rows += [
                {"run": name, **row} for row in _kinds(first.feeder, result.feeder)
            ]
    headings = {"only_first": f"only_in_{first_name}"}
    return pd.DataFrame(rows).rename(columns=headings)


def _kinds(first: Feeder, second: Feeder) -> list[dict[str, Any]]:
    rows = []
    for field in dataclasses.fields(Feeder):
        before = getattr(first, field.name)
        after = getattr(second, field.name)
        if before == after or field.name in NOT_ELEMENTS:
            continue
        if isinstance(before, tuple):
            rows.append({"kind": field.name, **_counts(before, after)})
        else:
            rows.append({"kind": field.name, "values": f"{before}, {after}"})
    return rows


def _counts(before: tuple[Any, ...], after: tuple[Any, ...]) -> dict[str, int]:
    first = {_key(element): element for element in before}
    second = {_key(element): element for element in after}
    shared = first.keys() & second.keys()
    return {
        "only_first": len(first.keys() - second.keys()),
        "only_here": len(second.keys() - first.keys()),
        "changed": sum(first[key] != second[key] for key in shared),
    }


def _key(element: Any) -> str:
    """The name of an element, or all of it where it has none."""
    return getattr(element, "name", repr(element))
