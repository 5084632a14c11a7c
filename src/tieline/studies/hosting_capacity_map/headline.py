"""The headline of a hosting-capacity map: from how much to how much, what stops plants most often, and the buses."""

from __future__ import annotations

import pandas as pd

from tieline.reports.headline import Headline
from tieline.reports.html import Table
from tieline.reports.numbers import format_number
from tieline.reports.places import place_words
from tieline.studies.answer import Metric
from tieline.studies.hosting_capacity_map.config import HostingCapacityMapConfig
from tieline.studies.result import Result
from tieline.studies.siting.words import (
    PLANTS,
    kw_words,
    limit_words,
    situation_texts,
)


def headline(result: Result) -> Headline:
    """What a reader of a map sees first."""
    config = result.config
    assert isinstance(config, HostingCapacityMapConfig)
    metrics = result.metrics
    return Headline(
        title=f"Hosting-capacity map of {result.feeder.name}: {_range(metrics)}",
        question=_question(result, config),
        summary=_summary(result),
        violations=_violations(metrics),
        table=buses_in_words(result),
    )


def buses_in_words(result: Result, *further: str) -> Table:
    """The buses, the smallest capacity first; `further` columns stand behind the others."""
    buses = result.tables["buses"].sort_values("capacity_kw", kind="stable")
    places = [place_words(at, result.feeder) for at in buses["at"]]
    in_words = buses.assign(limit=buses["limit"].map(limit_words), at=places)
    columns = ["place", "capacity_kw", "limit", "at", "situation", *further]
    headings = {
        "place": "bus",
        "capacity_kw": "fits [kW]",
        "limit": "ends by",
    }
    return Table(
        in_words[columns],
        "The buses that take least.",
        headings,
        most_rows=20,
        rest_in="buses.csv",
    )


def _range(metrics: dict[str, Metric]) -> str:
    if metrics["buses_unlimited"] == metrics["buses"]:
        most = kw_words(metrics["most_kw"])
        return f"every bus takes {most}, the largest plant that was looked at"
    lowest = kw_words(metrics["lowest_kw"])
    highest = kw_words(metrics["highest_kw"])
    least = "at least " if metrics["buses_unlimited"] else ""
    return (
        f"{lowest} at bus {metrics['lowest_at']} to {least}{highest} at bus {metrics['highest_at']}, half of the buses take "
        f"{kw_words(metrics['median_kw'])} or more"
    )


def _question(result: Result, config: HostingCapacityMapConfig) -> str:
    feeder = result.feeder
    plant = PLANTS[config.kind].removeprefix("of ")
    count = format_number(result.metrics["buses"])
    return (
        f"How much {plant} can each of {count} buses of {feeder.name} ({kw_words(feeder.peak_load_kw)} peak load) take by itself "
        f"before a limit breaks? Each plant is judged at full power {situation_texts(config)}."
    )


def _summary(result: Result) -> list[tuple[str, object]]:
    metrics = result.metrics
    least = "at least " if metrics["buses_unlimited"] else ""
    return [
        ("Smallest", f"{kw_words(metrics['lowest_kw'])} at bus {metrics['lowest_at']}"),
        ("Median", kw_words(metrics["median_kw"])),
        ("Largest", f"{least}{kw_words(metrics['highest_kw'])}"),
        ("Buses", metrics["buses"]),
        ("What stops most of them", _most_often(result.tables["buses"])),
    ]


def _most_often(buses: pd.DataFrame) -> str:
    """What ends the capacity of most buses; that nothing does is an answer too."""
    counts = buses["limit"].value_counts()
    name = str(counts.index[0])
    return f"{limit_words(name)} ({counts.iloc[0]} of {len(buses)} buses)"


def _violations(metrics: dict[str, Metric]) -> list[str]:
    if not metrics["buses_full"]:
        return []
    return [
        f"At {format_number(metrics['buses_full'])} of {format_number(metrics['buses'])} buses nothing fits."
    ]
