"""What `make quick` leaves out: every place exists, so that a test that moved is not forgotten in either direction."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SLOW

TESTS = Path(__file__).parent


@pytest.mark.parametrize("place", SLOW)
def test_place_that_is_left_out_exists(place: str):
    assert (TESTS / place).exists()


def test_slow_tests_are_left_out_and_others_are_not():
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "--quick", "tests/soak"]
    done = subprocess.run(
        [*command, "tests/test_quick.py"], cwd=TESTS.parent, capture_output=True, text=True
    )
    assert "test_quick.py::test_place_that_is_left_out_exists" in done.stdout
    assert "tests/soak/" not in done.stdout
