"""The headline of a market run: violations, the saving that is kept, prices."""

from __future__ import annotations

import pandas as pd

from tieline.counted import counted
from tieline.reports.clock import moment_words
from tieline.reports.headline import Headline
from tieline.reports.numbers import brief, format_number, with_unit
from tieline.settings.currency import in_currency
from tieline.studies.answer import Metric
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.telling.sections.costs import cost_table
from tieline.studies.market.telling.sections.microgrids import region_table
from tieline.studies.result import Result


def headline(result: Result) -> Headline:
    """What a reader of a market run sees first."""
    config = result.config
    assert isinstance(config, MarketConfig)
    minutes = result.tables["minutes"]
    return Headline(
        title=_title(result),
        question=_question(result),
        summary=_summary(result, config),
        violations=_violations(minutes),
        table=cost_table(minutes, config.currency) or region_table(result),
    )


def _title(result: Result) -> str:
    metrics = result.metrics
    count = metrics["microgrids"]
    regions = "1 region" if count == 1 else f"{count} regions"
    kept_pct = metrics["saving_kept_pct"]
    words = (
        ""
        if _is_missing(kept_pct)
        else f", {kept_pct:.1f} % of the possible saving kept"
    )
    broken = f"{counted(int(result.number('violations')), 'limit')} broken"
    if not metrics["violations"]:
        broken = "no limit broken"
    return f"Market of {result.feeder.name} in {regions}: {broken}{words}"


def _question(result: Result) -> str:
    minutes = result.tables["minutes"]
    most = brief(minutes["demand_kw"].max())
    count = len(minutes)
    moments = "one minute" if count == 1 else f"each of {format_number(count)} minutes"
    n_places = int((result.tables["buses"]["der_kw"] > 0).sum())
    places = counted(n_places, "bus")
    return (
        f"The demand of {result.feeder.name} departs from its schedule by up to {most} kW. Which of the DERs at {places} cover "
        f"it at least cost in {moments}, at what price at each bus, within all limits on AC?"
    )


def _summary(result: Result, config: MarketConfig) -> list[tuple[str, object]]:
    metrics = result.metrics
    currency = config.currency
    tiles: list[tuple[str, object]] = [
        ("Cost", with_unit(metrics[in_currency("cost", currency)], currency)),
        ("Of the possible saving", with_unit(metrics["saving_kept_pct"], "%")),
        ("Limits broken on AC", metrics["violations"]),
        ("Fall-backs", metrics["fallbacks"]),
        *_merged(result),
        (
            "Bought at the balancing price",
            with_unit(metrics["bought_at_balancing_kwh"], "kWh"),
        ),
        (
            "Prices",
            f"{_price(metrics['dlmp_min'])} to {_price(metrics['dlmp_max'])} {currency}/kWh",
        ),
        ("A minute takes", with_unit(metrics["clear_ms_p50"], "ms")),
    ]
    return tiles


def _merged(result: Result) -> list[tuple[str, object]]:
    """How long regions were one microgrid; a region by itself has nobody to merge with."""
    if result.metrics["microgrids"] == 1:
        return []
    changes = counted(int(result.number("merge_events")), "change")
    merged = with_unit(result.metrics["merged_minutes"], "min")
    return [("Merged", f"{merged}, {changes}")]


def _violations(minutes: pd.DataFrame) -> list[str]:
    """One sentence about the minutes in which limits are broken."""
    broken = minutes[minutes["violations"] > 0]
    if broken.empty:
        return []
    first = moment_words(broken["minute"].iloc[0])
    total = int(broken["violations"].sum())
    return [
        f"{total} limits are broken on AC in {len(broken)} minutes, the first on {first}: these minutes are no "
        "answer."
    ]


def _price(value: Metric) -> str:
    return "-" if _is_missing(value) else f"{value:.4f}"


def _is_missing(value: Metric) -> bool:
    return value is None or pd.isna(value)
