"""Generators that hold a voltage: what makes no sense is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tieline.feeders import Feeder, load_feeder
from tieline.feeders.elements import Generator
from tieline.feeders.problems import find_problems


def feeder() -> Feeder:
    return load_feeder("ieee33")


def holding(name: str, bus: int = 17, **fields: Any) -> Generator:
    """A generator at a bus of the 33-bus feeder."""
    where = feeder().buses[bus]
    asked = {"held_v_pu": 1.0, **fields}
    return Generator(name, where.name, (1, 0), "wye", where.kv_ll, 500.0, **asked)


@pytest.mark.parametrize(
    ("code", "units"),
    [
        ("GENERATOR.HELD_VOLTAGE", [holding("a", held_v_pu=0.0)]),
        ("GENERATOR.HOLDS_TWICE", [holding("a"), holding("b")]),
        ("GENERATOR.HOLDS_SOURCE", [holding("a", bus=0)]),
        (
            "GENERATOR.LIMITS_CROSSED",
            [holding("a", held_q_low_kvar=1.0, held_q_high_kvar=-1.0)],
        ),
    ],
)
def test_what_cannot_be_held_is_refused(code: str, units: list[Generator]) -> None:
    problems = find_problems(feeder().replace(generators=tuple(units)))
    assert [problem.code for problem in problems] == [code]
