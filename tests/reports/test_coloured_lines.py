"""Colours of lines by value: the worst of parallel lines counts, red is beyond the limit, dense feeders colour lines by bus."""

from __future__ import annotations

import re

from builders import random_feeder
from tieline.feeders import load_feeder
from tieline.reports.coloured_lines import WITHOUT, line_colours
from tieline.reports.colours import LIMIT, VIRIDIS
from tieline.reports.diagram import one_line
from tieline.reports.dots import is_dense


def stroke_of(network: str) -> dict[str, str]:
    """Colour of each line by the first words of its tooltip."""
    paths = re.findall(r'<path class="tl-branch"[^>]*>(?:<title>[^<]*)', network)
    strokes = {}
    for path in paths:
        name = path.partition("<title>")[2].partition(",")[0]
        colour = re.search(r' stroke="([^"]+)"', path)
        strokes[name] = colour[1] if colour else ""
    return strokes


def test_light_to_dark_up_to_the_limit_and_red_beyond() -> None:
    values = {("line", "branch_1"): 0.0, ("line", "branch_2"): 100.0}
    values |= {("line", "branch_3"): 100.1, ("line", "branch_4"): float("nan")}
    colours = line_colours(values, "loading", "%", limit=100.0)
    drawing = one_line(load_feeder("ieee33"), lines=colours)
    strokes = stroke_of(drawing.network)
    assert strokes["line branch_1"] == VIRIDIS[0]
    assert strokes["line branch_2"] == VIRIDIS[-1]
    assert strokes["line branch_3"] == LIMIT
    assert strokes["line branch_4"] == WITHOUT
    assert "above 100 % (1)" in [entry.text for entry in drawing.legend]
    assert "loading 100.1 %" in drawing.network


def test_no_values_at_all_are_grey() -> None:
    colours = line_colours({}, "loading", "%")
    drawing = one_line(load_feeder("ieee33"), lines=colours)
    assert WITHOUT in stroke_of(drawing.network).values()


def test_where_dots_are_too_small_lines_take_the_colour_of_the_bus_they_feed() -> None:
    feeder = random_feeder(1, 330)
    assert is_dense(len(feeder.buses))
    values = {bus.name: float(k) for k, bus in enumerate(feeder.buses)}
    painted = one_line(feeder, bus_values=values)
    assert VIRIDIS[-1] in stroke_of(painted.network).values()
    plain = one_line(feeder)
    assert VIRIDIS[-1] not in stroke_of(plain.network).values()
