"""Seeds of trainings in tables for readers."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from tieline.reports.numbers import MISSING


def seed_words(seeds: Iterable[float | None]) -> list[str]:
    """Each seed as text; a dash for a rule, which has none (-1, NaN or None in tables for programs)."""
    return [_words(seed) for seed in seeds]


def _words(seed: float | None) -> str:
    if seed is None or pd.isna(seed) or seed < 0:
        return MISSING
    return str(int(seed))
