"""The headline of a run over time: whether every limit holds, and the energies."""

from __future__ import annotations

from tieline.counted import counted
from tieline.feeders import Feeder
from tieline.reports.clock import date_words, moment_words
from tieline.reports.headline import Headline
from tieline.reports.html import Table
from tieline.reports.numbers import brief, each_with_unit, format_number, told_apart
from tieline.reports.places import place_words
from tieline.settings.limits import kind_of
from tieline.studies.answer import Metric
from tieline.studies.result import Result
from tieline.studies.time_series.config import TimeSeriesConfig

PLACES_NAMED = 3
"""Places of a broken limit that a sentence names; the table has them all."""


def headline(result: Result) -> Headline:
    """What a reader of a run over time sees first."""
    config = result.config
    assert isinstance(config, TimeSeriesConfig)
    return Headline(
        title=f"{result.feeder.name} over {_span(config)}: {_answer(result.metrics)}",
        question=_question(result.feeder, config),
        summary=_summary(result.metrics, result.feeder),
        violations=_broken(result),
        table=_table(result),
    )


def _span(config: TimeSeriesConfig) -> str:
    if config.days == 1:
        return "a day"
    return f"{config.days} days"


def _answer(metrics: dict[str, Metric]) -> str:
    answer = "every judged limit holds in every step"
    hours = metrics["violation_h"]
    if hours:
        answer = f"limits are broken in {format_number(hours)} hours"
    # runs of earlier versions do not say
    n_dead = metrics.get("places_dead")
    if n_dead:
        answer = f"{counted(int(n_dead), 'voltage point')} without supply, {answer}"
    n_unsolved = metrics["cases_unjudged"]
    if n_unsolved:
        return f"{answer} with a power flow; {n_unsolved} of {metrics['steps']} steps have none"
    return answer


def _question(feeder: Feeder, config: TimeSeriesConfig) -> str:
    return (
        f"What do voltages, losses and controls of {feeder.name} ({len(feeder.buses)} buses) do over {_span(config)} from "
        f"{date_words(config.start)} in steps of {config.step_minutes} minutes, and when do limits break?"
    )


def _summary(metrics: dict[str, Metric], feeder: Feeder) -> list[tuple[str, object]]:
    tiles: list[tuple[str, object]] = [
        ("Load", _energy(metrics["load_kwh"])),
        ("Loss", f"{_energy(metrics['loss_kwh'])}{_share(metrics['loss_pct'])}"),
        ("Peak at the source", _peak(metrics)),
        ("Lowest voltage", _extreme(metrics, "v_min", feeder)),
        ("Highest voltage", _extreme(metrics, "v_max", feeder)),
        ("Tap movements", metrics["tap_movements"]),
        ("Capacitor switchings", metrics["capacitor_switchings"]),
        ("Bus-hours beyond a voltage limit", metrics["voltage_bus_h"]),
    ]
    if metrics["der_kwh"]:
        tiles.insert(1, ("DERs", _energy(metrics["der_kwh"])))
    return tiles


def _energy(kwh: Metric) -> str:
    """An energy in the unit in which a person reads it."""
    assert isinstance(kwh, int | float)
    if abs(kwh) < 10_000:
        return f"{brief(kwh)} kWh"
    return f"{brief(kwh / 1000)} MWh"


def _share(pct: Metric) -> str:
    if pct is None:
        return ""
    return f" ({brief(pct)} %)"


def _peak(metrics: dict[str, Metric]) -> str:
    return f"{brief(metrics['peak_kw'])} kW, {moment_words(str(metrics['peak_when']))}"


def _extreme(metrics: dict[str, Metric], name: str, feeder: Feeder) -> str:
    value = format_number(metrics[f"{name}_pu"], "pu")
    place = place_words(str(metrics[f"{name}_at"]), feeder)
    return f"{value} pu at {place}, {moment_words(str(metrics[f'{name}_when']))}"


def _broken(result: Result) -> list[str]:
    sentences = []
    for limit, rows in result.tables["violations"].groupby("limit", sort=False):
        kind = kind_of(str(limit))
        places = [place_words(place, result.feeder) for place in rows["place"]]
        more = ""
        if len(places) > PLACES_NAMED:
            more = f" and {len(places) - PLACES_NAMED} more"
        worst_row = (kind.side * rows["worst"]).idxmax()
        allowed = rows["allowed"].iloc[0]
        worst = told_apart(rows["worst"][worst_row], allowed, kind.unit)
        sentences.append(
            f"The {kind.words} limit of {format_number(allowed)} {kind.unit} is broken at "
            f"{'; '.join(places[:PLACES_NAMED])}{more}: up to {format_number(rows['hours'].iloc[0])} h at one place, the worst "
            f"{worst} on {moment_words(rows['when_worst'][worst_row])}."
        )
    return sentences


def _table(result: Result) -> Table:
    """Where limits break, or else the lowest voltages."""
    violations = result.tables["violations"]
    if len(violations):
        return violations_table(result)
    return lowest_voltages(result)


def violations_table(result: Result) -> Table:
    """Every place that breaks a limit, the longest first."""
    caption = "Where limits break, the longest first."
    rows = result.tables["violations"]
    units = rows["unit"].tolist()
    limits = rows["limit"].tolist()
    readings = zip(rows["worst"], rows["allowed"], units, strict=True)
    shown_rows = rows.drop(columns="unit").assign(
        limit=[kind_of(limit).words for limit in limits],
        place=[place_words(place, result.feeder) for place in rows["place"]],
        worst=[told_apart(*read) for read in readings],
        allowed=each_with_unit(rows["allowed"].tolist(), units),
    )
    return Table(shown_rows, caption, rest_in="violations.parquet")


def lowest_voltages(result: Result) -> Table:
    """Voltage points, the lowest first."""
    by_lowest = result.tables["voltages"].sort_values("v_min_pu")
    places = [place_words(str(point), result.feeder) for point in by_lowest["point"]]
    return Table(
        by_lowest.drop(columns="bus").assign(point=places),
        "Voltages over all steps, the lowest first.",
        most_rows=15,
        rest_in="voltages.parquet",
    )
