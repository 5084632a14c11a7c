"""The page of a map says what its table says."""

from __future__ import annotations

from tieline import run_study
from tieline.reports.html import Diagram
from tieline.studies.catalogue import find_study


def test_the_page_has_both_maps_and_the_smallest_first() -> None:
    result = run_study(
        "hosting-capacity-map", feeder="ieee13", buses="634,675,680", kind="load"
    )
    study = find_study("hosting-capacity-map")
    headline = study.headline(result)
    lowest = result.metrics["lowest_at"]
    assert f"at bus {lowest} to" in headline.title
    assert headline.table is not None
    assert headline.table.frame["place"].iloc[0] == lowest
    report = study.report(result)
    diagrams = [
        block
        for section in report.sections
        for block in section.blocks
        if isinstance(block, Diagram)
    ]
    assert len(diagrams) == 2
