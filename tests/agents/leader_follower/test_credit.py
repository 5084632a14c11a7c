"""Credit: the parts of all agents sum to the error of all; alternatives are drawn to the best."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("jax", reason="learning needs the extra 'learn'")

import jax.numpy as jnp

from tieline.agents.leader_follower.credit import (
    advantage_of_all,
    advantage_of_each,
    aim,
    value_of_aim,
    worth_of_alternatives,
)

RANDOM = np.random.default_rng(3)
REWARD = jnp.asarray(RANDOM.normal(size=(3, 5)))
VALUE = jnp.asarray(RANDOM.normal(size=(3, 5)))


def test_the_parts_sum_to_the_whole() -> None:
    """Values between agents cancel: sum A_k = sum r - v(s_1)."""
    each = advantage_of_each(REWARD, VALUE).sum(axis=0)
    joint = advantage_of_all(REWARD, VALUE)
    np.testing.assert_allclose(each, joint[0], rtol=1e-5)
    np.testing.assert_array_equal(joint[0], joint[2])


def test_nothing_comes_after_the_last_agent() -> None:
    alternatives = jnp.asarray(RANDOM.normal(size=(3, 5, 4)))
    continuation = jnp.asarray(RANDOM.normal(size=(2, 5, 4)))
    worth = worth_of_alternatives(alternatives, continuation)
    np.testing.assert_allclose(worth[-1], alternatives[-1], rtol=1e-6)
    np.testing.assert_allclose(
        worth[:-1], alternatives[:-1] + continuation, rtol=1e-5, atol=1e-6
    )


def test_the_aim_is_the_best_open_der() -> None:
    """Two DERs that differ by ln 3 sharpnesses share 1 to 3; a barred one gets nothing, whatever it is worth."""
    sharpness = 0.01
    worth = jnp.array([[[0.0, sharpness * np.log(3.0), 9.0]]])
    may_choose = jnp.array([[[True, True, False]]])
    share = aim(worth, may_choose, sharpness)
    np.testing.assert_allclose(share, [[[0.25, 0.75, 0.0]]], atol=1e-6)
    value = value_of_aim(share, worth)
    np.testing.assert_allclose(value, 0.75 * sharpness * np.log(3.0), rtol=1e-4)
