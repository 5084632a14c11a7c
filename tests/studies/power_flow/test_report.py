"""The page of a power flow: its title is the answer, its pictures are those of the feeder."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from builders import two_bus
from tieline.feeders.feeder import Feeder
from tieline.reports.html import Diagram, Figure
from tieline.studies import run_study
from tieline.studies.power_flow.report import report


def test_broken_limits_stand_in_the_title_and_on_top() -> None:
    result = run_study("power-flow", feeder="ieee13", highest_pu=1.05, lowest_pu="off")
    top = result.headline
    assert "(2 high voltage, 1 transformer loading)" in top.title
    assert any("bus rg60, phase" in text for text in top.violations)
    assert dict(top.summary)["Limits broken"] == len(result.tables["violations"])


def test_nothing_broken_is_said_so() -> None:
    top = run_study("power-flow", feeder="ieee123").headline
    assert "no limit broken" in top.title
    assert top.violations == []


def test_what_is_without_supply_stands_in_the_title() -> None:
    feeder = two_bus()
    (line,) = feeder.lines
    result = run_study("power-flow", feeder=feeder.with_switch(line.name, closed=False))
    assert result.metrics["places_dead"] == 1
    assert ": 1 voltage point without supply, no limit" in result.headline.title


def test_a_feeder_of_one_bus_has_a_page(tmp_path: Path) -> None:
    feeder = two_bus()
    (load,) = feeder.loads
    at_source = dataclasses.replace(load, bus="a")
    alone = feeder.replace(buses=feeder.buses[:1], lines=(), loads=(at_source,))
    result = run_study("power-flow", feeder=alone)
    assert result.tables["branches"].empty
    result.write_report(tmp_path / "report.html")


def test_without_a_limit_that_is_read_anywhere_nothing_is_said_to_hold() -> None:
    # no line and no transformer of it has a rating
    result = run_study("power-flow", feeder="ieee33", highest_pu="off", lowest_pu="off")
    assert result.metrics["places_judged"] == 0
    assert "no limit judged" in result.headline.title


@pytest.mark.parametrize("name", ["ieee33", "ieee37", "case141"])
def test_every_kind_of_feeder_has_a_page(name: str, tmp_path: Path) -> None:
    result = run_study("power-flow", feeder=name)
    result.write_report(tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert html.count('class="tl-network"') == 2
    # these feeders state no lengths, or are drawn with them: never a length that nobody knows
    assert ("distance from the source [km]" in html) == (name == "ieee37")


def two_sources() -> Feeder:
    feeder = two_bus()
    second = dataclasses.replace(feeder.source, name="second", bus="b")
    return feeder.replace(sources=(feeder.source, second))


def test_several_sources_have_a_diagram_and_no_distance() -> None:
    page = report(run_study("power-flow", feeder=two_sources()))
    blocks = [block for section in page.sections for block in section.blocks]
    assert sum(isinstance(block, Diagram) for block in blocks) == 2
    assert not any(isinstance(block, Figure) for block in blocks)
