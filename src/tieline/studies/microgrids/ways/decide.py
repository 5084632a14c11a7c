"""`Decision`: what one decider made of one day, before and after the safety step; `Panel` asks deciders by their name."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.agents.consensus.settings import weights_of
from tieline.agents.set_point_guard import SetPointGuard
from tieline.agents.window_policies.inputs import Eyes
from tieline.envs.microgrids.day import Day
from tieline.envs.microgrids.plant import Plant
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.deciders import (
    CENTRAL,
    LEARNED,
    NO_POLICY,
    SAFE,
    asked_deciders,
    has_safety_step,
)
from tieline.studies.microgrids.ways.central import (
    DayOptimum,
    central_by_windows,
    unlimited_central,
)
from tieline.studies.microgrids.ways.closed_loop import Course, Wish, play
from tieline.studies.microgrids.ways.dispatch import Dispatch
from tieline.studies.microgrids.ways.lessons import can_learn, learn
from tieline.studies.microgrids.ways.merit import merit_wish, time_of_use_wish
from tieline.studies.microgrids.ways.policies import (
    PolicySet,
    find_policies,
    policies_wish,
)
from tieline.typing import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class Decision:
    """Attributes:
    applied: what was done.
    proposed: what the decider wanted; the same where no safety step stands behind it.
    is_touched: steps that the safety step changed, (step,).
    decision_ms: time of a decision of all microgrids, (step,); of an optimum of all steps, that of the whole in the first.
    guard_ms: time of the safety step, (step,).
    curve: of who learned on these steps; else without rows.
    """

    applied: Dispatch
    proposed: Dispatch
    is_touched: BoolArray
    decision_ms: FloatArray
    guard_ms: FloatArray
    curve: pd.DataFrame

    @classmethod
    def of_course(cls, course: Course) -> Decision:
        """Of a day that was played step by step."""
        return cls(
            applied=course.applied,
            proposed=course.proposed,
            is_touched=course.is_touched,
            decision_ms=1000 * course.wish_s,
            guard_ms=1000 * course.guard_s,
            curve=pd.DataFrame(),
        )

    @classmethod
    def of_optimum(
        cls, dispatch: Dispatch, elapsed_ms: float, curve: pd.DataFrame
    ) -> Decision:
        """Of steps that were decided together."""
        n_steps = dispatch.problem.n_steps
        decision_ms = np.zeros(n_steps)
        decision_ms[0] = elapsed_ms
        return cls(
            applied=dispatch,
            proposed=dispatch,
            is_touched=np.zeros(n_steps, dtype=bool),
            decision_ms=decision_ms,
            guard_ms=np.zeros(n_steps),
            curve=curve,
        )


WISHES: dict[str, Callable[[Plant, Day], Wish]] = {
    "merit": merit_wish,
    "merit-safe": merit_wish,
    "rule": time_of_use_wish,
}
"""Those who decide step by step."""


class Panel:
    """All who can be asked about days of one plant; what a decider can use again on the next day is kept.

    Attributes:
        plant, config: what is asked of.
        policies: learned ones; None where none fit, or nobody asks them.

    Raises:
        InputError: if policies that were given cannot be used, or agents on the graph asked for could not learn together.
    """

    def __init__(self, plant: Plant, config: MicrogridsConfig):
        self.plant = plant
        self.config = config
        self._optimum = DayOptimum(plant)
        self._eyes = Eyes(plant)
        self.policies = self._asked_policies()

    def _asked_policies(self) -> PolicySet | None:
        deciders = asked_deciders(self.config.case, self.config.deciders)
        if all(decider.name != SAFE for decider in deciders):
            return None
        # the graph is needed after all days only, and a run would be lost
        weights_of(self.config, len(self.plant.microgrids))
        return find_policies(self._eyes, self.config)

    def policy_seeds(self, name: str) -> tuple[int, ...]:
        """Whose policies a decider is asked with: of all seeds on held-out days, else of the best; none where none are there."""
        if name in LEARNED and not can_learn():
            return ()
        if name != SAFE:
            return (NO_POLICY,)
        if self.policies is None:
            return ()
        if self.config.case == "held-out":
            return tuple(self.policies.by_seed)
        return (self.policies.best,)

    def decide(self, name: str, day: Day, policy_seed: int = NO_POLICY) -> Decision:
        """Ask a decider.

        Args:
            name: of the decider.
            day: what it is asked of.
            policy_seed: of the training of its policies.

        Raises:
            InfeasibleError: if an optimum has no answer; it names the limits.
        """
        if name == SAFE or name in WISHES:
            wish = self._wish(name, day, policy_seed)
            make_guard = SetPointGuard if has_safety_step(name) else None
            course = play(self.plant, day, wish, make_guard, measures=name == SAFE)
            return Decision.of_course(course)
        began = time.perf_counter()
        curve = pd.DataFrame()
        if name in LEARNED:
            dispatch, curve = learn(name, self.plant, day, self.config)
        else:
            dispatch = self._optimum_of(name, day)
        elapsed_s = time.perf_counter() - began
        return Decision.of_optimum(dispatch, 1000 * elapsed_s, curve)

    def _wish(self, name: str, day: Day, policy_seed: int) -> Wish:
        if name in WISHES:
            return WISHES[name](self.plant, day)
        assert self.policies is not None  # else it has no seed to be asked with
        policies = self.policies.by_seed[policy_seed]
        return policies_wish(policies, self._eyes, day)

    def _optimum_of(self, name: str, day: Day) -> Dispatch:
        """Of those who know everything."""
        if name == CENTRAL:
            return self._optimum(day)
        if name == "central-windows":
            return central_by_windows(self.plant, day, self.config.window_steps)
        keeps_network = name != "unconstrained"
        return unlimited_central(self.plant, day, self._freed(name), keeps_network)

    def _freed(self, name: str) -> tuple[str, ...]:
        """Microgrids whose generators have no limit."""
        names = tuple(microgrid.name for microgrid in self.plant.microgrids)
        if name == "unconstrained-some":
            return names[: self.config.freed_microgrids]
        return names
