"""A problem of an update whose optimum is known: a quadratic with limits on what all agents do together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import numpy as np

from tieline.agents.constrained_update.backtracking import Returns
from tieline.agents.constrained_update.gaussian import GaussianPolicy, random_policy
from tieline.agents.constrained_update.problem import Draws

N_SAMPLES = 16


@dataclass(frozen=True)
class Quadratic:
    """Raise -mean |a - target|^2 of all agents; the sum over agents of the mean of a_1 stays at or below each of `limits`."""

    target: float
    limits: np.ndarray

    def returns(self, actions: Sequence[np.ndarray]) -> Returns:
        objective = -sum(np.mean((a - self.target) ** 2) for a in actions)
        total = sum(np.mean(a[:, 0]) for a in actions)
        return Returns(float(objective), np.full(len(self.limits), total))

    def slopes(
        self, actions: Sequence[np.ndarray], constraints: np.ndarray
    ) -> list[np.ndarray]:
        of_agents = []
        for action in actions:
            by_action = np.zeros((1 + len(constraints), *action.shape))
            by_action[0] = -2.0 * (action - self.target) / action.size
            by_action[1:, :, 0] = 1.0 / len(action)
            of_agents.append(by_action)
        return of_agents


def starting(n_agents: int) -> tuple[list[GaussianPolicy], list[Draws]]:
    """Small policies of two actions with a spread of 0.1, and what their actions are drawn with."""
    random = np.random.default_rng(0)
    policies, draws = [], []
    for agent in range(n_agents):
        key = jax.random.key(agent)
        policies.append(random_policy(3, 2, (8,), key, spread=0.1))
        observation = random.normal(size=(N_SAMPLES // 2, 3))
        noise = random.normal(size=(N_SAMPLES // 2, 2))
        # in pairs of opposite signs: with a mean of zero no spread can help the constraint
        draws.append(Draws(np.tile(observation, (2, 1)), np.vstack([noise, -noise])))
    return policies, draws
