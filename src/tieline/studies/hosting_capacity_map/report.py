"""The report of a hosting-capacity map: how much fits where, what stops it, the buses, what was assumed."""

from __future__ import annotations

import pandas as pd

from tieline.reports import distributions
from tieline.reports.by_bus import texts_by_bus, values_by_bus
from tieline.reports.diagram import one_line
from tieline.reports.html import Diagram, Figure, Report, Section, Text
from tieline.studies.broken_before import broken_before_section
from tieline.studies.hosting_capacity_map.config import HostingCapacityMapConfig
from tieline.studies.hosting_capacity_map.headline import buses_in_words, headline
from tieline.studies.result import Result
from tieline.studies.siting.words import (
    assumptions,
    kw_words,
    limit_words,
)


def report(result: Result) -> Report:
    """What the page about a map says."""
    config = result.config
    assert isinstance(config, HostingCapacityMapConfig)
    facts = {"power flows": result.metrics["n_power_flows"]}
    sections = [
        _map(result),
        _stops(result),
        _buses(result),
        *broken_before_section(result),
        _assumed(config),
    ]
    return Report(headline(result), sections, facts)


def _map(result: Result) -> Section:
    by_bus = _by_bus(result)
    drawing = one_line(
        result.feeder,
        bus_values=values_by_bus(by_bus, "capacity_kw"),
        tooltips=texts_by_bus(by_bus, _tooltip),
        value_label="largest plant",
        value_unit="kW",
        worst="low",
        # capacities of one feeder differ by factors of hundreds
        log_scale=True,
    )
    caption = "The largest plant that each bus can take by itself; what ends it appears under the mouse."
    return Section("How much fits where", [Diagram(drawing, caption)])


def _stops(result: Result) -> Section:
    by_bus = _by_bus(result)
    # in words, because the legend shows the classes as they are called
    classes = {
        str(bus): limit_words(limit)
        for bus, limit in zip(by_bus["bus"], by_bus["limit"], strict=True)
    }
    drawing = one_line(
        result.feeder,
        bus_classes=classes,
        tooltips=texts_by_bus(by_bus, _tooltip),
    )
    return Section(
        "What stops it",
        [Diagram(drawing, "The limit that ends the capacity of each bus.")],
    )


def _buses(result: Result) -> Section:
    buses = result.tables["buses"]
    capacity_kw = buses["capacity_kw"]
    figure = distributions.histogram_and_cdf(
        capacity_kw, x_title="largest plant [kW]", counted="buses"
    )
    of_limits = [
        name for name in buses.columns if name.endswith("_kw") and name != "capacity_kw"
    ]
    intro = "Behind the situation: kW by each limit alone; an en dash says that it holds up to four times the capacity or more."
    blocks = [
        buses_in_words(result, *of_limits),
        Figure(figure, "How capacities spread over the buses of the map."),
    ]
    return Section("The buses", blocks, intro)


def _by_bus(result: Result) -> pd.DataFrame:
    """One row per bus; of several places at one bus the one that takes least."""
    buses = result.tables["buses"].sort_values("capacity_kw", kind="stable")
    return buses.drop_duplicates("bus")


def _tooltip(row: pd.Series) -> str:
    least = "at least " if row["is_least"] else ""
    text = f"{least}{kw_words(row['capacity_kw'])} fit; {limit_words(row['limit'])}"
    if row["at"]:
        text += f" at {row['at']}, {row['situation']}"
    return text


def _assumed(config: HostingCapacityMapConfig) -> Section:
    return Section("What was assumed", [Text(text) for text in assumptions(config)])
