"""`PettingZooEnv`: one episode of a task at a time, each of its agents with its own part, as a PettingZoo `ParallelEnv`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tieline.envs.batched_env import Step
from tieline.envs.faces.gymnasium_env import HIGHEST_SEED
from tieline.envs.faces.infos import columns, of_row
from tieline.envs.faces.rendering import METADATA, Frame
from tieline.envs.faces.rolling_env import RollingEnv
from tieline.envs.faces.spaces import as_space, cost_limits
from tieline.envs.task import Task
from tieline.errors import (
    InputError,
    MissingExtraError,
    ShapeError,
    unknown_name_message,
)

try:
    from gymnasium import spaces
    from gymnasium.utils import seeding
    from pettingzoo import ParallelEnv
except ImportError:
    raise MissingExtraError("pettingzoo", "envs", "The PettingZoo face") from None

Seen = dict[str, NDArray[np.float32]]
Infos = dict[str, dict[str, Any]]


class PettingZooEnv(ParallelEnv[str, np.ndarray, np.ndarray]):
    """All agents of `task` act at once, see what `Agent.sees` says and set what `Agent.sets` says.

    Each gets the reward of its own terms (`Agent.terms`), the whole one where the task says nothing of them, and the whole `info`
    (see `infos`). An episode starts and ends for all at once; `state()` is the observation of the whole.

    Attributes:
        task: what is played.
        cost_limits: name of each cost -> its limit.
    """

    def __init__(self, task: Task, render_mode: str | None = None):
        self.metadata = {
            "name": f"{task.name}_v0",
            "is_parallelizable": True,
            **METADATA,
        }
        self.render_mode = render_mode
        self.task = task
        self.cost_limits = cost_limits(task)
        self.possible_agents = [agent.name for agent in task.agents]
        # PettingZoo's convention: nobody is there before the first reset, and after the last step
        self.agents: list[str] = []
        self._sees = {}
        self._sets = {}
        # made once: PettingZoo wants the same space each time it asks
        for agent in task.agents:
            self._sees[agent.name] = as_space(task.observation, agent.sees)
            self._sets[agent.name] = as_space(task.action, agent.sets)
        self._rows = RollingEnv(task, render_mode=render_mode)
        self._whole = np.zeros(task.observation.size, dtype=np.float32)

    def observation_space(self, agent: str) -> spaces.Box:
        """What an agent sees."""
        return self._sees[agent]

    def action_space(self, agent: str) -> spaces.Box:
        """What an agent sets."""
        return self._sets[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Seen, Infos]:
        """Start an episode: that of `seed`, or the next one of those that follow from the seed before. `options` are not used."""
        if seed is None and self._rows.started:
            self._whole = self._rows.restart(np.array([0]))[0]
        else:
            if seed is None:
                seed = _draw_seed()
            self._whole = self._rows.reset([seed])[0]
        self.agents = list(self.possible_agents)
        episode_seed = int(self._rows.seeds[0])
        infos: Infos = {name: {"seed": episode_seed} for name in self.agents}
        return self._seen(), infos

    def step(
        self, actions: dict[str, np.ndarray]
    ) -> tuple[Seen, dict[str, float], dict[str, bool], dict[str, bool], Infos]:
        """Carry out the action of every agent.

        Raises:
            InputError, ShapeError: if an agent gave none or one that does not fit, or the episode has ended.
        """
        step = self._rows.step(self._joint(actions)[None])
        self._whole = step.observation[0].astype(np.float32)
        returned = self._returned(step)
        if step.ended[0]:
            self.agents = []
        return returned

    def state(self) -> NDArray[np.float32]:
        """Observation of the whole, (observation,)."""
        return self._whole.copy()

    def render(self) -> Frame | None:  # type: ignore[override]
        """The last step as `render_mode` shows it, see `rendering`; None without one."""
        return self._rows.frames()[0]

    def _joint(self, actions: dict[str, np.ndarray]) -> np.ndarray:
        """The parts of all agents in one action, (action,)."""
        task = self.task
        joint = np.zeros(task.action.size)
        for name in actions:
            if name not in self.possible_agents:
                raise InputError(
                    unknown_name_message("agent", name, self.possible_agents)
                )
        for agent in task.agents:
            if agent.name not in actions:
                raise InputError(
                    f"Agent '{agent.name}' gave no action. Give one for each of {', '.join(self.possible_agents)}."
                )
            part = np.asarray(actions[agent.name])
            if part.shape != (len(agent.sets),):
                raise ShapeError(
                    f"The action of agent '{agent.name}' has shape {part.shape}; expected ({len(agent.sets)},)."
                )
            joint[agent.sets] = part
        return joint

    def _seen(self) -> Seen:
        return {agent.name: self._whole[agent.sees] for agent in self.task.agents}

    def _returned(
        self, step: Step
    ) -> tuple[Seen, dict[str, float], dict[str, bool], dict[str, bool], Infos]:
        names = self.possible_agents
        told = columns(self.task, step)
        return (
            self._seen(),
            dict(zip(names, step.agent_reward[0].tolist(), strict=True)),
            dict.fromkeys(names, bool(step.terminated[0])),
            dict.fromkeys(names, bool(step.truncated[0])),
            {name: of_row(told, 0) for name in names},
        )


def _draw_seed() -> int:
    """A seed from the system's own chance."""
    random, _ = seeding.np_random()
    return int(random.integers(HIGHEST_SEED))
