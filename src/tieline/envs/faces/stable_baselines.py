"""`StableBaselinesVecEnv`: many episodes of a task side by side, as Stable-Baselines3's `VecEnv`.

Its conventions: an ended episode is followed by the next one in the same step, `info["terminal_observation"]` is the last
observation, `info["TimeLimit.truncated"]` says that the world went on, and `info["episode"]` holds return `r`, length `l` and
seconds `t` since the environment was made, from which its trainers log `rollout/ep_rew_mean`. Its policies start around 0 with
a spread near 1, so actions are scaled: -1 stands for the lower bound of the task, 1 for the upper one.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tieline.envs.faces.gymnasium_env import HIGHEST_SEED
from tieline.envs.faces.infos import columns, of_row
from tieline.envs.faces.rendering import METADATA, RGB_ARRAY
from tieline.envs.faces.rolling_env import RollingEnv
from tieline.envs.faces.spaces import as_space, cost_limits
from tieline.envs.task import Task
from tieline.errors import InputError, MissingExtraError

try:
    from gymnasium import spaces
    from gymnasium.utils import seeding
    from stable_baselines3.common.base_class import BaseAlgorithm
    from stable_baselines3.common.vec_env import VecEnv
except ImportError:
    raise MissingExtraError(
        "stable-baselines3", "sb3", "The Stable-Baselines3 face"
    ) from None


class StableBaselinesVecEnv(VecEnv):
    """`num_envs` episodes side by side. `info` is described in `infos`; `reset_infos` hold the `seed` of each episode.

    After `seed(s)` the next reset starts row k with seed s + k; what a row plays after that follows from its first seed alone.

    Attributes:
        task: what is played.
        cost_limits: name of each cost -> its limit.
    """

    def __init__(self, task: Task, num_envs: int = 1, render_mode: str | None = None):
        if num_envs < 1:
            raise InputError(f"num_envs is {num_envs}. Ask for at least one episode.")
        self.task = task
        self.cost_limits = cost_limits(task)
        self.render_mode = render_mode
        self._rows = RollingEnv(task, num_envs, render_mode)
        self._actions = np.zeros((num_envs, task.action.size))
        self._returns = np.zeros(num_envs)
        self._lengths = np.zeros(num_envs, dtype=np.int64)
        self._made_s = time.monotonic()
        action_space = spaces.Box(
            -1.0,
            1.0,
            (task.action.size,),
            dtype=np.float32,
        )
        super().__init__(num_envs, as_space(task.observation), action_space)
        self.metadata["render_fps"] = METADATA["render_fps"]

    def task_actions(self, scaled: np.ndarray) -> np.ndarray:
        """Actions in the task's own bounds, (..., action), from those between -1 and 1."""
        box = self.task.action
        above_lowest = np.asarray(scaled) + 1.0
        width = box.high - box.low
        return box.low + width * above_lowest / 2.0

    def reset(self) -> NDArray[np.float32]:
        """Start all episodes."""
        seeds = [seed for seed in self._seeds if seed is not None]
        if not seeds and self._rows.started:
            observation = self._rows.restart(np.arange(self.num_envs))
        else:
            observation = self._rows.reset(seeds or self._drawn())
        self.reset_infos = [{"seed": int(seed)} for seed in self._rows.seeds]
        self._returns[:] = 0.0
        self._lengths[:] = 0
        # a seed counts for one reset only, by the convention of `VecEnv`
        self._reset_seeds()
        self._reset_options()
        return observation

    def step_async(self, actions: np.ndarray) -> None:
        """Take the actions of the next step, (row, action), between -1 and 1."""
        self._actions = self.task_actions(actions)

    def step_wait(
        self,
    ) -> tuple[
        NDArray[np.float32],
        NDArray[np.float32],
        NDArray[np.bool_],
        list[dict[str, Any]],
    ]:
        """Carry them out."""
        step = self._rows.step(self._actions)
        info_columns = columns(self.task, step) | {
            "TimeLimit.truncated": step.truncated
        }
        infos = [of_row(info_columns, row) for row in range(self.num_envs)]
        observation = step.observation.astype(np.float32)
        reward = step.reward.astype(np.float32)
        self._returns += step.reward
        self._lengths += 1
        ended = np.flatnonzero(step.ended)
        if len(ended):
            # an algorithm that looks ahead from a truncated step needs the last observation, not the next first one
            last = observation
            observation = self._rows.restart(ended)
            for row in ended:
                infos[row]["terminal_observation"] = last[row]
                infos[row]["episode"] = self._end_episode(int(row))
                self.reset_infos[row] = {"seed": int(self._rows.seeds[row])}
        return observation, reward, step.ended, infos

    def _end_episode(self, row: int) -> dict[str, float]:
        """What Stable-Baselines3 logs of the episode that has ended in a row; the next one begins at nothing."""
        told = {
            "r": float(self._returns[row]),
            "l": int(self._lengths[row]),
            "t": time.monotonic() - self._made_s,
        }
        self._returns[row] = 0.0
        self._lengths[row] = 0
        return told

    def close(self) -> None:
        """Nothing is held open."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """The attribute, once per row asked for: all rows share it."""
        return [getattr(self, attr_name) for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Refused: rows have no attributes of their own."""
        raise InputError(
            f"Attribute '{attr_name}' cannot be set: episodes are rows of one environment. Make a task with it."
        )

    def env_method(
        self,
        method_name: str,
        *method_args: Any,
        indices: Any = None,
        **method_kwargs: Any,
    ) -> list[Any]:
        """Refused: rows have no methods of their own."""
        raise InputError(
            f"Method '{method_name}' cannot be called per row: episodes are rows of one environment."
        )

    def env_is_wrapped(self, wrapper_class: type, indices: Any = None) -> list[bool]:
        """Never: rows are not wrapped one by one."""
        return [False for _ in self._get_indices(indices)]

    def get_images(self) -> Sequence[np.ndarray | None]:
        """The last step of each row as a picture; raises `InputError` without the render mode that draws it."""
        if self.render_mode != RGB_ARRAY:
            raise InputError(
                f"Pictures need render_mode '{RGB_ARRAY}'; this environment was made with {self.render_mode!r}."
            )
        return [np.asarray(frame) for frame in self._rows.frames()]

    def _drawn(self) -> np.ndarray:
        return seeding.np_random()[0].integers(HIGHEST_SEED, size=self.num_envs)


@dataclass(frozen=True, eq=False)
class ModelDecider:
    """A trained model as a decider, for evaluation beside rules and optima and for the safety step.

    Attributes:
        model: of Stable-Baselines3, with its `predict`.
        env: the environment that it was trained on, or another one of the task; wrappers that change observations change what
            the model has to be given, and are not looked at.
    """

    model: BaseAlgorithm
    env: StableBaselinesVecEnv

    def act(self, observation: np.ndarray, state: Any = None) -> np.ndarray:
        """What it does without exploration, in the task's own bounds, (episode, action); `state` is not looked at."""
        del state
        # policies are trained on what the face shows, which is single precision
        single_precision = np.asarray(observation, dtype=np.float32)
        scaled, _ = self.model.predict(single_precision, deterministic=True)
        return self.env.task_actions(scaled)
