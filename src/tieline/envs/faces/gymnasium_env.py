"""`GymnasiumEnv`: one episode of a task at a time, as a `gymnasium.Env`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tieline.envs.faces.infos import columns, of_row
from tieline.envs.faces.rendering import METADATA, Frame
from tieline.envs.faces.rolling_env import RollingEnv
from tieline.envs.faces.spaces import as_space, cost_limits
from tieline.envs.task import Task
from tieline.errors import MissingExtraError

try:
    import gymnasium
    from gymnasium import spaces
except ImportError:
    raise MissingExtraError("gymnasium", "envs", "The Gymnasium face") from None

HIGHEST_SEED = 2**63
"""Seeds are drawn below this where none is given."""


class GymnasiumEnv(gymnasium.Env[np.ndarray, np.ndarray]):
    """One episode at a time. `info` is described in `infos`; that of `reset` holds the `seed` of the episode.

    `reset(seed=s)` starts the episode of seed s; each `reset()` after it starts the next one of those that follow from s.

    Attributes:
        task: what is played.
        cost_limits: name of each cost -> its limit.

    Raises:
        InputError: for a `render_mode` that is none of `rendering`, or a picture of a task that has none.
    """

    metadata = dict(METADATA)  # noqa: RUF012 -- Gymnasium's own declaration
    observation_space: spaces.Box
    action_space: spaces.Box

    def __init__(self, task: Task, render_mode: str | None = None):
        self.task = task
        self.render_mode = render_mode
        self.cost_limits = cost_limits(task)
        self.observation_space = as_space(task.observation)
        self.action_space = as_space(task.action)
        self._rows = RollingEnv(task, render_mode=render_mode)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Start an episode; `options` are not used."""
        super().reset(seed=seed)
        if seed is None and self._rows.started:
            observations = self._rows.restart(np.array([0]))
        else:
            # Gymnasium lets a first reset go without a seed: one is drawn, and told in `info`
            if seed is None:
                seed = int(self.np_random.integers(HIGHEST_SEED))
            observations = self._rows.reset([seed])
        return observations[0], {"seed": int(self._rows.seeds[0])}

    def step(
        self, action: np.ndarray
    ) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Carry out an action, (action,); what lies outside the bounds is moved to them."""
        step = self._rows.step(np.asarray(action)[None])
        return (
            step.observation[0].astype(np.float32),
            float(step.reward[0]),
            bool(step.terminated[0]),
            bool(step.truncated[0]),
            of_row(columns(self.task, step), 0),
        )

    def render(self) -> Frame | None:  # type: ignore[override]
        """The last step as `render_mode` shows it, see `rendering`; None without one."""
        return self._rows.frames()[0]
