"""Section "In short": three sentences and one picture."""

from __future__ import annotations

from collections.abc import Iterator

from tieline.reports.html import Block, Figure, Section, Text
from tieline.reports.numbers import format_number
from tieline.studies.restoration.deciders import BOUND, BOUNDS, CORRECTED
from tieline.studies.restoration.telling.bounds import with_gaps
from tieline.studies.restoration.telling.metrics import deciders_of, rows_of
from tieline.studies.restoration.telling.shown import (
    SCENARIO_WORDS,
    compared,
    hours_of,
    main_decider,
    main_scenario,
    series_of,
    step_lines,
    words_of,
)
from tieline.studies.result import Result

DEMAND = "all load"


def in_short(result: Result) -> Section:
    """What a newcomer must know."""
    scenario = main_scenario(result)
    blocks: list[Block] = [Text(" ".join(_sentences(result, scenario)))]
    blocks.append(served_figure(result, scenario, _caption(scenario)))
    return Section("In short", blocks)


def _caption(scenario: str) -> str:
    return (
        f"Load that is on, {SCENARIO_WORDS[scenario]}. The bound knows what sun and wind will be; a line that climbs above it "
        "pays for that later, when energy is missing and load goes off again."
    )


def served_figure(result: Result, scenario: str, caption: str) -> Figure:
    """Load on over the hours, a line for each decider; bands where there are several draws or policies."""
    series = {
        name: series_of(result, scenario, name, "served_pct")
        for name in compared(result)
    }
    hours = hours_of(result, scenario)
    figure = step_lines(hours, series, "load on [%]", {DEMAND: 100.0})
    return Figure(figure, caption)


def _sentences(result: Result, scenario: str) -> Iterator[str]:
    yield _what_is_scarce(result, scenario)
    if BOUND in deciders_of(result.tables):
        yield _who_is_best(result)
    yield _what_binds()


def _what_is_scarce(result: Result, scenario: str) -> str:
    names = deciders_of(result.tables)
    name = BOUND if BOUND in names else main_decider(result)
    outcomes = rows_of(result.tables["outcomes"], scenario, name)
    restored = outcomes["restored_kwh"].mean()
    pct = outcomes["restored_pct"].mean()
    demand = restored / (pct / 100) if pct else 0.0
    who = f"{words_of(name)} serves"
    if name == BOUND:
        who = "no controller can do better than the bound, which serves"
    return (
        f"The island has lost the grid and cannot serve everything at once: with {SCENARIO_WORDS[scenario]} {who} "
        f"{format_number(restored)} of {format_number(demand)} kWh ({pct:.1f} %)."
    )


def _who_is_best(result: Result) -> str:
    """The gaps of the decider that the page is about, and of the corrected MPC beside it."""
    gaps = with_gaps(result.tables["outcomes"])
    means = gaps.groupby("decider")["gap_pct"].mean()
    name = main_decider(result)
    if name in BOUNDS:
        return "Nobody but bounds was asked."
    sentence = (
        f"Counting served energy less fuel and less twice what goes off again, {words_of(name)} stays {means[name]:.2f} % below "
        "the bound in the mean of the scenarios"
    )
    if CORRECTED not in means or name == CORRECTED:
        return f"{sentence}."
    beside = means[name] - means[CORRECTED]
    side = "better" if beside < 0 else "worse"
    return (
        f"{sentence}, {abs(beside):.2f} points {side} than an MPC that corrects its forecast by what it measured "
        f"({means[CORRECTED]:.2f} %)."
    )


def _what_binds() -> str:
    return (
        "What limits the island is energy, how fast units can follow, and the frequency that droop units hold, not the network: "
        "so the question is when to use what there is."
    )
