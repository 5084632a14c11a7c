"""The interval report: how far voltages can move, where a limit may break, and how tight the bounds are."""

from __future__ import annotations

import pandas as pd

from tieline.feeders import Feeder
from tieline.reports.band_profile import band_profile
from tieline.reports.by_bus import texts_by_bus
from tieline.reports.diagram import one_line
from tieline.reports.html import Block, Diagram, Figure, Report, Section, Table, Text
from tieline.studies.interval.config import IntervalConfig
from tieline.studies.interval.headline import (
    band_words,
    headline,
    lowest_voltages,
    pu_words,
)
from tieline.studies.result import Result

NEAR_PU = 0.02
"""Limits this near to the bounds are drawn beside them."""

CLASS_OF = {
    "ok": "ok",
    "may break": "impacted",
    "not bounded": "impacted",
    "breaks": "critical",
}


CLASS_WORDS = {
    "ok": "within the limits",
    "impacted": "may break a limit, or has no bounds",
    "critical": "breaks a limit",
    "dead": "without supply",
}


def report(result: Result) -> Report:
    """What the page about an interval result says."""
    config = result.config
    assert isinstance(config, IntervalConfig)
    feeder = result.feeder
    return Report(
        headline(result),
        sections=[
            _where(result, config, feeder),
            _voltages(result, config, feeder),
            _currents(result),
            _tightness(result, config),
        ],
    )


def _where(result: Result, config: IntervalConfig, feeder: Feeder) -> Section:
    by_bus = _by_bus(result.tables["voltages"])
    classes = dict.fromkeys((bus.name for bus in feeder.buses), "dead") | {
        str(bus): CLASS_OF[state] for bus, state in by_bus["state"].items()
    }
    tooltips = texts_by_bus(by_bus.reset_index(), _tooltip)
    drawing = one_line(
        feeder, bus_classes=classes, tooltips=tooltips, class_words=CLASS_WORDS
    )
    caption = (
        f"Whether the bounds of each bus lie within {band_words(config)}, leave it or lie outside. They appear under the mouse "
        "or finger."
    )
    return Section("Where a voltage limit may break", [Diagram(drawing, caption)])


def _tooltip(row: pd.Series) -> str:
    low, high = pu_words(row["low_pu"]), pu_words(row["high_pu"])
    return f"voltage {low} to {high} pu, at the centre {pu_words(row['centre_pu'])} pu"


def _voltages(result: Result, config: IntervalConfig, feeder: Feeder) -> Section:
    by_bus = _by_bus(result.tables["voltages"])
    ranges = {"bounds": (by_bus["low_pu"], by_bus["high_pu"])}
    if config.draws:
        of_draws = (by_bus["drawn_low_pu"], by_bus["drawn_high_pu"])
        ranges["reached by the draws"] = of_draws
    low_pu, high_pu = config.band_pu
    limits = {"lowest": low_pu, "highest": high_pu}
    # A limit far from all bounds would only press the figure flat.
    bottom = by_bus["low_pu"].min() - NEAR_PU
    top = by_bus["high_pu"].max() + NEAR_PU
    near = {name: value for name, value in limits.items() if bottom <= value <= top}
    figure = band_profile(feeder, by_bus["centre_pu"], ranges, near)
    blocks: list[Block] = [
        Figure(
            figure,
            "Bounds of each bus (lowest and highest of its phases), and what the draws reach of them, over its distance.",
        ),
        lowest_voltages(result),
    ]
    return Section("Voltages", blocks)


def _currents(result: Result) -> Section:
    currents = result.tables["currents"]
    largest = currents.sort_values("high_a", ascending=False)
    columns = [
        "kind",
        "name",
        "node",
        "low_a",
        "centre_a",
        "high_a",
        "drawn_low_a",
        "drawn_high_a",
    ]
    loss = result.tables["losses"][
        ["low_kw", "centre_kw", "high_kw", "drawn_low_kw", "drawn_high_kw"]
    ]
    return Section(
        "Currents and losses",
        [
            Table(
                largest[columns],
                "The largest currents, at first ends of lines and transformers.",
                most_rows=15,
                rest_in="currents.parquet",
            ),
            Table(loss, "Active loss of lines and transformers."),
        ],
    )


def _tightness(result: Result, config: IntervalConfig) -> Section:
    metrics = result.metrics
    names = ("voltage", "current", "loss")
    table = pd.DataFrame(
        {
            "family": names,
            "attained_pct": [
                _percent(metrics[f"attained_share_{name}"]) for name in names
            ],
            "width_ratio": [metrics[f"width_ratio_{name}"] for name in names],
        }
    )
    headings = {
        "attained_pct": "attained by AC solutions [% of the width]",
        "width_ratio": "width over that of the draws",
        "family": "bounds of",
    }
    order = {1: "first", 2: "second"}[config.order]
    texts = [
        f"Each output is expanded to the {order} order in {metrics['uncertain_powers']} uncertain powers; the bounds are the "
        "extremes of the expansion, widened by its error at those extremes. What is attained by AC solutions belongs to the true "
        "range, so the true bounds lie in the small rest.",
        f"Monte Carlo: {metrics['draws']} uniform draws, {metrics['draws_outside']} of them outside the bounds. Draws of many "
        "powers on their own rarely come near an extreme, which is why their range is narrower: the bounds say what can happen, "
        "the draws what usually does.",
    ]
    return Section(
        "How tight the bounds are",
        [
            Table(table, "Width of the bounds.", headings),
            *(Text(text) for text in texts),
        ],
    )


def _percent(share: object) -> float | None:
    if isinstance(share, float):
        return 100 * share
    return None


def _by_bus(voltages: pd.DataFrame) -> pd.DataFrame:
    """Lowest low, highest high and worst state of the points of each bus; NaN where one of them has no bounds."""
    rank = {"ok": 0, "may break": 1, "not bounded": 2, "breaks": 3}
    worst = (
        voltages.assign(rank=voltages["state"].map(rank))
        .groupby("bus", sort=False)
        .agg(
            # unknown where one phase is
            low_pu=("low_pu", lambda low: low.min(skipna=False)),
            centre_pu=("centre_pu", "mean"),
            high_pu=("high_pu", lambda high: high.max(skipna=False)),
            drawn_low_pu=("drawn_low_pu", "min"),
            drawn_high_pu=("drawn_high_pu", "max"),
            rank=("rank", "max"),
        )
    )
    return worst.assign(
        state=worst["rank"].map({number: name for name, number in rank.items()})
    )
