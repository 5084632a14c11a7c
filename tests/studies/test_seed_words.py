"""Seeds in tables for readers."""

from __future__ import annotations

from tieline.reports.numbers import MISSING
from tieline.studies.seed_words import seed_words


def test_who_learned_nothing_has_a_dash() -> None:
    assert seed_words([0, 3, -1, None, float("nan")]) == [
        "0",
        "3",
        MISSING,
        MISSING,
        MISSING,
    ]
