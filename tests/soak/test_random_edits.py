"""Whatever is done to a feeder in Python: an error with a message, or a solution whose currents balance; never a crash."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from soak.amount import amount, first_seed, keep_failure

SCRIPT = Path(__file__).parent / "random_edits.py"
DRAWS = 200
"""Draws of the test suite; `make soak` multiplies them."""

SECONDS_A_DRAW = 1.0
START_UP_S = 300.0
"""Time that compiling may take on a machine that has compiled nothing yet."""


def test_random_edits_of_a_feeder_never_crash() -> None:
    """In a process of its own: what crashes there ends this test, not the suite."""
    count = amount(DRAWS)
    command = [
        sys.executable,
        "-X",
        "faulthandler",
        str(SCRIPT),
        str(first_seed()),
        str(count),
    ]
    ran = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=START_UP_S + count * SECONDS_A_DRAW,
        check=False,
    )
    crash = f"ended with {ran.returncode}: {ran.stderr[-2000:]}"
    assert ran.returncode in (0, 1), crash + keep_failure("edits.txt", ran.stderr)
    answer = json.loads(ran.stdout.splitlines()[-1])
    print(answer["ends"])
    assert not answer["faults"], keep_failure(
        "edits.txt", "\n".join(answer["faults"])
    ) + "\n".join(answer["faults"][:5])
    assert sum(answer["ends"].values()) == count
    assert "error without a message" not in answer["ends"]
    assert answer["ends"]["solved"] > count / 20
    assert answer["ends"]["FeederError"] > count / 20
