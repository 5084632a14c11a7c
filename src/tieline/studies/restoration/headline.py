"""The headline of a restoration run: what is restored, and how far that is from the bound."""

from __future__ import annotations

from tieline.counted import counted
from tieline.reports.headline import Headline
from tieline.reports.numbers import with_unit
from tieline.studies.restoration.config import RestorationConfig
from tieline.studies.restoration.deciders import BOUND, BOUNDS
from tieline.studies.restoration.telling.bounds import mean_gap_pct
from tieline.studies.restoration.telling.metrics import deciders_of, rows_of
from tieline.studies.restoration.telling.sections.standing import (
    standing_table,
)
from tieline.studies.restoration.telling.shown import (
    answered_in,
    main_decider,
    main_scenario,
    scenarios_of,
    words_of,
)
from tieline.studies.restoration.telling.tables.units import LOAD
from tieline.studies.result import Result


def headline(result: Result) -> Headline:
    """What a reader of a run sees first."""
    config = result.config
    assert isinstance(config, RestorationConfig)
    return Headline(
        title=_title(result),
        question=_question(result, config),
        summary=_summary(result),
        violations=_violations(result),
        table=standing_table(result),
    )


def _mean(result: Result, name: str, column: str) -> float:
    """A column of a decider's outcomes in the scenario that the page is about."""
    outcomes = rows_of(result.tables["outcomes"], main_scenario(result), name)
    return float(outcomes[column].mean())


def _title(result: Result) -> str:
    name = main_decider(result)
    if name in BOUNDS:
        return f"{result.feeder.name}: what can be restored at most"
    restored_pct = _mean(result, name, "restored_pct")
    scenario = main_scenario(result)
    who = f"{result.feeder.name}, {words_of(name)}"
    title = f"{who}: {restored_pct:.1f} % restored in scenario {scenario}"
    gap_pct = mean_gap_pct(result.tables["outcomes"], name, [scenario])
    if gap_pct is None:
        return title
    # the bound is proven within a tolerance, and a gap of -0.00 % would read as a mistake
    return f"{title}, {abs(gap_pct):.2f} % below the bound"


def _question(result: Result, config: RestorationConfig) -> str:
    hours = config.steps * config.step_h
    length = "1 hour" if hours == 1 else f"{hours:g} hours"
    loads = int((result.tables["island"]["kind"] == LOAD).sum())
    return (
        f"{result.feeder.name} has lost the grid for {length}. Which of {counted(loads, 'load')} are picked up when, with "
        "the fuel, storage, sun and wind of the island, if the forecast is wrong?"
    )


def _summary(result: Result) -> list[tuple[str, object]]:
    name = main_decider(result)
    scenario = main_scenario(result)
    shed_kwh = _mean(result, name, "shed_kwh")
    rows: list[tuple[str, object]] = [
        ("Decided by", words_of(name)),
        ("Scenario of the pictures", scenario),
        ("Restored", _restored(result, name)),
        ("Shed", with_unit(shed_kwh, "kWh")),
    ]
    if BOUND in answered_in(result, scenario):
        rows.append(("Bound restores", _restored(result, BOUND)))
    gap_pct = mean_gap_pct(result.tables["outcomes"], name, scenarios_of(result))
    if gap_pct is not None:
        rows.append(("Below the bound, mean of the scenarios", f"{gap_pct:.2f} %"))
    # a bound plans all steps at once: it decides no single one
    if name not in BOUNDS:
        rows.append(("A decision takes", _decision(result, name)))
    return rows


def _decision(result: Result, name: str) -> str:
    steps = result.tables["steps"]
    decision_ms = steps.loc[steps["decider"] == name, "decision_ms"].median()
    return with_unit(decision_ms, "ms")


def _restored(result: Result, name: str) -> str:
    return f"{_mean(result, name, 'restored_pct'):.1f} %"


def _violations(result: Result) -> list[str]:
    """One sentence for each decider and scenario with broken limits."""
    # plans of bounds are not played: nothing of them meets the exact island
    names = [name for name in deciders_of(result.tables) if name not in BOUNDS]
    sentences = []
    for scenario in scenarios_of(result):
        for name in names:
            steps = rows_of(result.tables["steps"], scenario, name)
            count = int(steps["violations"].sum())
            if count == 0:
                continue
            n_steps = int((steps["violations"] > 0).sum())
            limits = counted(count, "limit")
            sentences.append(
                f"{words_of(name)}, {scenario}: {limits} broken in {counted(n_steps, 'step')}."
            )
    return sentences
