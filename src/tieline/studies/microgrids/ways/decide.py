"""`Decision`: what one decider made of one day, before and after the safety step; `Panel` asks deciders by their name."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tieline.agents.set_point_guard import SetPointGuard
from tieline.envs.microgrids.day import Day
from tieline.envs.microgrids.plant import Plant
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.deciders import CENTRAL, has_safety_step
from tieline.studies.microgrids.ways.central import (
    DayOptimum,
    central_by_windows,
    unlimited_central,
)
from tieline.studies.microgrids.ways.closed_loop import Course, Wish, play
from tieline.studies.microgrids.ways.dispatch import Dispatch
from tieline.studies.microgrids.ways.merit import merit_wish, time_of_use_wish
from tieline.typing import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class Decision:
    """Attributes:
    applied: what was done.
    proposed: what the decider wanted; the same where no safety step stands behind it.
    is_touched: steps that the safety step changed, (step,).
    decision_ms: time of a decision of all microgrids, (step,); of an optimum of all steps, that of the whole in the first.
    guard_ms: time of the safety step, (step,).
    """

    applied: Dispatch
    proposed: Dispatch
    is_touched: BoolArray
    decision_ms: FloatArray
    guard_ms: FloatArray

    @classmethod
    def of_course(cls, course: Course) -> Decision:
        """Of a day that was played step by step."""
        return cls(
            applied=course.applied,
            proposed=course.proposed,
            is_touched=course.is_touched,
            decision_ms=1000 * course.wish_s,
            guard_ms=1000 * course.guard_s,
        )

    @classmethod
    def of_optimum(cls, dispatch: Dispatch, elapsed_ms: float) -> Decision:
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
    """

    def __init__(self, plant: Plant, config: MicrogridsConfig):
        self.plant = plant
        self.config = config
        self._optimum = DayOptimum(plant)

    def decide(self, name: str, day: Day) -> Decision:
        """Ask a decider.

        Raises:
            InputError: if a window is longer than the day.
            InfeasibleError: if an optimum has no answer; it names the limits.
        """
        if name in WISHES:
            wish = WISHES[name](self.plant, day)
            make_guard = SetPointGuard if has_safety_step(name) else None
            return Decision.of_course(play(self.plant, day, wish, make_guard))
        began = time.perf_counter()
        dispatch = self._optimum_of(name, day)
        elapsed_s = time.perf_counter() - began
        return Decision.of_optimum(dispatch, 1000 * elapsed_s)

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
