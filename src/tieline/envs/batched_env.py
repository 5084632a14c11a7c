"""`BatchedEnv`: many episodes of one task side by side, in one process, every array with the episode axis first.

It ends no episode by itself and starts none: an ended episode must be started again with `reset_rows` before the next step. The
faces for other packages do that in the way their package asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from tieline.arguments import require_kind
from tieline.envs.draws import as_seeds
from tieline.envs.state_rows import put_rows, take_rows
from tieline.envs.task import Outcome, Task
from tieline.errors import InputError, ShapeError
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

State = TypeVar("State")


@dataclass(frozen=True, eq=False)
class Step:
    """What a step returns.

    Attributes:
        observation: (episode, observation).
        reward: sum of weight times term, (episode,).
        agent_reward: the same of the terms that count for each agent, (episode, agent).
        costs: value of each constraint, (episode, constraint), in its unit; its limit is in `task.constraints`.
        terminated, truncated: whether the episode has ended, and how, (episode,).
        info: `terms` (episode, term) before weights, `solved` (episode,), and what the task adds.
        v_pu: node voltages, (episode, node) [pu], NaN where there is none; None where the task does not tell them.
    """

    observation: FloatArray
    reward: FloatArray
    agent_reward: FloatArray
    costs: FloatArray
    terminated: BoolArray
    truncated: BoolArray
    info: dict[str, np.ndarray]
    v_pu: ComplexArray | None

    @property
    def ended(self) -> BoolArray:
        """Terminated or truncated, (episode,)."""
        return self.terminated | self.truncated


class BatchedEnv(Generic[State]):
    """Episodes of `task`, as many as seeds were given to `reset`."""

    def __init__(self, task: Task[State]):
        require_kind(task, Task, "BatchedEnv", "make_task('voltage-control')")
        self.task = task
        # as arrays once: a step weighs all episodes by one product
        self._weights = np.array([term.weight for term in task.terms])
        self._agent_weights = task.agent_weights
        self._worst_terms = np.array([term.worst for term in task.terms])
        self._worst_costs = np.array(
            [constraint.worst for constraint in task.constraints]
        )
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
            raise InputError(
                "The environment has not been started. Call reset(seeds) first."
            )
        return self._state

    def reset(self, seeds: ArrayLike) -> FloatArray:
        """Start one episode per seed; the same seed starts the same episode in any batch.

        Args:
            seeds: whole numbers >= 0, (episode,).

        Returns:
            The first observations, (episode, observation).
        """
        first_seeds = as_seeds(seeds)
        task = self.task
        self._state = task.start(first_seeds)
        self._ended = np.zeros(len(first_seeds), dtype=bool)
        # a copy in and a copy out: neither the task nor the caller may change what an unsolved step falls back on
        self._observation = np.array(task.observe(self._state))
        return self._observation.copy()

    def reset_rows(self, rows: ArrayLike, seeds: ArrayLike) -> FloatArray:
        """Start some episodes again and leave the others alone.

        Args:
            rows: which, as indices or as (episode,) bool.
            seeds: one for each of them.

        Returns:
            The present observations of all episodes, (episode, observation).
        """
        episodes = self._episodes(rows)
        first_seeds = as_seeds(seeds)
        if len(episodes) != len(first_seeds):
            raise ShapeError(
                f"{len(episodes)} episodes start again but {len(first_seeds)} seeds were given. Give one for each."
            )
        if len(episodes) == 0:
            return self._observation
        task = self.task
        fresh = task.start(first_seeds)
        self._state = put_rows(self.state, episodes, fresh)
        self._observation[episodes] = task.observe(fresh)
        self._ended[episodes] = False
        return self._observation.copy()

    def step(self, actions: ArrayLike, rows: ArrayLike | None = None) -> Step:
        """Carry out one action per episode; what lies outside the bounds is moved to them.

        An episode whose power flow has no solution terminates: every term and cost counts at its worst and its observation is
        the last one. The others go on.

        Args:
            actions: (episode, action).
            rows: the episodes that step, as indices or as (episode,) bool; all if left out. Actions and result are then theirs.

        Raises:
            ShapeError, InputError: if actions do not fit or are not finite, or an episode has ended and was not reset.
        """
        are_all = rows is None
        episodes = self._episodes(slice(None) if are_all else rows)
        self._require_running(episodes)
        # where all step, states are passed on as they are: taking and putting rows would copy them
        state = self.state
        if not are_all:
            state = take_rows(self.state, episodes)
        task = self.task
        box = task.action
        decisions = box.take(actions, len(episodes), "Actions")
        bounded = box.clip(decisions)
        outcome = task.advance(state, bounded)
        step = self._judged(outcome, self._observation[episodes])
        self._state = (
            outcome.state if are_all else put_rows(self.state, episodes, outcome.state)
        )
        self._observation[episodes] = step.observation
        self._ended[episodes] = step.ended
        return step

    def _require_running(self, episodes: IntArray) -> None:
        """Raise `InputError` naming the first of the episodes that has ended."""
        ended = episodes[self._ended[episodes]]
        if len(ended):
            raise InputError(
                f"Episode {ended[0]} has ended. Start it again with reset_rows before stepping."
            )

    def _judged(self, outcome: Outcome[Any], before: FloatArray) -> Step:
        """What a step returns; where there is no solution, terms and costs are at their worst and what is seen is as before."""
        solved = outcome.solved[:, None]
        terms = np.where(solved, outcome.terms, self._worst_terms)
        terminated = outcome.terminated | ~outcome.solved
        return Step(
            observation=np.where(solved, self.task.observe(outcome.state), before),
            reward=terms @ self._weights,
            agent_reward=terms @ self._agent_weights,
            costs=np.where(solved, outcome.costs, self._worst_costs),
            terminated=terminated,
            truncated=outcome.truncated & ~terminated,
            info={"terms": terms, "solved": outcome.solved, **outcome.details},
            v_pu=outcome.node_voltages_pu,
        )

    def _episodes(self, rows: Any) -> IntArray:
        """Indices of episodes; raises `InputError` for what is none."""
        try:
            selection = rows
            if not isinstance(rows, slice):
                selection = np.asarray(rows)
            return np.arange(self.n_episodes)[selection]
        except IndexError:
            raise InputError(
                f"Rows {rows!r} are not among {self.n_episodes} episodes. Give indices or a bool each."
            ) from None
