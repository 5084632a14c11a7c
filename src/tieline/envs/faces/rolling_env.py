"""`RollingEnv`: episodes in rows, each row with a first seed and an endless line of seeds that follow from it.

The line of a row depends on nothing but its first seed, so row k of many plays the episodes that a single environment with that
seed would play.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tieline.envs.batched_env import BatchedEnv, Step
from tieline.envs.draws import as_seeds, follow
from tieline.envs.faces.rendering import Frame, Rendering
from tieline.envs.task import Task
from tieline.typing import IntArray

NOT_YET = -1
"""Place in the latest step of an episode that has not begun."""


class RollingEnv:
    """`n_rows` episodes of `task` that can be started again without naming a seed.

    `seeds` are those of the episodes being played, (row,). `render_mode` is one of `rendering`; others raise `InputError`.
    """

    def __init__(self, task: Task, n_rows: int = 1, render_mode: str | None = None):
        self.env: BatchedEnv[Any] = BatchedEnv(task)
        self.seeds: IntArray = np.zeros(n_rows, dtype=np.int64)
        # the first seed of each row and how many followed it: seed k is made from these two, with no state between
        self._first = self.seeds.copy()
        self._followed = self.seeds.copy()
        self._rendering = Rendering(task, render_mode)
        # what can be shown: the latest step, where each row stands in it, and how many steps its episode has
        self._latest: Step | None = None
        self._place = np.full(n_rows, NOT_YET)
        self._n_steps = np.zeros(n_rows, dtype=np.int64)

    @property
    def started(self) -> bool:
        """Whether there are episodes."""
        return self.env.n_episodes > 0

    def reset(self, seeds: ArrayLike) -> NDArray[np.float32]:
        """Give every row its first seed, (row,), and start; returns observations, (row, observation)."""
        first_seeds = as_seeds(seeds).astype(np.int64)
        self._first = first_seeds
        self._followed = np.zeros_like(first_seeds)
        # a copy: a restart changes the seed that is played, never the first one
        self.seeds = first_seeds.copy()
        self._begin(np.arange(len(first_seeds)))
        observations = self.env.reset(first_seeds)
        return observations.astype(np.float32)

    def restart(self, rows: IntArray) -> NDArray[np.float32]:
        """Start the next episode of some rows; returns the observations of all, (row, observation)."""
        self._followed[rows] += 1
        next_seeds = follow(self._first[rows], self._followed[rows])
        self.seeds[rows] = next_seeds
        self._begin(rows)
        observations = self.env.reset_rows(rows, next_seeds)
        return observations.astype(np.float32)

    def reseed(self, rows: IntArray, seeds: ArrayLike) -> NDArray[np.float32]:
        """Give some rows a new first seed and start them; returns the observations of all, (row, observation)."""
        first_seeds = as_seeds(seeds).astype(np.int64)
        self._first[rows] = first_seeds
        self._followed[rows] = 0
        self.seeds[rows] = first_seeds
        self._begin(rows)
        observations = self.env.reset_rows(rows, first_seeds)
        return observations.astype(np.float32)

    def step(self, actions: ArrayLike, rows: IntArray | None = None) -> Step:
        """As `BatchedEnv.step`; `rows` are indices."""
        step = self.env.step(actions, rows)
        stepped = np.arange(len(self.seeds)) if rows is None else rows
        self._latest = step
        self._place[stepped] = np.arange(len(stepped))
        self._n_steps[stepped] += 1
        return step

    def frames(self) -> list[Frame | None]:
        """What the render mode shows of each row; None each without one."""
        return [self._frame(row) for row in range(len(self.seeds))]

    def _frame(self, row: int) -> Frame | None:
        place = int(self._place[row])
        step = None if place == NOT_YET else self._latest
        return self._rendering.frame(int(self._n_steps[row]), step, place)

    def _begin(self, rows: IntArray) -> None:
        """Nothing was played yet of the episodes of some rows."""
        self._place[rows] = NOT_YET
        self._n_steps[rows] = 0
