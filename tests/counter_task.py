"""A task without a grid whose every number can be worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.envs.box import Box
from tieline.envs.task import Agent, Constraint, Outcome, Task, Term
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class CounterState:
    """`level` and `step`, (episode,)."""

    level: FloatArray
    step: IntArray


class CounterTask(Task[CounterState]):
    """Starts at level seed % 7 and adds the sum of the action, 2 numbers in [-1, 2].

    Truncated after 3 + seed % 2 steps, terminated at a level above 100, without a solution at a level below -1.

    Reward: 2 x `level` - 3 x `step`. Costs: `excess`, the level above 5, limit 1; `square`, the level squared, limit 4.
    """

    name = "counter"
    feeder_name = "none"
    observation = Box(
        ("level", "step"), np.array([-10.0, 0.0]), np.array([200.0, 10.0])
    )
    action = Box.of(("left", "right"), -1.0, 2.0)
    terms = (Term("level", "1", 2.0, -50.0), Term("step", "1", -3.0, 10.0))
    constraints = (
        Constraint("excess", "1", 1.0, 99.0),
        Constraint("square", "1", 4.0, 999.0),
    )
    agents = (
        Agent("lefty", np.array([0]), np.array([0])),
        Agent("righty", np.array([0, 1]), np.array([1])),
    )  # type: ignore[assignment]

    def start(self, seeds: IntArray) -> CounterState:
        """Level seed % 7; the step counts from -1 for odd seeds, so that they last one longer."""
        seeds = np.asarray(seeds, dtype=np.int64)
        return CounterState((seeds % 7).astype(float), -(seeds % 2))

    def observe(self, state: CounterState) -> FloatArray:
        """Level and step, never below 0."""
        return np.column_stack([state.level, np.maximum(state.step, 0)])

    def advance(
        self, state: CounterState, actions: FloatArray
    ) -> Outcome[CounterState]:
        """Add the action to the level."""
        level, step = state.level + actions.sum(axis=1), state.step + 1
        solved = level >= -1.0
        terms = np.where(solved[:, None], np.column_stack([level, step]), np.nan)
        costs = np.where(
            solved[:, None],
            np.column_stack([np.maximum(level - 5.0, 0.0), level**2]),
            np.nan,
        )
        left = np.where(solved, level, np.nan)
        return Outcome(
            CounterState(left, step),
            terms,
            costs,
            level > 100.0,
            step == 3,
            solved,
            {"moved": actions.sum(axis=1)},
        )
