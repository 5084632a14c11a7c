"""Repeating, medians and ratios on programs that only say how long they took."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, repeat

import numpy as np
import pytest

from tieline.bench.powerflow.peers import Answer
from tieline.bench.powerflow.timing import median_call, take_turns


def program(seconds: Iterator[float], scenarios: int = 10) -> Callable[[], Answer]:
    return lambda: Answer(np.ones((scenarios, 1), dtype=complex), next(seconds))


def test_a_short_call_is_repeated_and_its_median_counts() -> None:
    seconds = iter([0.05, 0.01, 0.09, 0.06])
    assert median_call(program(seconds))[0] == pytest.approx(0.055)
    # 0.05 + 0.01 + 0.09 + 0.06 is the first sum above 0.2
    assert next(seconds, None) is None


def test_a_slow_call_is_made_once() -> None:
    seconds = iter([0.3, 9.0])
    assert median_call(program(seconds))[0] == 0.3
    assert next(seconds) == 9.0


def test_ratios_are_medians_of_rounds_per_scenario() -> None:
    quick = program(chain([5.0], iter([0.2, 0.4, 0.2])), scenarios=100)
    slow = program(chain([5.0], iter([0.4, 0.4, 0.4])), scenarios=10)
    timed = take_turns({"quick": quick, "slow": slow}, rounds=3)
    # the first call of each is not counted
    assert timed["quick"].seconds == (
        0.2,
        0.4,
        0.2,
    )
    # 10 x 2, 10 x 1, 10 x 2
    assert timed["quick"].times_faster_than(timed["slow"]) == pytest.approx(20.0)
    assert timed["quick"].solves_per_s == pytest.approx(500.0)
    assert timed["slow"].times_faster_than(timed["quick"]) == pytest.approx(1 / 20)


def test_programs_take_turns() -> None:
    calls: list[str] = []

    def named(name: str) -> Callable[[], Answer]:
        answers = program(repeat(0.3))
        return lambda: calls.append(name) or answers()

    take_turns({"a": named("a"), "b": named("b")}, rounds=2)
    assert calls == ["a", "b"] * 3
