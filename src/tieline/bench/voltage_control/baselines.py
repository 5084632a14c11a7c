"""Who is not trained: the rules, each by its name on the page, and the proven optimum."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from tieline.agents.decider import Decider
from tieline.bench.voltage_control.held_out import HeldOut, Score
from tieline.envs.voltage_control.optimum import OptimumRule
from tieline.envs.voltage_control.rules import (
    STEEP,
    DoNothing,
    OwnLoadRule,
    VoltVarRule,
)
from tieline.envs.voltage_control.task import VoltageControlState, VoltageControlTask
from tieline.typing import FloatArray

OPTIMUM = "proven optimum"

RULES: Mapping[str, tuple[str, Callable[[VoltageControlTask], Decider]]] = {
    "nothing": ("no reactive power", DoNothing),
    "own load": ("each inverter gives what the loads at its bus take", OwnLoadRule),
    "volt-var": ("the default curve of IEEE 1547-2018, category B", VoltVarRule),
    "steep droop": (
        "a straight line from all it can give at 0.95 pu to all it can take at 1.05 pu, no dead band",
        lambda task: VoltVarRule(task, STEEP),
    ),
}
"""Name -> what it does, and the decider."""


def rule_scores(held_out: HeldOut) -> list[Score]:
    """What each rule makes of the days."""
    scores = []
    for name, (_, decider_of) in RULES.items():
        scores.append(held_out.score(name, decider_of(held_out.task)))
    return scores


def optimum_score(held_out: HeldOut) -> Score:
    """What the optimum makes of them, with the bound of each day."""
    witness = Witness.of(held_out.task)
    score = held_out.score(OPTIMUM, witness)
    bounds = witness.day_bounds(len(held_out.seeds))
    return replace(score, bounds=bounds.tolist())


@dataclass(frozen=True, eq=False)
class Witness:
    """Passes decisions of the optimum on, and keeps their bounds."""

    optimum: OptimumRule
    bounds: list[FloatArray]

    @classmethod
    def of(cls, task: VoltageControlTask) -> Witness:
        """The optimum of a task, with nothing seen yet."""
        return cls(OptimumRule(task), [])

    def act(
        self, observation: FloatArray, state: VoltageControlState | None = None
    ) -> FloatArray:
        """As `OptimumRule.act`."""
        del observation
        assert state is not None  # evaluation gives it
        step = self.optimum.solve(state)
        self.bounds.append(step.bound)
        return step.share

    def day_bounds(self, n_days: int) -> FloatArray:
        """Bound of each day of those that were decided together, (day,)."""
        # the days are decided together, step by step; the decisions that are timed are of one day
        steps = [bound for bound in self.bounds if len(bound) == n_days]
        n_steps = self.optimum.task.days.n_steps
        return np.stack(steps[:n_steps]).sum(axis=0)
