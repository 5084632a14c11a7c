"""What `make quick` leaves out and `make test` begins with: every place exists, so that a test that moved is not forgotten in
either direction.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import SLOW, pytest_collection_modifyitems, pytest_ignore_collect

TESTS = Path(__file__).parent


@pytest.mark.parametrize("place", SLOW)
def test_place_that_is_left_out_exists(place: str):
    assert (TESTS / place).exists()


@pytest.mark.parametrize(
    ("place", "quick", "is_left_out"),
    [
        ("soak", True, True),
        ("soak", False, None),
        ("network", True, None),
        ("soak/../test_quick.py", True, None),
    ],
)
def test_slow_tests_are_left_out_and_others_are_not(
    place: str, quick: bool, is_left_out: bool | None
):
    config: Any = SimpleNamespace(getoption=lambda name: quick and name == "--quick")
    assert pytest_ignore_collect((TESTS / place).resolve(), config) is is_left_out


def test_slow_tests_come_first_and_each_kind_keeps_its_order():
    places = ("network/a.py", "soak/b.py", "test_air.py", "cli/c.py")
    items: list[Any] = [SimpleNamespace(path=TESTS / place) for place in places]
    pytest_collection_modifyitems(items)
    order = [item.path.relative_to(TESTS).as_posix() for item in items]
    assert order == ["soak/b.py", "cli/c.py", "network/a.py", "test_air.py"]
