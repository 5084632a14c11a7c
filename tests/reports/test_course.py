"""What changes over time is stored once per group and run, and comes back as it was."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tieline.errors import InputError, ShapeError
from tieline.reports import course as module
from tieline.reports.course import make_course


def test_elements_that_look_alike_share_their_runs() -> None:
    classes = np.array([[0, 1, 0], [0, 1, 0], [2, 1, 2], [0, 1, 0]])
    course = make_course(["a", "b", "c"], classes)
    assert dict(zip(course.groups, course.runs, strict=True)) == {
        ("a", "c"): ((0, 0), (2, 2), (3, 0)),
        ("b",): ((0, 1),),
    }
    assert course.changes == [2, 3]


def test_every_step_comes_back() -> None:
    classes = np.random.default_rng(0).integers(0, 3, (40, 7))
    names = list("abcdefg")
    course = make_course(names, classes)
    for step, row in enumerate(classes):
        assert course.at(step) == dict(zip(names, row, strict=True))


def test_a_day_of_thousands_of_buses_in_regions_stays_small() -> None:
    n_buses = 8500
    region = np.arange(n_buses) * 12 // n_buses
    # two regions are one from 05:00 to 13:20
    classes = np.tile(region, (1440, 1))
    classes[300:800, region == 3] = 2
    names = [f"bus{k}" for k in range(n_buses)]
    text = json.dumps(make_course(names, classes).to_json())
    # little more than the names, each once
    assert len(text) < 1.02 * len(json.dumps(names))


@pytest.mark.parametrize("shape", [(0, 2), (3, 1), (2,)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"expected \(steps, 2\)"):
        make_course(["a", "b"], np.zeros(shape, dtype=int))


def test_what_changes_too_often_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_RUNS", 5)
    flicker = np.arange(6)[:, None] % 2
    assert make_course(["a"], flicker[:5]).changes == [1, 2, 3, 4]
    with pytest.raises(InputError, match=r"change 6 times .* coarser steps"):
        make_course(["a"], flicker)
