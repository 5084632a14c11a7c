"""Who is asked: by name in the order of tables, else by case; and what metrics are called."""

from __future__ import annotations

import pytest

from tieline.studies.microgrids.deciders import (
    DECIDERS,
    asked_deciders,
    has_safety_step,
)


def test_names_go_before_the_case() -> None:
    named = asked_deciders("day", ("rule", "central"))
    assert [decider.name for decider in named] == ["central", "rule"]


def test_a_day_is_not_asked_in_windows_or_without_limits() -> None:
    names = [decider.name for decider in asked_deciders("day", None)]
    assert "central" in names
    assert "central-windows" not in names
    assert not [name for name in names if name.startswith("unconstrained")]


def test_the_peak_is_asked_of_all() -> None:
    assert asked_deciders("peak-window", None) == list(DECIDERS.values())


@pytest.mark.parametrize(
    ("name", "has_one"), [("merit-safe", True), ("safe", True), ("merit", False)]
)
def test_who_has_a_safety_step(name: str, has_one: bool) -> None:
    assert has_safety_step(name) == has_one


def test_a_suffix_is_a_word_of_metrics() -> None:
    assert DECIDERS["merit-safe"].suffix == "_merit_safe"
