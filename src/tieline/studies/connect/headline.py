"""The headline of a connection study: yes or no in a sentence, what ends it, and the cures."""

from __future__ import annotations

import pandas as pd

from tieline.reports.headline import Headline
from tieline.reports.html import Table
from tieline.reports.numbers import format_number
from tieline.reports.places import place_words
from tieline.studies.connect.config import ConnectConfig
from tieline.studies.connect.telling.words import (
    answer_sentence,
    broken_words,
    plant_words,
)
from tieline.studies.result import Result
from tieline.studies.siting.capacity import NO_SOLUTION
from tieline.studies.siting.words import (
    kw_words,
    limit_words,
    situation_texts,
)


def headline(result: Result) -> Headline:
    """What a reader of a connection study sees first."""
    config = result.config
    assert isinstance(config, ConnectConfig)
    metrics = result.metrics
    table = cures_in_words(result)
    if metrics["allowed"] == "yes":
        table = limits_in_words(result)
    return Headline(
        title=answer_sentence(result),
        question=_question(result, config),
        summary=_summary(result),
        violations=_violations(result, config),
        table=table,
    )


def limits_in_words(result: Result) -> Table:
    """What each limit says of the plant, broken ones first, then those with the least room."""
    limits = result.tables["limits"]
    # two situations a limit: the one nearer to its number stands for both in the order
    ordered = limits.sort_values(["breaks", "fits_kw"], ascending=[False, True])
    places = [place_words(place, result.feeder) for place in ordered["place"]]
    in_words = pd.DataFrame(
        {
            "limit": ordered["limit"].map(limit_words),
            "situation": ordered["situation"],
            "place": places,
            "without": _readings(ordered, "before"),
            "with_plant": _readings(ordered, "with_plant"),
            "allowed": _readings(ordered, "allowed"),
            "breaks": ordered["breaks"],
            "fits_kw": ordered["fits_kw"],
        }
    )
    headings = {
        "without": "without it",
        "with_plant": "with the plant",
        "breaks": "broken",
        "fits_kw": "fits by this limit [kW]",
    }
    caption = "Every limit in every situation, at its worst place; an en dash: it holds as far as was looked."
    return Table(in_words, caption, headings, rest_in="limits.parquet")


def _readings(limits: pd.DataFrame, column: str) -> list[str]:
    """Readings with their units, which differ from row to row."""
    rows = zip(limits[column], limits["unit"], strict=True)
    return [f"{format_number(value, unit)} {unit}" for value, unit in rows]


def cures_in_words(result: Result) -> Table:
    """What would let the plant in."""
    cures = result.tables["cures"]
    fits = [
        f"{'at least ' if is_least else ''}{kw_words(kw)}"
        for kw, is_least in zip(cures["fits_kw"], cures["is_least"], strict=True)
    ]
    in_words = pd.DataFrame(
        {
            "cure": cures["cure"],
            "setting": cures["setting"],
            "suffices": cures["suffices"],
            "fits": fits,
            "then ends by": cures["limit"].map(limit_words),
        }
    )
    caption = "Each cure by itself, solved on the AC power flow: whether it lets the plant in, and how much then fits."
    return Table(in_words, caption, rest_in="cures.parquet")


def _question(result: Result, config: ConnectConfig) -> str:
    feeder = result.feeder
    return (
        f"May {plant_words(result.metrics, config)} of {feeder.name} ({len(feeder.buses)} buses, {kw_words(feeder.peak_load_kw)} "
        f"peak load) be connected? It is judged at full power {situation_texts(config)}."
    )


def _summary(result: Result) -> list[tuple[str, object]]:
    metrics = result.metrics
    limit = str(metrics["binding_limit"])
    least = "at least " if metrics["capacity_is_least"] == "yes" else ""
    tiles: list[tuple[str, object]] = [
        ("May be connected", metrics["allowed"]),
        ("Fits there", f"{least}{kw_words(metrics['capacity_kw'])}"),
        ("Breaks first", limit_words(limit)),
    ]
    if metrics["binding_at"]:
        tiles.append(("At", place_words(str(metrics["binding_at"]), result.feeder)))
    if metrics["binding_situation"]:
        tiles.append(("In", metrics["binding_situation"]))
    return tiles


def _violations(result: Result, config: ConnectConfig) -> list[str]:
    metrics = result.metrics
    if metrics["allowed"] == "yes":
        return []
    plant = plant_words(metrics, config)
    if metrics["cases_unjudged"] or metrics["binding_limit"] == NO_SOLUTION:
        return [f"With {plant} the power flow has no solution in some situation."]
    limits = result.tables["limits"]
    names = limits.loc[limits["breaks"], "limit"].map(limit_words).unique()
    return [
        f"With {plant} these limits break: {', '.join(names)}; first {broken_words(result)}."
    ]
