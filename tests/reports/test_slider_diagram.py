"""A diagram with a slider: first step as drawn, all steps in the page, legend, what is refused."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tieline.errors import InputError, ShapeError
from tieline.feeders import load_feeder
from tieline.reports.colours import INK, ClassStyle
from tieline.reports.headline import Headline
from tieline.reports.html import Report, Section, write_page
from tieline.reports.slider import Slider, Steps, slider_content
from tieline.reports.slider_diagram import diagram_over_time
from tieline.typing import IntArray

FEEDER = load_feeder("ieee13")
STYLES = (ClassStyle("#111111"), ClassStyle("#222222", INK, 1.2, edge=2.0))
NOTES = ["apart", "apart", "</script>merged"]


def classes() -> IntArray:
    """The first bus changes in the last of three steps."""
    numbers = np.zeros((3, len(FEEDER.buses)), dtype=int)
    numbers[2, 0] = 1
    return numbers


def make(numbers: IntArray | None = None, first_step: int = 2) -> Slider:
    return diagram_over_time(
        FEEDER,
        classes() if numbers is None else numbers,
        STYLES,
        Steps(["0", "1", "2"], NOTES, first=first_step),
        legend={"all of one kind": STYLES[0]},
    )


def fills(svg: str) -> dict[str, str]:
    return dict(re.findall(r'data-bus="([^"]+)"[^>]* fill="([^"]+)"', svg))


def test_the_drawing_stands_in_the_step_that_is_shown_first() -> None:
    first_bus = FEEDER.buses[0].name
    merged = fills(make(first_step=2).drawing.svg)
    assert merged[first_bus] == "#222222"
    assert set(merged) == {bus.name for bus in FEEDER.buses}
    assert set(fills(make(first_step=0).drawing.svg).values()) == {"#111111"}


def test_the_legend_holds_for_all_steps() -> None:
    legend = make().drawing.svg.partition('class="tl-legend"')[2]
    assert ">all of one kind<" in legend
    assert "#222222" not in legend


def test_the_page_holds_every_step_and_a_slider_that_speaks(tmp_path: Path) -> None:
    path = tmp_path / "r.html"
    write_page(path, Report(Headline("t", "q"), [Section("s", [make()])]), {})
    html = path.read_text(encoding="utf-8")
    (text,) = re.findall(r'<script type="application/json">(.*?)</script>', html)
    data = json.loads(text)
    assert data["steps"] == ["0", "1", "2"]
    assert data["texts"] == ["apart", "</script>merged"]
    assert data["note"] == {"names": ["note"], "starts": [0, 2], "classes": [0, 1]}
    assert data["stops"] == [2]
    assert data["looks"][1]["fill"] == "#222222"
    assert set(data["looks"][1]) == {"r", "fill", "stroke", "stroke-width"}
    assert re.search(r'<input type="range"[^>]*max="2"[^>]*aria-label="Time"', html)
    assert html.count("function makeSlider") == 1


def test_a_page_without_a_slider_has_no_script(tmp_path: Path) -> None:
    write_page(tmp_path / "r.html", Report(Headline("t", "q"), []), {})
    assert "<script" not in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ShapeError, match="classes for 2 steps, 3 names and 3 notes"):
        make(classes()[:2])
    with pytest.raises(ShapeError, match="from 0 to 2, but there are 2 styles"):
        make(classes() + classes())
    with pytest.raises(InputError, match=r"Unknown bus .* of feeder"):
        diagram_over_time(
            FEEDER,
            classes(),
            STYLES,
            Steps(["0"] * 3, NOTES),
            legend={},
            tooltips={"nowhere": "x"},
        )


def test_marks_stand_where_something_changes_or_where_asked() -> None:
    slider = make()
    assert slider_content(slider)["marks_pct"] == ["100.00"]
    asked = replace(slider, steps=replace(slider.steps, stops=[1]))
    assert slider_content(asked)["marks_pct"] == ["50.00"]
