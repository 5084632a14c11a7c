"""Each example runs as a reader would run it and ends in the number it promises."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"

LAST_NUMBERS = {
    "1_power_flow.py": pytest.approx(
        95.98, abs=0.05
    ),  # OpenDSS, controls as in the file
    "2_hosting_capacity.py": pytest.approx(71.875),
    "3_optimal_power_flow.py": pytest.approx(0.0),  # limits broken on AC
    "4_train_a_policy.py": pytest.approx(
        0.5, abs=0.5
    ),  # a quarter of a training: between 0 and 1 % above the optimum
    "5_market.py": pytest.approx(
        98.0, abs=2.0
    ),  # of the saving that is possible: 96 % or more, and all of it at most
}


def test_every_example_is_checked_and_listed() -> None:
    scripts = {path.name for path in EXAMPLES.glob("*.py")}
    assert scripts == set(LAST_NUMBERS)
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert all(f"({name})" in text for name in scripts)


@pytest.mark.parametrize("name", sorted(LAST_NUMBERS))
def test_example_ends_in_its_number(name: str) -> None:
    for package in {
        "3_optimal_power_flow.py": ["casadi"],
        "4_train_a_policy.py": ["jax"],
        "5_market.py": ["casadi"],
    }.get(name, []):
        pytest.importorskip(package, reason="needs an extra")
    done = subprocess.run(
        [sys.executable, EXAMPLES / name],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    last = done.stdout.strip().splitlines()[-1]
    number = re.findall(r"-?\d+(?:\.\d+)?", last)
    assert float(number[-1 if name.startswith("3") else 0]) == LAST_NUMBERS[name], last
