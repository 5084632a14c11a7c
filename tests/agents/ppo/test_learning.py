"""What an agent of PPO learns from, by hand."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("jax", reason="learning needs the extra 'learn'")

import jax
import jax.numpy as jnp

from tieline.agents.ppo.learning import Learning
from tieline.agents.ppo_config import PpoConfig


def test_advantage_by_hand() -> None:
    """Two steps and the end: A_1 = r_1 - V_1, A_0 = r_0 + g V_1 - V_0 + g l A_1; nothing comes back over an end."""
    config = PpoConfig(discount=0.5, trace=0.5, episodes=1, round_steps=3)
    learning = Learning(1, 1, config)
    reward = jnp.array([[1.0], [2.0], [4.0]])
    value = jnp.array([[10.0], [20.0], [40.0]])
    future = jnp.array([[20.0], [0.0], [8.0]])
    ended = jnp.array([[False], [True], [False]])
    advantage = np.asarray(learning._advantage(reward, value, future, ended))[:, 0]
    last = 4.0 + 0.5 * 8.0 - 40.0
    middle = 2.0 - 20.0
    assert advantage == pytest.approx([1.0 + 10.0 - 10.0 + 0.25 * middle, middle, last])


def test_probability_of_what_was_drawn() -> None:
    """Two free numbers, each from a normal distribution of its own spread, by their density."""
    learning = Learning(3, 2, PpoConfig(hidden=(4,), spread=0.5))
    learner = learning.start(jax.random.key(0))
    seen = np.array([[0.3, -0.2, 1.0]])
    free, log_probability = learning.draw(learner.weights, seen, jax.random.key(1))
    hidden = np.maximum(
        seen @ learner.weights.actor[0][0] + learner.weights.actor[0][1], 0
    )
    mean = hidden @ learner.weights.actor[1][0] + learner.weights.actor[1][1]
    distance = (np.asarray(free) - mean) / 0.5
    density = np.exp(-(distance**2) / 2) / (0.5 * np.sqrt(2 * np.pi))
    assert np.exp(log_probability) == pytest.approx(density.prod(axis=1), rel=1e-5)
