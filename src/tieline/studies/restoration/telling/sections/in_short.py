"""Section "In short": three sentences and one picture."""

from __future__ import annotations

from collections.abc import Iterator

from tieline.reports.html import Block, Figure, Section, Text
from tieline.reports.numbers import format_number
from tieline.studies.restoration.deciders import BOUND, FORECASTING
from tieline.studies.restoration.telling.bounds import mean_gap_pct
from tieline.studies.restoration.telling.metrics import deciders_of, rows_of
from tieline.studies.restoration.telling.shown import (
    SCENARIO_WORDS,
    answered_in,
    compared,
    hours_of,
    main_decider,
    main_scenario,
    played_of,
    scenarios_of,
    series_of,
    step_lines,
    words_of,
)
from tieline.studies.restoration.telling.tables.limits import (
    FLOW,
    FREQUENCY,
    FUEL,
    POWER,
    RAMP,
    STORED_LOW,
    VOLTAGE,
)
from tieline.studies.result import Result

DEMAND = "all load"

REASONS = {
    FUEL: "fuel",
    STORED_LOW: "stored energy",
    RAMP: "how fast units can follow",
    POWER: "their ratings",
    FREQUENCY: "the frequency that droop units hold",
}
"""Kinds of limits as reasons."""

NETWORK = {VOLTAGE, FLOW}


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
        for name in compared(result, scenario)
    }
    hours = hours_of(result, scenario)
    figure = step_lines(hours, series, "load on [%]", {DEMAND: 100.0})
    return Figure(figure, caption)


def _sentences(result: Result, scenario: str) -> Iterator[str]:
    yield _what_is_scarce(result, scenario)
    if BOUND in deciders_of(result.tables):
        yield _who_is_best(result)
    yield from _what_binds(result, scenario)


def _what_is_scarce(result: Result, scenario: str) -> str:
    has_bound = BOUND in answered_in(result, scenario)
    name = BOUND if has_bound else main_decider(result)
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
    outcomes = result.tables["outcomes"]
    scenarios = scenarios_of(result)
    name = main_decider(result)
    gap_pct = mean_gap_pct(outcomes, name, scenarios)
    if gap_pct is None:
        return "Nobody but bounds was asked."
    sentence = (
        f"Counting served energy less fuel and less twice what goes off again, {words_of(name)} stays {gap_pct:.2f} % below the "
        "bound in the mean of the scenarios"
    )
    gaps = {
        program: mean_gap_pct(outcomes, program, scenarios) for program in FORECASTING
    }
    programs = {program: pct for program, pct in gaps.items() if pct is not None}
    if not programs or name in FORECASTING:
        return f"{sentence}."
    best = min(programs, key=programs.__getitem__)
    best_pct = programs[best]
    side = "better" if gap_pct < best_pct else "worse"
    return (
        f"{sentence}, {abs(gap_pct - best_pct):.2f} points {side} than the best controller with a model ({words_of(best)}, "
        f"{best_pct:.2f} %)."
    )


def _what_binds(result: Result, scenario: str) -> Iterator[str]:
    """Which kinds of limits bind for the decider that the page is about; nothing where nobody decided but bounds."""
    name = main_decider(result)
    if name not in played_of(result):
        return
    rows = rows_of(result.tables["limits"], scenario, name)
    kinds = set(rows.loc[rows["binding"] > 0, "kind"])
    reasons = [words for kind, words in REASONS.items() if kind in kinds]
    if not reasons:
        yield "No limit binds."
        return
    of_network = (
        "not the network" if not kinds & NETWORK else "in places the network too"
    )
    yield f"What binds is {', '.join(reasons)}, and {of_network}: so the question is when to use what there is."
