"""`Score`: what one decider makes of the days of a split, judged by the AC power flow in double precision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tieline.agents.decider import Decider
from tieline.agents.evaluate import TIMED, evaluate
from tieline.agents.safety import SafeDecider
from tieline.bench.kit.trainings import Trained
from tieline.bench.learning.contest import Contest, Kind, Optimum, Split
from tieline.typing import FloatArray

NO_SEED = -1
"""Of who has no chance in it."""

OPTIMUM = "proven optimum"


GUARDED = ", guarded"
"""Behind the name of who decides with the safety step behind it."""


@dataclass(frozen=True)
class Score:
    """What one decider, or one training of it, makes of the days.

    Attributes:
        split: whose days.
        who, kind: its name and what it is.
        seed: of its training, `NO_SEED` for who was not trained.
        returns: sum of the rewards of each day.
        loss_kwh: lost in each day.
        steps_outside: of each day, those in which a limit is broken; one that breaks two counts once for each.
        unsolved: days that ended because a power flow had no solution.
        decision_ms: median time of a decision at a batch of one.
        steps, train_s: length of the training, in processor time.
        bounds: of each day, no decider reaches more; empty where nothing is proven.
        curve: of the training: steps so far and gain over doing nothing [%], on days drawn like those that train; empty where
            nobody looked.
    """

    split: str
    who: str
    kind: Kind
    seed: int
    returns: Sequence[float]
    loss_kwh: Sequence[float]
    steps_outside: Sequence[float]
    unsolved: int
    decision_ms: float
    steps: int = 0
    train_s: float = 0.0
    bounds: Sequence[float] = ()
    curve: Sequence[tuple[int, float]] = ()


@dataclass(frozen=True, eq=False)
class Judge:
    """Plays the days of a split."""

    contest: Contest
    split_name: str
    split: Split

    def rules(self) -> list[Score]:
        """A row for doing nothing and for each rule."""
        scores = []
        for name, rule in self.contest.rules.items():
            kind = "nothing" if name == self.contest.nothing else rule.kind
            decider = rule.decider_of(self.split.task)
            scores.append(self._score(name, kind, decider))
        return scores

    def guarded_rules(self) -> list[Score]:
        """A row for doing nothing and for each rule of one line, behind the safety step."""
        task = self.split.task
        scores = []
        for name, rule in self.contest.rules.items():
            if rule.kind == "rule":
                decider = SafeDecider(rule.decider_of(task), task)
                scores.append(self._score(f"{name}{GUARDED}", "rule", decider))
        return scores

    def optimum(self, optimum: Optimum) -> list[Score]:
        """The row of the optimum, with the bound of each day."""
        decider = optimum.decider_of(self.split)
        # deciding takes as long as planning whole days: nobody waits for it in a control room
        score = self._score(OPTIMUM, "optimum", decider, timed=0)
        bounds = optimum.bounds_of(decider, self.split)
        return [replace(score, bounds=[float(bound) for bound in bounds])]

    def guarded(self, who: str, trained: Trained) -> Score:
        """The row of one training whose every action goes through the safety step, which it knew nothing of."""
        decider = SafeDecider(trained.decider, self.split.task)
        return self._score(f"{who}{GUARDED}", "learned", decider, trained.seed)

    def learned(self, who: str, trained: Trained) -> Score:
        """The row of one training."""
        score = self._score(who, "learned", trained.decider, trained.seed)
        return replace(score, steps=trained.steps, train_s=trained.train_s)

    def _score(
        self,
        who: str,
        kind: Kind,
        decider: Decider,
        seed: int = NO_SEED,
        timed: int = TIMED,
    ) -> Score:
        task = self.split.task
        evaluation = evaluate(decider, task, self.split.seeds, timed=timed)
        episodes = evaluation.episodes
        return Score(
            split=self.split_name,
            who=who,
            kind=kind,
            seed=seed,
            returns=episodes["return"].tolist(),
            loss_kwh=self.contest.loss_kwh(task, episodes).tolist(),
            steps_outside=self._steps_outside(episodes).tolist(),
            unsolved=int((~episodes["solved"]).sum()),
            decision_ms=evaluation.metrics.get("decision_ms", float("nan")),
        )

    def _steps_outside(self, episodes: pd.DataFrame) -> FloatArray:
        """Steps with a broken limit, added up over the limits that count, (day,)."""
        counted = self.contest.counted
        if counted is None:
            counted = [constraint.name for constraint in self.split.task.constraints]
        columns = [episodes[f"{name}_steps_above"].to_numpy(float) for name in counted]
        return np.sum(columns, axis=0)
