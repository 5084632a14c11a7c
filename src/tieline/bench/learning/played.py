"""What was played: each contest with how its deciders stand."""

from __future__ import annotations

from collections.abc import Sequence

from tieline.bench.learning.contest import Contest
from tieline.bench.learning.contests import CONTESTS
from tieline.bench.learning.measure import LearningMeasurement
from tieline.bench.learning.score import Score
from tieline.bench.learning.standing import Ranking, rank

Played = tuple[Contest, list[Ranking]]
"""A contest with the ranking of each of its splits."""


def played_contests(measured: LearningMeasurement) -> list[Played]:
    """Each contest in the order of the measurement."""
    return [
        (CONTESTS[name](), _rankings(scores))
        for name, scores in measured.scores.items()
    ]


def _rankings(scores: Sequence[Score]) -> list[Ranking]:
    """The ranking of each split, in the order in which they were played."""
    by_split: dict[str, list[Score]] = {}
    for score in scores:
        by_split.setdefault(score.split, []).append(score)
    return [rank(of_split) for of_split in by_split.values()]
