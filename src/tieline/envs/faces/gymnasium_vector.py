"""`GymnasiumVectorEnv`: many episodes of a task side by side, as a `gymnasium.vector.VectorEnv`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tieline.envs.faces.gymnasium_env import HIGHEST_SEED
from tieline.envs.faces.infos import among, columns, of_rows
from tieline.envs.faces.rendering import METADATA, Frame
from tieline.envs.faces.rolling_env import RollingEnv
from tieline.envs.faces.spaces import as_space, cost_limits
from tieline.envs.task import Task
from tieline.errors import InputError, MissingExtraError, ShapeError
from tieline.typing import BoolArray, FloatArray, IntArray

try:
    from gymnasium.vector import AutoresetMode, VectorEnv
    from gymnasium.vector.utils import batch_space
except ImportError:
    raise MissingExtraError("gymnasium", "envs", "The Gymnasium face") from None

VectorStep = tuple[
    NDArray[np.float32], FloatArray, BoolArray, BoolArray, dict[str, Any]
]


class GymnasiumVectorEnv(VectorEnv[np.ndarray, np.ndarray, np.ndarray]):
    """`num_envs` episodes side by side. `info` is described in `infos`; where an episode starts it holds its `seed`.

    `reset(seed=s)` starts row k with seed s + k, `reset(seed=[...])` each with its own. What a row plays after that follows from
    its own first seed alone, as in `GymnasiumEnv`.

    When an episode ends, `autoreset_mode` says what happens, in Gymnasium's words:

        SameStep   the next one starts at once. The observation is its first; that of the ended episode is `info["final_obs"]`,
                   and `info["final_info"]` holds its info. The other entries of `info` belong to the step, as the reward does.
        NextStep   the next one starts in the following step, which ignores the action and rewards nothing.
        Disabled   nothing: start rows again with `reset(options={"reset_mask": (row,) bool})`.

    The default is SameStep, not Gymnasium's NextStep: where episodes are short, no step is spent on starting.

    Attributes:
        task: what is played.
        cost_limits: name of each cost -> its limit.
    """

    def __init__(
        self,
        task: Task,
        num_envs: int = 1,
        autoreset_mode: str | AutoresetMode = AutoresetMode.SAME_STEP,
        render_mode: str | None = None,
    ):
        if num_envs < 1:
            raise InputError(f"num_envs is {num_envs}. Ask for at least one episode.")
        self.task = task
        self.num_envs = num_envs
        self.cost_limits = cost_limits(task)
        self.single_observation_space = as_space(task.observation)
        self.single_action_space = as_space(task.action)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._mode = _mode(autoreset_mode)
        self.metadata = {**METADATA, "autoreset_mode": self._mode}
        self.render_mode = render_mode
        self._rows = RollingEnv(task, num_envs, render_mode)
        self._ended = np.zeros(num_envs, dtype=bool)

    def reset(
        self,
        *,
        seed: int | list[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Start all episodes, or those of `options["reset_mask"]`, (row,) bool."""
        super().reset(seed=seed if isinstance(seed, int) else None)
        mask = self._mask(options)
        rows = np.flatnonzero(mask)
        self._ended[rows] = False
        if seed is not None or not self._rows.started:
            observation = self._seed(rows, self._first_seeds(seed))
        else:
            observation = self._rows.restart(rows)
        return observation, self._started(rows)

    def step(self, actions: np.ndarray) -> VectorStep:
        """Carry out one action per row, (row, action); what lies outside the bounds is moved to them."""
        if self._mode is AutoresetMode.NEXT_STEP and self._ended.any():
            return self._step_and_start(np.asarray(actions))
        step = self._rows.step(actions)
        info_columns = columns(self.task, step)
        observation = step.observation.astype(np.float32)
        all_rows = np.arange(self.num_envs)
        info = among(info_columns, all_rows, self.num_envs)
        rows = np.flatnonzero(step.ended)
        if self._mode is AutoresetMode.SAME_STEP and len(rows):
            # before the restart, which puts the first observation in place of the last
            info |= self._final(observation, info_columns, rows)
            observation = self._rows.restart(rows)
            info |= self._started(rows)
        self._ended = step.ended
        return observation, step.reward, step.terminated, step.truncated, info

    def render(self) -> tuple[Frame, ...] | None:  # type: ignore[override]
        """The last step of each row as `render_mode` shows it, see `rendering`; None without one."""
        if self.render_mode is None:
            return None
        return tuple(frame for frame in self._rows.frames() if frame is not None)

    def _step_and_start(self, actions: np.ndarray) -> VectorStep:
        """One step of the rows that go on; the others start."""
        # all are checked, also those that are ignored: a wrong shape must not pass until the next step
        self.task.action.take(actions, self.num_envs, "Actions")
        idle = np.flatnonzero(self._ended)
        live = np.flatnonzero(~self._ended)
        observation = self._rows.restart(idle)
        info = self._started(idle)
        reward = np.zeros(self.num_envs)
        terminated = np.zeros(self.num_envs, dtype=bool)
        truncated = np.zeros(self.num_envs, dtype=bool)
        if len(live):
            step = self._rows.step(actions[live], live)
            observation[live] = step.observation
            reward[live] = step.reward
            terminated[live] = step.terminated
            truncated[live] = step.truncated
            info |= among(columns(self.task, step), live, self.num_envs)
        self._ended = terminated | truncated
        return observation, reward, terminated, truncated, info

    def _final(
        self,
        observation: NDArray[np.float32],
        info_columns: dict[str, Any],
        rows: IntArray,
    ) -> dict[str, Any]:
        """Last observation and info of the episodes that ended."""
        # an array of objects, as Gymnasium has it: rows that go on hold None
        last = np.full(self.num_envs, None, dtype=object)
        for row in rows:
            last[row] = observation[row]
        ended = np.isin(np.arange(self.num_envs), rows)
        final = among(of_rows(info_columns, rows), rows, self.num_envs)
        return {
            "final_obs": last,
            "_final_obs": ended,
            "final_info": final,
            "_final_info": ended.copy(),
        }

    def _started(self, rows: IntArray) -> dict[str, Any]:
        return among({"seed": self._rows.seeds[rows]}, rows, self.num_envs)

    def _seed(self, rows: IntArray, seeds: IntArray) -> NDArray[np.float32]:
        if len(rows) == self.num_envs:
            return self._rows.reset(seeds)
        return self._rows.reseed(rows, seeds[rows])

    def _first_seeds(self, seed: int | list[int | None] | None) -> IntArray:
        """First seed of each row; where there is none, one is drawn."""
        if isinstance(seed, int):
            return seed + np.arange(self.num_envs)
        seeds = [None] * self.num_envs if seed is None else list(seed)
        if len(seeds) != self.num_envs:
            raise ShapeError(
                f"{len(seeds)} seeds were given for {self.num_envs} episodes. Give one for each."
            )
        # drawn for all rows, so that what one row is given does not change what another draws
        first_seeds = self.np_random.integers(HIGHEST_SEED, size=self.num_envs)
        for row, asked_seed in enumerate(seeds):
            if asked_seed is not None:
                first_seeds[row] = asked_seed
        return first_seeds

    def _mask(self, options: dict[str, Any] | None) -> BoolArray:
        """Which rows a reset is for."""
        all_rows = np.ones(self.num_envs, dtype=bool)
        mask = np.asarray((options or {}).get("reset_mask", all_rows))
        if mask.dtype != bool or mask.shape != (self.num_envs,) or not mask.any():
            raise ShapeError(
                f"reset_mask must be an array of {self.num_envs} bool, at least one of them true; got {mask!r}."
            )
        if not mask.all() and not self._rows.started:
            raise InputError(
                "The environment has not been started. Call reset() without reset_mask first."
            )
        return mask


def _mode(name: str | AutoresetMode) -> AutoresetMode:
    try:
        return AutoresetMode(name)
    except ValueError:
        modes = ", ".join(mode.value for mode in AutoresetMode)
        raise InputError(f"Unknown autoreset mode {name!r}. Known: {modes}.") from None
