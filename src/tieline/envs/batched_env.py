"""`BatchedEnv`: many episodes of one task side by side, in one process, every array with the episode axis first.

It ends no episode by itself and starts none: an ended episode must be started again with `reset_rows` before the next step. The
faces for other packages do that in the way their package asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from tieline.envs.draws import as_seeds
from tieline.envs.state_rows import put_rows
from tieline.envs.task import Outcome, Task
from tieline.errors import InputError, ShapeError
from tieline.typing import BoolArray, FloatArray

State = TypeVar("State")


@dataclass(frozen=True, eq=False)
class Step:
    """What a step returns.

    Attributes:
        observation: (episode, observation).
        reward: sum of weight times term, (episode,).
        costs: value of each constraint, (episode, constraint), in its unit; its limit is in `task.constraints`.
        terminated, truncated: whether the episode has ended, and how, (episode,).
        info: `terms` (episode, term) before weights, `solved` (episode,), and what the task adds.
    """

    observation: FloatArray
    reward: FloatArray
    costs: FloatArray
    terminated: BoolArray
    truncated: BoolArray
    info: dict[str, np.ndarray]

    @property
    def ended(self) -> BoolArray:
        """Terminated or truncated, (episode,)."""
        return self.terminated | self.truncated


class BatchedEnv(Generic[State]):
    """Episodes of `task`, as many as seeds were given to `reset`."""

    def __init__(self, task: Task[State]):
        self.task = task
        self._weights = np.array([term.weight for term in task.terms])
        self._worst_terms = np.array([term.worst for term in task.terms])
        self._worst_costs = np.array([constraint.worst for constraint in task.constraints])
        self._state: State | None = None
        self._observation = np.empty((0, task.observation.size))
        self._ended = np.empty(0, dtype=bool)

    @property
    def n_episodes(self) -> int:
        """Episodes side by side."""
        return len(self._ended)

    @property
    def state(self) -> State:
        """The present state; raises `InputError` before the first `reset`."""
        if self._state is None:
            raise InputError("The environment has not been started. Call reset(seeds) first.")
        return self._state

    def reset(self, seeds: ArrayLike) -> FloatArray:
        """Start one episode per seed; the same seed starts the same episode in any batch.

        Args:
            seeds: whole numbers >= 0, (episode,).

        Returns:
            The first observations, (episode, observation).
        """
        drawn = as_seeds(seeds)
        self._state = self.task.start(drawn)
        self._ended = np.zeros(len(drawn), dtype=bool)
        self._observation = self.task.observe(self._state)
        return self._observation

    def reset_rows(self, rows: ArrayLike, seeds: ArrayLike) -> FloatArray:
        """Start some episodes again and leave the others alone.

        Args:
            rows: which, as indices or as (episode,) bool.
            seeds: one for each of them.

        Returns:
            The present observations of all episodes, (episode, observation).
        """
        state, chosen, drawn = self.state, np.arange(self.n_episodes)[np.asarray(rows)], as_seeds(seeds)
        if len(chosen) != len(drawn):
            raise ShapeError(f"{len(chosen)} episodes start again but {len(drawn)} seeds were given. Give one for each.")
        if len(chosen) == 0:
            return self._observation
        fresh = self.task.start(drawn)
        self._state = put_rows(state, chosen, fresh)
        self._observation = self._observation.copy()
        self._observation[chosen] = self.task.observe(fresh)
        self._ended[chosen] = False
        return self._observation

    def step(self, actions: ArrayLike) -> Step:
        """Carry out one action per episode; what lies outside the bounds is moved to them.

        An episode whose power flow has no solution terminates: every term and cost counts at its worst and its observation is
        the last one. The others go on.

        Raises:
            ShapeError, InputError: if actions do not fit or are not finite, or an episode has ended and was not reset.
        """
        if self._ended.any():
            raise InputError(f"Episode {int(self._ended.argmax())} has ended. Start it again with reset_rows before stepping.")
        state = self.state
        wanted = self.task.action.take(actions, self.n_episodes, "Actions")
        outcome = self.task.advance(state, self.task.action.clip(wanted))
        terms = np.where(outcome.solved[:, None], outcome.terms, self._worst_terms)
        self._state = outcome.state
        self._observation = self._seen(outcome)
        terminated = outcome.terminated | ~outcome.solved
        self._ended = terminated | outcome.truncated
        return Step(
            observation=self._observation,
            reward=terms @ self._weights,
            costs=np.where(outcome.solved[:, None], outcome.costs, self._worst_costs),
            terminated=terminated,
            truncated=outcome.truncated & ~terminated,
            info={"terms": terms, "solved": outcome.solved, **outcome.details},
        )

    def _seen(self, outcome: Outcome[Any]) -> FloatArray:
        """Observations after a step; where there is no solution, those before it."""
        observation = self.task.observe(outcome.state)
        return np.where(outcome.solved[:, None], observation, self._observation)
