"""The page: its headings, its headline, and what it says where it is asked for little."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tieline import Result, run_study
from tieline.studies.restoration.report import report
from tieline.studies.restoration.telling.bounds import standings
from tieline.studies.restoration.telling.metrics import make_metrics
from tieline.studies.restoration.telling.shown import compared, main_decider


def test_the_page_says_what_was_found(run: Result) -> None:
    page = report(run)
    titles = [section.title for section in page.sections]
    assert titles == [
        "In short",
        "Who decides, and how well",
        "What is restored when",
        "Who is served",
        "Where the energy comes from",
        "What binds",
        "What the relaxation misses",
        "How long it takes",
        "What was assumed",
    ]
    restored = run.number("restored_pct_mpc_corrected_short30")
    assert f"{restored:.1f} % restored in scenario short30" in page.headline.title
    assert not page.headline.violations


def test_the_page_is_written(run: Result, tmp_path: Path) -> None:
    run.write_report(tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text("utf-8")
    assert "went off beyond what is free" in html or "kW on" in html
    assert "weight" in html


def test_a_scenario_without_a_bound_has_its_place_on_the_page(run: Result) -> None:
    """The first scenario of the pictures too: nothing there speaks of a bound."""
    tables = {name: _without_bound(table) for name, table in run.tables.items()}
    tables |= standings(tables["outcomes"])
    metrics = make_metrics(tables, {})
    page = report(replace(run, tables=tables, metrics=metrics))
    names = [name for name, _ in page.headline.summary]
    assert "Bound restores" not in names
    text = str(page.sections[0].blocks[0])
    assert "MPC, forecast corrected serves" in text
    assert "stays" in text


def _without_bound(table: pd.DataFrame) -> pd.DataFrame:
    if "scenario" not in table or "decider" not in table:
        return table
    is_bound = (table["scenario"] == "short30") & (table["decider"] == "bound")
    return table[~is_bound]


def test_whoever_decides_goes_before_a_bound(run: Result) -> None:
    """An MPC of four steps is none of the usual ones: the page is about it nevertheless, and both have a line."""
    tables = {
        name: table[table["decider"].isin(["bound", "mpc-4"])]
        for name, table in run.tables.items()
        if "decider" in table
    }
    tables["island"] = run.tables["island"]
    metrics = make_metrics(tables, {})
    shown = replace(run, tables=tables, metrics=metrics)
    assert main_decider(shown) == "mpc-4"
    assert compared(shown, "short30") == ["bound", "mpc-4"]
    assert "MPC, 4 steps" in report(shown).headline.title


def test_bounds_alone_have_a_page_without_a_decider(island_file: Path) -> None:
    pytest.importorskip("clarabel")
    result = run_study(
        "restoration",
        feeder=island_file,
        steps=4,
        scenarios=("perfect",),
        deciders=("bound",),
    )
    page = report(result)
    assert page.headline.title == "small: what can be restored at most"
    assert result.metrics["cases_unjudged"] == 0


def test_a_single_step_has_a_page(island_file: Path) -> None:
    result = run_study(
        "restoration",
        feeder=island_file,
        steps=1,
        scenarios=("late",),
        deciders=("hold",),
    )
    assert report(result).sections
