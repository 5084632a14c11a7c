"""The page: its headings, its headline, and what it says where it is asked for little."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline import Result, run_study
from tieline.studies.restoration.report import report


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
    assert f"{restored:.1f} % restored in scenario short30" in page.title
    assert not page.violations


def test_the_page_is_written(run: Result, tmp_path: Path) -> None:
    run.write_report(tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text("utf-8")
    assert "went off beyond what is free" in html or "kW on" in html
    assert "weight" in html


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
    assert page.title == "small: what can be restored at most"
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
