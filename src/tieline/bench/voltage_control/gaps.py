"""How far each decider stays behind the optimum, day by day, and the numbers that a table says of it.

    gap of a day = (return of the optimum - return of the decider) / |return of the optimum|

The interquartile mean over all seeds and days is the mean of the middle half: neither a lucky seed nor one bad day moves it much
(R. Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice", NeurIPS 2021).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import trim_mean

from tieline.bench.voltage_control.baselines import OPTIMUM
from tieline.bench.voltage_control.held_out import Score
from tieline.typing import FloatArray

OUTER_QUARTER = 0.25


@dataclass(frozen=True, eq=False)
class Standing:
    """All trainings of one decider together.

    Attributes:
        who: its name.
        scores: a row per seed.
        gap_pct: behind the optimum, (seed, day) [%].
    """

    who: str
    scores: Sequence[Score]
    gap_pct: FloatArray

    @property
    def mean_pct(self) -> float:
        """Mean gap over seeds and days [%]."""
        return float(self.gap_pct.mean())

    @property
    def middle_pct(self) -> float:
        """Interquartile mean over seeds and days [%]."""
        return float(trim_mean(self.gap_pct.ravel(), OUTER_QUARTER))

    @property
    def worst_pct(self) -> float:
        """Of the worst day of the worst seed [%]."""
        return float(self.gap_pct.max())

    @property
    def seeds_pct(self) -> FloatArray:
        """Mean gap of each seed, (seed,) [%]."""
        return self.gap_pct.mean(axis=1)

    @property
    def outside_share(self) -> float:
        """Of the steps, those with a voltage outside the band, both sides counted; mean over seeds."""
        shares = [score.below_share + score.above_share for score in self.scores]
        return float(np.mean(shares))

    @property
    def outside_pu(self) -> float:
        """How far the worst voltage of all seeds is outside the band [pu]."""
        return max(score.outside_pu for score in self.scores)

    def mean_of(self, field: str) -> float:
        """Mean of a number of the scores over seeds."""
        return float(np.mean([getattr(score, field) for score in self.scores]))


def standings(scores: Sequence[Score]) -> list[Standing]:
    """One for each decider, in the order of the scores."""
    best = np.array(_the_optimum(scores).returns)
    by_name: dict[str, list[Score]] = {}
    for score in scores:
        by_name.setdefault(score.who, []).append(score)
    ordered = []
    for who, of_who in by_name.items():
        returns = np.array([score.returns for score in of_who])
        gap_pct = 100.0 * (best - returns) / np.abs(best)
        ordered.append(Standing(who, of_who, gap_pct))
    return ordered


def unproven_pct(scores: Sequence[Score]) -> float:
    """How far the optimum may at most be behind a better one, on its worst day [%]."""
    optimum = _the_optimum(scores)
    reached = np.array(optimum.returns)
    bound = np.array(optimum.bounds)
    return float((100.0 * (bound - reached) / np.abs(bound)).max())


def _the_optimum(scores: Sequence[Score]) -> Score:
    return next(score for score in scores if score.who == OPTIMUM)
