"""`GameSamples`: on some minutes, what was chosen held against every set that could have been, and against simple rules.

Judged by J of the choice model, by AC, group by group. The constant set of a region is the one that is best on the other half of
its sampled minutes: no set is judged on what it was taken from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import comb

import numpy as np
import pandas as pd

from tieline.envs.market import rules
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.prepared import Prepared
from tieline.envs.market.regret import hits, regret
from tieline.studies.market.ways.choice import Choice
from tieline.studies.market.ways.models import ChoiceModels, Group
from tieline.typing import BoolArray, FloatArray, IntArray

MOST_SETS = 50_000
"""Sets of a group up to which every one is tried: some seconds of a minute on a large feeder."""

RULES = ("greedy", "cheapest", "random")
CHOSEN = "chosen"
CONSTANT = "constant"


@dataclass
class GroupSamples:
    """Samples of one group, one entry a minute: J of every set, and of what each decider chose."""

    sets: IntArray
    of_all: list[FloatArray] = field(default_factory=list)
    objective: dict[str, list[float]] = field(default_factory=dict)

    def add(self, of_all: FloatArray, objectives: dict[str, float]) -> None:
        """One minute more."""
        self.of_all.append(of_all)
        for who, objective in objectives.items():
            self.objective.setdefault(who, []).append(objective)

    def regrets(self, who: str) -> FloatArray:
        """Regret of a decider in each minute, (minute,)."""
        of_all = np.array(self.of_all)
        objective = np.array(self.objective.get(who, []))
        if who == CONSTANT:
            objective = _constant_objective(of_all)
        # the same set solved in another batch may come out a rounding below the best
        return np.maximum(regret(objective, of_all), 0.0)


def _constant_objective(of_all: FloatArray) -> FloatArray:
    """J of the set that is best on the other half of the minutes, (minute,)."""
    n_minutes = len(of_all)
    is_even = np.arange(n_minutes) % 2 == 0
    if n_minutes < 2:
        return np.full(n_minutes, np.nan)
    objective = np.empty(n_minutes)
    for half in (is_even, ~is_even):
        best = int(np.argmin(of_all[~half].mean(axis=0)))
        objective[half] = of_all[half, best]
    return objective


class GameSamples:
    """Samples by group, taken while minutes are cleared.

    Args:
        models: choice models by group.
        size: DERs that a group chooses.
        seed: of the random choice.
    """

    def __init__(self, models: ChoiceModels, size: int, seed: int) -> None:
        self.groups: dict[Group, GroupSamples] = {}
        self.minutes: dict[int, dict[Group, float]] = {}
        self.too_large: set[Group] = set()
        self._models = models
        self._size = size
        self._seed = seed

    def take(self, minute: int, choice: Choice) -> None:
        """Judge the choice of a minute."""
        of_minute: dict[Group, float] = {}
        for group, prepared in choice.prepared.items():
            model = self._models.of(group)
            size = min(self._size, model.n_ders)
            if comb(model.n_ders, size) > MOST_SETS:
                self.too_large.add(group)
                continue
            # regions that merge may bring more agents, whose set stands beside none of this size
            if len(choice.sets[group]) > size:
                continue
            samples = self._samples(group, model, size)
            of_all = model.evaluate(prepared, samples.sets[None]).objective[0]
            sets = self._rules(model, prepared, size, minute)
            sets[CHOSEN] = choice.sets[group]
            objectives = {
                who: _objective(model, prepared, members)
                for who, members in sets.items()
            }
            samples.add(of_all, objectives)
            of_minute[group] = float(samples.regrets(CHOSEN)[-1])
        self.minutes[minute] = of_minute

    def table(self) -> pd.DataFrame:
        """A row per single region and decider: games, hits and mean regret [%]."""
        rows = []
        for group, samples in sorted(self.groups.items()):
            # merged groups come and go: each has a few games, and all of them choose greedily
            region, *more = group
            if more:
                continue
            for who in (CHOSEN, *RULES, CONSTANT):
                regrets = samples.regrets(who)
                is_known = np.isfinite(regrets)
                row = {"region": region + 1, "who": who, "games": len(regrets)}
                row["hits_pct"] = _mean_pct(hits(regrets)[is_known])
                row["regret_pct"] = _mean_pct(regrets[is_known])
                rows.append(row)
        columns = ["region", "who", "games", "hits_pct", "regret_pct"]
        return pd.DataFrame(rows, columns=columns)

    def _samples(self, group: Group, model: ChoiceModel, size: int) -> GroupSamples:
        if group not in self.groups:
            self.groups[group] = GroupSamples(rules.all_sets(model.n_ders, size))
        return self.groups[group]

    def _rules(
        self, model: ChoiceModel, prepared: Prepared, size: int, minute: int
    ) -> dict[str, IntArray]:
        seeds = np.array([self._seed + minute])
        return {
            "greedy": rules.greedy(model, prepared, size)[0],
            "cheapest": rules.cheapest(model, prepared, size)[0],
            "random": rules.random(model, seeds, size)[0],
        }


def _objective(model: ChoiceModel, prepared: Prepared, members: IntArray) -> float:
    outcomes = model.evaluate(prepared, members[None, None, :])
    return float(outcomes.objective[0, 0])


def _mean_pct(values: FloatArray | BoolArray) -> float:
    """Mean of shares in percent, NaN of none."""
    return 100 * float(np.mean(values)) if len(values) else np.nan
