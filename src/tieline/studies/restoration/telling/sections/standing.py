"""Section "Who decides, and how well": every decider in every scenario beside the bound, and plainly where one loses."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from tieline.reports.figures import bar
from tieline.reports.html import Block, Figure, Section, Table, Text
from tieline.studies.restoration.deciders import BOUND, BOUNDS, FORECASTING, LEARNED
from tieline.studies.restoration.telling.bounds import with_gaps
from tieline.studies.restoration.telling.metrics import deciders_of, rows_of
from tieline.studies.restoration.telling.shown import (
    COLOURS,
    answered_in,
    scenarios_of,
    words_of,
)
from tieline.studies.result import Result

INTRO = (
    "All decide the same draws, behind the same safety step, on the exact island. The objective is served energy by weight, less "
    "the cost of fuel, less twice the energy of load that goes off again beyond what is free. Served energy alone tells nobody "
    "apart: energy is what is scarce, and everybody uses it up."
)

HEADINGS = {
    "restored_pct": "restored [%]",
    "shed_kwh": "shed [kWh]",
    "objective": "objective [kWh]",
    "gap_pct": "below the bound [%]",
    "spread": "from, to [%]",
    "first_step_pct": "first step [%]",
    "full_step": "full from",
    "violations": "broken",
    "touched": "changed",
}


def standing(result: Result) -> Section:
    """Gaps as bars, a table, and who loses to the corrected MPC."""
    blocks: list[Block] = []
    if BOUND in deciders_of(result.tables):
        blocks.append(_bars(result))
    blocks += [standing_table(result), *map(Text, _losses(result))]
    return Section("Who decides, and how well", blocks, INTRO)


def _bars(result: Result) -> Figure:
    gaps = with_gaps(result.tables["outcomes"])
    means = gaps.pivot_table(index="scenario", columns="decider", values="gap_pct")
    scenarios = scenarios_of(result)
    # bounds have no gap, and a pivot drops who has none
    names = [name for name in deciders_of(result.tables) if name in means]
    by_scenario = means.reindex(scenarios)
    series = {words_of(name): by_scenario[name] for name in names}
    figure = bar(scenarios, series, value_title="below the bound [%]", colours=COLOURS)
    figure.update_layout(showlegend=True)
    return Figure(figure, "How far each stays below the bound; mean of the draws.")


def standing_table(result: Result) -> Table:
    """A row for each scenario and decider."""
    gaps = with_gaps(result.tables["outcomes"])
    rows = [
        _row(result, gaps, scenario, name)
        for scenario in scenarios_of(result)
        for name in answered_in(result, scenario)
    ]
    frame = pd.DataFrame(rows).dropna(axis="columns", how="all")
    caption = (
        "Means of draws and policies. First step: load that is on in it; full from: the step from which on all load is on for an "
        "hour; broken: limits; changed: steps that the safety step changed. A dash: never, or not known of a plan."
    )
    return Table(frame, caption, HEADINGS, most_rows=len(frame))


def _row(
    result: Result, gaps: pd.DataFrame, scenario: str, name: str
) -> dict[str, object]:
    outcomes = rows_of(result.tables["outcomes"], scenario, name)
    row: dict[str, object] = {"scenario": scenario, "who": words_of(name)}
    for column in ("restored_pct", "shed_kwh", "objective"):
        row[column] = outcomes[column].mean()
    gap_pct = rows_of(gaps, scenario, name)["gap_pct"]
    # None first: a bound has no gap, and columns stand as the first row has them
    row["gap_pct"] = None
    if len(gap_pct):
        row["gap_pct"] = gap_pct.mean()
    row["spread"] = _spread(gap_pct)
    row["first_step_pct"] = outcomes["first_step_pct"].mean()
    full_step = result.metrics[_metric("full_step", name, scenario)]
    row["full_step"] = full_step
    # nobody reads -1 as never
    if full_step == -1:
        row["full_step"] = None
    # a bound is a plan: nothing of it was carried out that could break a limit
    if name not in BOUNDS:
        row["violations"] = result.metrics[_metric("violations", name, scenario)]
        row["touched"] = result.metrics[_metric("safety_touched", name, scenario)]
    return row


def _metric(metric: str, name: str, scenario: str) -> str:
    return f"{metric}_{name.replace('-', '_')}_{scenario}"


def _spread(gap_pct: pd.Series) -> str | None:
    if len(gap_pct) < 2:
        return None
    return f"{gap_pct.min():.2f}, {gap_pct.max():.2f}"


def _losses(result: Result) -> Iterator[str]:
    """Where who learned is below the best MPC of a scenario, and by how much."""
    gaps = with_gaps(result.tables["outcomes"])
    means = gaps.pivot_table(index="scenario", columns="decider", values="gap_pct")
    # a pivot sorts; the page has the order that was asked, without scenarios that have no bound
    scenarios = [name for name in scenarios_of(result) if name in means.index]
    means = means.loc[scenarios]
    programs = [name for name in FORECASTING if name in means]
    if not programs:
        return
    best = means[programs].min(axis=1)
    for name in LEARNED:
        if name not in means:
            continue
        beside = means[name] - best
        parts = [f"{scenario} {beside[scenario]:+.3f}" for scenario in means.index]
        words = words_of(name)
        n_worse = int((beside > 0).sum())
        yield (
            f"{words[:1].upper()}{words[1:]} beside the best MPC of each scenario, none of which needs training, in points "
            f"of the gap (above 0: farther from the bound): {', '.join(parts)}. It loses in {n_worse} of {len(beside)} scenarios."
        )
