"""How much the random tests do: `amount(base)` draws, the first of them `first_seed()`.

The suite does `base` draws of every property; `make soak` sets TIELINE_SOAK to a factor on that number. TIELINE_SEED moves on to
draws that no run has seen. TIELINE_SOAK_FOLDER names a folder that takes the inputs which failed.
"""

from __future__ import annotations

import os
from pathlib import Path

STRIDE = 1_000_000
"""Draws between two values of TIELINE_SEED: more than one run makes, so that two of them share no draw."""


def amount(base: int) -> int:
    """Number of draws: `base` in the test suite, `base` times TIELINE_SOAK in a long run."""
    return max(1, round(base * float(os.environ.get("TIELINE_SOAK", "1"))))


def first_seed() -> int:
    """Seed of the first draw; the others follow it one by one."""
    return STRIDE * int(os.environ.get("TIELINE_SEED", "0"))


def seeds(base: int) -> range:
    """Seeds of all draws of a property."""
    return range(first_seed(), first_seed() + amount(base))


def keep_failure(name: str, text: str) -> str:
    """Write an input that failed into TIELINE_SOAK_FOLDER, if that is set; returns where it is, for the message of the test."""
    folder = os.environ.get("TIELINE_SOAK_FOLDER")
    if not folder:
        return f"(set TIELINE_SOAK_FOLDER to keep '{name}')"
    path = Path(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)
