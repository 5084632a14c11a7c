"""PPO of one agent that sees and sets everything.

Free numbers of the actor become an action by the task's own last layer, or another head.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tieline.agents.heads import act_by
from tieline.agents.networks import Network
from tieline.agents.ppo.learning import Learner, Learning, Lesson, single
from tieline.agents.ppo.rounds import OnPolicy, Walk
from tieline.agents.ppo_config import PpoConfig
from tieline.envs.task import Task


class Ppo(OnPolicy):
    """PPO on a task."""

    def __init__(self, task: Task[Any], config: PpoConfig):
        super().__init__(task, config)
        n_seen = task.observation.size
        self.learning = Learning(n_seen, task.action.size, config)
        self._weights = np.array([term.weight for term in task.terms])

    def start(self, seed: int) -> Learner:
        """Random networks."""
        return self.learning.start(jax.random.key(seed))

    def actor(self, learner: Learner) -> Network:
        """Its outputs go through the head of the configuration."""
        return learner.weights.actor

    def _act(
        self, learner: Learner, observation: Any, key: Any
    ) -> tuple[Any, Any, Any]:
        free, log_probability = self.learning.draw(learner.weights, observation, key)
        action = act_by(self.config.head, self.task, observation, free, jnp)
        return free, log_probability, action

    def _learn(self, learner: Learner, walk: Walk) -> Learner:
        lesson = Lesson(
            walk.observation,
            walk.free,
            walk.log_probability,
            single(walk.terms @ self._weights),
            walk.following,
            walk.terminated,
            walk.ended,
        )
        return self.learning.learn(learner, lesson)
