"""What differs between runs, each kind as values by name and run, and as a table with a column for each run.

They hold what differs and nothing else. Times differ between any two runs and say nothing about the question: they are
left out. Numbers are compared as they were saved, to the last digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from tieline.reports.numbers import format_number, is_number
from tieline.studies.answer import Metric
from tieline.studies.comparison.runs import Runs
from tieline.studies.result import Result

TIME = re.compile(r"_(s|ms)(_|$)")
"""Metrics that measure how long something took on the machine of the run; a word of the name is their unit."""

Differences = dict[str, dict[str, Any]]
"""Values of each name by run; null where a run has none of it."""

DIFFERENCE = "difference"
YES = "breaks"
NO = "-"


def setting_differences(runs: Runs) -> Differences:
    """Settings that were not alike, by their names in config.toml."""
    settings = {}
    for name, result in runs.items():
        config = result.config.model_dump(mode="json")
        settings[name] = _flat(config)
    return _differing(settings)


def setting_table(runs: Runs) -> pd.DataFrame:
    """The same as a table."""
    return _table("setting", setting_differences(runs))


def tile_table(runs: Runs) -> pd.DataFrame:
    """The tiles of all headlines, alike or not: the answers side by side."""
    tiles = {name: dict(result.headline.tiles) for name, result in runs.items()}
    rows = []
    for label in _all_names(tiles):
        values = {name: of_run.get(label) for name, of_run in tiles.items()}
        # labels explain themselves: a heading above them would say nothing
        rows.append({"": label, **values})
    return pd.DataFrame(rows)


def metric_differences(runs: Runs) -> Differences:
    """Metrics that differ."""
    return _differing({name: _without_times(result) for name, result in runs.items()})


def metric_table(runs: Runs) -> pd.DataFrame:
    """The same as a table; of two runs with the second less the first."""
    metrics = metric_differences(runs)
    table = _table("metric", metrics)
    # of three runs nobody knows which difference is meant
    if len(runs) == 2 and len(table):
        table[DIFFERENCE] = [
            _difference(*of_runs.values()) for of_runs in metrics.values()
        ]
    return table


def limit_differences(runs: Runs) -> dict[str, list[str]]:
    """Sentences on broken limits that not all runs have, and the runs that have them."""
    broken = {name: _broken_limits(result) for name, result in runs.items()}
    differences = {}
    for sentence in _all_names(broken):
        names = [name for name, texts in broken.items() if sentence in texts]
        if len(names) < len(runs):
            differences[sentence] = names
    return differences


def limit_table(runs: Runs) -> pd.DataFrame:
    """The same as a table."""
    rows = []
    for sentence, names in limit_differences(runs).items():
        marks = {run: YES if run in names else NO for run in runs}
        rows.append({"limit": sentence, **marks})
    return pd.DataFrame(rows)


def n_metrics(runs: Runs) -> int:
    """How many metrics are compared."""
    metrics = {name: _without_times(result) for name, result in runs.items()}
    return len(_all_names(metrics))


def _without_times(result: Result) -> dict[str, Metric]:
    metrics = result.metrics
    return {name: metrics[name] for name in metrics if not TIME.search(name)}


def _all_names(of_runs: Mapping[str, Iterable[str]]) -> list[str]:
    """What any run has, each once, in the order of the runs."""
    names: dict[str, None] = {}
    for of_run in of_runs.values():
        names |= dict.fromkeys(of_run)
    return list(names)


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Settings of tables within by their dotted name."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _differing(values: Mapping[str, Mapping[str, Any]]) -> Differences:
    """The names whose values are not alike in all runs."""
    differences = {}
    for name in _all_names(values):
        of_runs = {run: of_run.get(name) for run, of_run in values.items()}
        # their text: lists have no hash, and NaN is not equal to itself
        if len(set(map(repr, of_runs.values()))) > 1:
            differences[name] = of_runs
    return differences


def _table(heading: str, differences: Differences) -> pd.DataFrame:
    """A row for each name, the values as text."""
    rows = []
    for name, of_runs in differences.items():
        unit = _unit(name)
        cells = {run: _shown(value, unit) for run, value in of_runs.items()}
        rows.append({heading: name, **cells})
    return pd.DataFrame(rows)


def _unit(name: str) -> str:
    """The unit of a name, as far as it decides how many digits are written: voltages show four decimals."""
    return "pu" if "pu" in name.split("_") else ""


def _shown(value: Any, unit: str = "") -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value))
    return format_number(value, unit)


def _difference(first: Metric, second: Metric) -> str:
    if not is_number(first) or not is_number(second):
        return NO
    change = float(second) - float(first)
    sign = "+" if change > 0 else ""
    return f"{sign}{format_number(change)}"


def _broken_limits(result: Result) -> tuple[str, ...]:
    for group in result.remark_groups:
        if group.kind == "broken":
            return group.texts
    return ()
