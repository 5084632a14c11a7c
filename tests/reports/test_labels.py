"""Names are placed without hiding anything, the important ones first."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from tieline.reports.labels import (
    CHARACTER_WIDTH,
    Box,
    Label,
    place_labels,
    wanted_labels,
)

BOUNDS = (-50.0, -50.0, 1050.0, 850.0)
FONT_PX = 11.0


def box_of(label: Label) -> Box:
    width = len(label.bus) * FONT_PX * CHARACTER_WIDTH
    left = {"start": label.x, "middle": label.x - width / 2, "end": label.x - width}[
        label.anchor
    ]
    return (left, label.y - 0.75 * FONT_PX, left + width, label.y)


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def test_names_hide_neither_each_other_nor_buses():
    random = np.random.default_rng(3)
    points = {
        f"bus{k}": (float(x), float(y))
        for k, (x, y) in enumerate(random.uniform((0, 0), (1000, 800), (150, 2)))
    }
    labels = place_labels(points, [], points, 4.0, FONT_PX, [], [], BOUNDS)
    assert 100 < len(labels) <= 150
    boxes = [box_of(label) for label in labels]
    assert not any(overlap(a, b) for a, b in combinations(boxes, 2))
    dots = [(x - 4, y - 4, x + 4, y + 4) for x, y in points.values()]
    assert not any(overlap(box, dot) for box in boxes for dot in dots)


def test_name_without_room_is_left_out_and_the_first_wanted_wins():
    points = {"first": (100.0, 100.0), "second": (101.0, 100.0)}
    everywhere_else = [
        (0.0, 0.0, 300.0, 93.0),
        (0.0, 107.0, 300.0, 300.0),
        (0.0, 0.0, 94.0, 300.0),
    ]
    labels = place_labels(
        ["second", "first"], [], points, 4.0, FONT_PX, everywhere_else, [], BOUNDS
    )
    assert [label.bus for label in labels] == ["second"]


def test_place_that_crosses_no_line_is_preferred():
    (label,) = place_labels(
        ["b"],
        [],
        {"b": (100.0, 100.0)},
        4.0,
        FONT_PX,
        [],
        [((100.0, 100.0), (100.0, 0.0))],
        BOUNDS,
    )
    assert label.y > 100
    assert label.anchor == "middle"


def test_a_filler_is_written_only_where_it_crosses_no_line():
    points = {"b": (100.0, 100.0)}
    crossed_everywhere = [
        ((float(x), 0.0), (float(x), 300.0)) for x in range(60, 140, 4)
    ]
    args = (points, 4.0, FONT_PX, [], crossed_everywhere, BOUNDS)
    assert place_labels([], ["b"], *args) == []
    assert len(place_labels(["b"], [], *args)) == 1
    free = place_labels([], ["b"], points, 4.0, FONT_PX, [], [], BOUNDS)
    assert [label.bus for label in free] == ["b"]


def test_all_of_a_small_feeder_and_few_of_a_large_one_are_wanted():
    small = {"b0": None} | {f"b{k}": f"b{k - 1}" for k in range(1, 20)}
    assert set(wanted_labels(["b0"], ["b7"], small)) == set(small)
    large: dict[str, str | None] = (
        {"b0": None} | {f"b{k}": f"b{k - 1}" for k in range(1, 300)} | {"end": "b40"}
    )
    assert wanted_labels(["b0"], [f"b{k}" for k in range(100, 120)], large) == [
        "b0", "b100", "b101", "b102", "b103", "b104", "b299", "end",
    ]  # fmt: skip
