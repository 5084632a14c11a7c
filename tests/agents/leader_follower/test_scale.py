"""Inputs in one measure, and a policy that has it in its weights."""

from __future__ import annotations

import numpy as np

from tieline.agents.leader_follower.scale import Scale

RANDOM = np.random.default_rng(5)


def test_what_is_there_has_mean_zero_and_spread_one() -> None:
    inputs = RANDOM.normal(3.0, 0.01, size=(2, 400, 5, 3))
    inputs[..., 2] = 7.0
    is_there = RANDOM.random((2, 400, 5)) < 0.8
    inputs[~is_there] = 1e6  # padding
    scaled = Scale.of(inputs, is_there)(inputs)[is_there]
    np.testing.assert_allclose(scaled.mean(axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(scaled.std(axis=0), [1.0, 1.0, 0.0], atol=1e-2)


def test_folded_weights_see_what_learners_saw() -> None:
    inputs = RANDOM.normal(3.0, 0.01, size=(1, 40, 5, 3))
    scale = Scale.of(inputs, np.ones(inputs.shape[:-1], dtype=bool))
    layer = (RANDOM.normal(size=(2, 3, 4)), RANDOM.normal(size=(2, 4)))
    weight, bias = scale.folded(layer, 0)
    for agent in range(2):
        learned = scale(inputs)[0] @ layer[0][agent] + layer[1][agent]
        np.testing.assert_allclose(
            inputs[0] @ weight[agent] + bias[agent], learned, atol=1e-9
        )
