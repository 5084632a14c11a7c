"""The headline of an interval result: between which bounds voltages lie, and how many may break a limit."""

from __future__ import annotations

from tieline.feeders import Feeder
from tieline.reports.headline import Headline
from tieline.reports.html import Table
from tieline.reports.numbers import MISSING, brief, format_number
from tieline.reports.places import place_words
from tieline.studies.answer import Metric
from tieline.studies.interval.config import IntervalConfig
from tieline.studies.result import Result


def headline(result: Result) -> Headline:
    """What a reader of an interval result sees first."""
    config = result.config
    assert isinstance(config, IntervalConfig)
    feeder = result.feeder
    voltages = _answer(result.metrics, len(result.tables["voltages"]))
    return Headline(
        title=f"Interval power flow of {feeder.name}: {voltages}",
        question=_question(feeder, config),
        summary=_summary(result),
        violations=_breaks(result),
        table=lowest_voltages(result),
    )


def lowest_voltages(result: Result) -> Table:
    """Bounds of each point, the lowest first."""
    by_lowest = result.tables["voltages"].sort_values("low_pu", na_position="first")
    columns_shown = [
        "point",
        "low_pu",
        "centre_pu",
        "high_pu",
        "drawn_low_pu",
        "drawn_high_pu",
        "state",
    ]
    places = [place_words(str(point), result.feeder) for point in by_lowest["point"]]
    return Table(
        by_lowest[columns_shown].assign(point=places),
        "Voltages without bounds, then those with the lowest.",
        most_rows=20,
        rest_in="voltages.parquet",
    )


def _answer(metrics: dict[str, Metric], n_voltages: int) -> str:
    if metrics["not_bounded"]:
        return f"{metrics['not_bounded']} of {n_voltages} voltages have no bounds"
    return f"voltages from {pu_words(metrics['v_low_pu'])} to {pu_words(metrics['v_high_pu'])} pu"


def pu_words(value: object) -> str:
    """A voltage without its unit."""
    return format_number(value, "pu")


def _breaking(metrics: dict[str, Metric], name: str) -> str:
    """How many voltages may or must break a limit; others without bounds may too."""
    least = "at least " if metrics["not_bounded"] else ""
    return f"{least}{metrics[name]}"


def _extreme(result: Result, side: str) -> str:
    """The lowest or the highest voltage and where it is."""
    metrics = result.metrics
    if metrics[f"v_{side}_pu"] is None:
        return "not known"
    place = place_words(str(metrics[f"v_{side}_at"]), result.feeder)
    return f"{pu_words(metrics[f'v_{side}_pu'])} pu at {place}"


def _question(feeder: Feeder, config: IntervalConfig) -> str:
    ders = ""
    if feeder.ders:
        ders = f", of each DER by ±{format_number(config.der_spread_pct)} %"
    return (
        f"Between which bounds do voltages, currents and losses of {feeder.name} ({len(feeder.buses)} buses) lie when P and Q of "
        f"each load vary on their own by ±{format_number(config.spread_pct)} %{ders}, around "
        f"{format_number(config.load_pct)} % load?"
    )


def _summary(result: Result) -> list[tuple[str, object]]:
    metrics = result.metrics
    return [
        ("Lowest voltage", _extreme(result, "low")),
        ("Highest voltage", _extreme(result, "high")),
        ("Voltages without bounds", metrics["not_bounded"]),
        ("Loss", _loss(metrics)),
        ("Voltages that may break a limit", _breaking(metrics, "may_break")),
        ("Voltages that surely break one", _breaking(metrics, "must_break")),
        ("Width of the bounds", _width_ratio(metrics)),
    ]


def _loss(metrics: dict[str, Metric]) -> str:
    low, high = metrics["loss_low_kw"], metrics["loss_high_kw"]
    if high is None:
        return "not known"
    return f"{brief(low)} to {brief(high)} kW"


def _width_ratio(metrics: dict[str, Metric]) -> str:
    ratio = metrics["width_ratio_voltage"]
    if not isinstance(ratio, float):
        return MISSING
    return f"{ratio:.1f} times that of the draws"


def _breaks(result: Result) -> list[str]:
    metrics = result.metrics
    config = result.config
    assert isinstance(config, IntervalConfig)
    if not metrics["may_break"] and not metrics["must_break"]:
        return []
    return [
        f"Voltages that may leave the limits, {band_words(config)}, within the interval: {metrics['may_break']}; voltages that "
        f"are outside them everywhere in it: {metrics['must_break']}."
    ]


def band_words(config: IntervalConfig) -> str:
    """The limits."""
    low, high = config.band_pu
    return f"{low:g} to {high:g} pu"
