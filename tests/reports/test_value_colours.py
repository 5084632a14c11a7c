"""One code of colours: light to dark towards the end that matters, red beyond a limit, scales that end at it."""

from __future__ import annotations

import math

from tieline.reports.colours import LIMIT, VIRIDIS
from tieline.reports.value_colours import value_colours


def test_the_scale_ends_at_the_limit_and_red_is_beyond() -> None:
    values = {"a": 0.98, "b": 0.95, "c": 0.93, "d": math.nan}
    colours = value_colours(values, "low", limit=0.95)
    assert colours.of == {"a": VIRIDIS[0], "b": VIRIDIS[-1], "c": LIMIT}
    assert (colours.low, colours.high) == (0.95, 0.98)
    assert colours.worst_first == ["c", "b", "a"]
    assert colours.beyond == {"c"}


def test_all_beyond_the_limit_are_red() -> None:
    colours = value_colours({"a": 1.07, "b": 1.06}, "high", limit=1.05)
    assert set(colours.of.values()) == {LIMIT}
    assert colours.high == 1.05


def test_nothing_has_a_colour_where_nothing_has_a_value() -> None:
    assert value_colours({"a": math.inf}, "high").of == {}


def test_on_a_logarithmic_scale_equal_ratios_are_equal_steps() -> None:
    values = {"a": 1.0, "b": 10.0, "c": 100.0, "none": 0.0}
    colours = value_colours(values, "low", log_scale=True)
    assert (colours.low, colours.high) == (1.0, 100.0)
    middle = VIRIDIS[len(VIRIDIS) // 2]
    assert colours.of == {
        "a": VIRIDIS[-1],
        "b": middle,
        "c": VIRIDIS[0],
        "none": VIRIDIS[-1],
    }
