"""The sentence, the tiles and the page of a connection study."""

from __future__ import annotations

import pytest

from tieline import run_study
from tieline.studies.catalogue import find_study
from tieline.studies.result import Result


@pytest.fixture(scope="module")
def refused() -> Result:
    return run_study("connect", feeder="ieee123", bus="83", kw=500.0)


def test_the_title_is_the_answer(refused: Result) -> None:
    headline = find_study("connect").headline(refused)
    assert headline.title.startswith(
        "No, 500 kW of PV at bus 83 would break high voltage at peak load (1.0599 pu at bus 83, phase 2, limit 1.05 pu): "
    )
    kw = refused.number("capacity_kw")
    assert headline.title.endswith(f": {kw:.1f} kW would fit there")
    assert dict(headline.summary)["May be connected"] == "no"
    assert "high voltage" in headline.violations[0]


def test_a_plant_that_fits_is_a_yes_with_its_limits() -> None:
    result = run_study("connect", feeder="ieee123", bus="83", kw=20.0)
    headline = find_study("connect").headline(result)
    assert headline.title.startswith("Yes, 20 kW of PV at bus 83 may be connected: ")
    assert not headline.violations
    assert headline.table is not None
    assert "with_plant" in headline.table.frame


def test_the_page_has_the_cures(refused: Result) -> None:
    report = find_study("connect").report(refused)
    titles = [section.title for section in report.sections]
    assert titles == [
        "What the limits say",
        "What would cure it",
        "Where voltages move",
        "What was assumed",
    ]
