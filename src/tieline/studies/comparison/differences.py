"""What differs between runs, each kind as a table with a column for each run.

A table holds what differs and nothing else. Times differ between any two runs and say nothing about the question: they are
left out. Numbers are compared as they were saved, to the last digit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from tieline.reports.numbers import format_number, is_number
from tieline.studies.answer import Metric
from tieline.studies.comparison.runs import Runs
from tieline.studies.result import Result

TIME = re.compile(r"_(s|ms)(_|$)")
"""Metrics that measure how long something took on the machine of the run; a word of the name is their unit."""

DIFFERENCE = "difference"
YES = "breaks"
NO = "-"


def setting_table(runs: Runs) -> pd.DataFrame:
    """Settings that were not alike, by their names in config.toml."""
    settings = {name: _flat(_config(result)) for name, result in runs.items()}
    return _differing("setting", settings)


def tile_table(runs: Runs) -> pd.DataFrame:
    """The tiles of all headlines, alike or not: the answers side by side."""
    tiles = {name: dict(result.headline.tiles) for name, result in runs.items()}
    labels = dict.fromkeys(label for of_run in tiles.values() for label in of_run)
    rows = [
        {"": label, **{name: of_run.get(label) for name, of_run in tiles.items()}}
        for label in labels
    ]
    return pd.DataFrame(rows)


def metric_table(runs: Runs) -> pd.DataFrame:
    """Metrics that differ; of two runs with the second less the first."""
    metrics = {
        name: {key: value for key, value in of_run.metrics.items() if not _is_time(key)}
        for name, of_run in runs.items()
    }
    table = _differing("metric", metrics)
    if len(runs) == 2 and len(table):
        first, second = metrics.values()
        table[DIFFERENCE] = [
            _difference(first.get(name), second.get(name)) for name in table["metric"]
        ]
    return table


def limit_table(runs: Runs) -> pd.DataFrame:
    """Sentences on broken limits that not all runs have, and who has them."""
    broken = {name: _broken_limits(result) for name, result in runs.items()}
    sentences = dict.fromkeys(text for texts in broken.values() for text in texts)
    rows = []
    for sentence in sentences:
        who = {name: sentence in texts for name, texts in broken.items()}
        if not all(who.values()):
            marks = {name: YES if breaks else NO for name, breaks in who.items()}
            rows.append({"limit": sentence, **marks})
    return pd.DataFrame(rows)


def n_metrics(runs: Runs) -> int:
    """How many metrics are compared."""
    names = {name for result in runs.values() for name in result.metrics}
    return sum(not _is_time(name) for name in names)


def _config(result: Result) -> dict[str, Any]:
    return result.config.model_dump(mode="json")


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Settings of tables within by their dotted name."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _differing(heading: str, values: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """A row for each name whose values are not all alike, as text."""
    names = dict.fromkeys(name for of_run in values.values() for name in of_run)
    rows = []
    for name in names:
        of_runs = {run: of_run.get(name) for run, of_run in values.items()}
        if len(set(map(repr, of_runs.values()))) > 1:
            unit = _unit(name)
            shown = {run: _shown(value, unit) for run, value in of_runs.items()}
            rows.append({heading: name, **shown})
    return pd.DataFrame(rows)


def _unit(name: str) -> str:
    """The unit of a name, as far as it decides how many digits are written: voltages show four decimals."""
    return "pu" if "pu" in name.split("_") else ""


def _shown(value: Any, unit: str = "") -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value))
    return format_number(value, unit)


def _difference(first: Metric, second: Metric) -> str:
    if not (is_number(first) and is_number(second)):
        return NO
    change = float(second) - float(first)  # type: ignore[arg-type]
    sign = "+" if change > 0 else ""
    return f"{sign}{format_number(change)}"


def _broken_limits(result: Result) -> tuple[str, ...]:
    for group in result.remark_groups:
        if group.kind == "broken":
            return group.texts
    return ()


def _is_time(name: str) -> bool:
    return TIME.search(name) is not None
