"""How the deciders of a split stand: what each gains over doing nothing, and how far it stays behind the optimum.

    gain of a day  =  100 (return - return of doing nothing)  /  mean over days of |return of doing nothing|     [%]

The divisor is one number for all days, so that the mean gain is that of the sums and no calm day weighs more than a hard one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tieline.bench.kit.paired import Middle, Paired, middle, paired
from tieline.bench.learning.contest import Kind
from tieline.bench.learning.score import Score
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Standing:
    """All trainings of one decider together.

    Attributes:
        who, kind: its name and what it is.
        scores: a row per seed.
        gain_pct: (seed, day) [%].
    """

    who: str
    kind: Kind
    scores: Sequence[Score]
    gain_pct: FloatArray

    @property
    def mean_pct(self) -> float:
        """Mean gain over seeds and days [%]."""
        return float(self.gain_pct.mean())

    @property
    def seeds_pct(self) -> FloatArray:
        """Mean gain of each seed, (seed,) [%]."""
        return self.gain_pct.mean(axis=1)

    @cached_property
    def middle(self) -> Middle:
        """Interquartile mean gain with its interval [%]."""
        return middle(self.gain_pct)

    @property
    def return_mean(self) -> float:
        """Mean return of a day."""
        return float(np.mean([score.returns for score in self.scores]))

    @property
    def loss_kwh(self) -> float:
        """Mean loss of a day."""
        return float(np.mean([score.loss_kwh for score in self.scores]))

    @property
    def steps_outside(self) -> float:
        """Mean number of steps of a day that break a limit."""
        return float(np.mean([score.steps_outside for score in self.scores]))

    @property
    def unsolved(self) -> int:
        """Days of all seeds without a power flow."""
        return sum(score.unsolved for score in self.scores)

    @property
    def decision_ms(self) -> float:
        """Mean over seeds of the median time of a decision [ms]."""
        return float(np.mean([score.decision_ms for score in self.scores]))

    @property
    def train_s(self) -> float:
        """Mean processor time of a training [s]."""
        return float(np.mean([score.train_s for score in self.scores]))

    def over(self, rival: Standing) -> Paired:
        """How much more it gains than a rival, over days [points of gain]."""
        return paired(self.gain_pct, rival.gain_pct)


@dataclass(frozen=True, eq=False)
class Ranking:
    """All deciders of a split, in the order of their gain, the highest first."""

    split: str
    standings: Sequence[Standing]

    def best(self, kind: Kind) -> Standing | None:
        """The best of a kind; None where there is none."""
        for standing in self.standings:
            if standing.kind == kind:
                return standing
        return None

    def of(self, who: str) -> Standing | None:
        """The standing of a name; None where it did not play."""
        for standing in self.standings:
            if standing.who == who:
                return standing
        return None

    @property
    def unproven_pct(self) -> float:
        """How far anybody could at most be ahead of the optimum, on its worst day [points]; NaN without a bound."""
        optimum = self.best("optimum")
        if optimum is None or not optimum.scores[0].bounds:
            return float("nan")
        score = optimum.scores[0]
        ahead = np.array(score.bounds) - np.array(score.returns)
        idle = self.best("nothing")
        assert idle is not None  # it is a rule of every contest
        return float(ahead.max() / _divisor(idle.scores[0])) * 100.0


def rank(scores: Sequence[Score]) -> Ranking:
    """The deciders of the scores of one split."""
    idle = next(score for score in scores if score.kind == "nothing")
    by_name: dict[str, list[Score]] = {}
    for score in scores:
        by_name.setdefault(score.who, []).append(score)
    standings = [_standing(of_who, idle) for of_who in by_name.values()]
    standings.sort(key=lambda standing: -standing.mean_pct)
    return Ranking(scores[0].split, standings)


def _standing(scores: Sequence[Score], idle: Score) -> Standing:
    returns = np.array([score.returns for score in scores])
    gained = returns - np.array(idle.returns)
    first = scores[0]
    gain_pct = 100.0 * gained / _divisor(idle)
    return Standing(first.who, first.kind, scores, gain_pct)


def _divisor(idle: Score) -> float:
    return float(np.abs(idle.returns).mean())
