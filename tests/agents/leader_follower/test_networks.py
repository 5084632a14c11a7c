"""Actors and critic: what is the same for any order of DERs, and what is barred."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("jax", reason="learning needs the extra 'learn'")

import jax
import jax.numpy as jnp

from tieline.agents.leader_follower.networks import (
    judge,
    log_share,
    random_actors,
    random_critic,
    scores,
)

INPUTS = jnp.asarray(np.random.default_rng(0).normal(size=(4, 7, 5)), jnp.float32)
ALL = jnp.ones((4, 7), dtype=bool)


def test_a_der_is_known_by_its_token_and_not_by_its_place() -> None:
    """DERs in another order have the same scores in that order, and the state the same value."""
    order = np.array([3, 0, 6, 1, 2, 5, 4])
    actors = random_actors(1, 5, (8, 8), jax.random.key(1))
    actor = jax.tree.map(lambda array: array[0], actors)
    critic = random_critic(5, 8, jax.random.key(2))
    np.testing.assert_allclose(
        scores(actor, INPUTS)[:, order], scores(actor, INPUTS[:, order]), rtol=1e-5
    )
    value, comes = judge(critic, INPUTS, ALL)
    value_again, comes_again = judge(critic, INPUTS[:, order], ALL)
    np.testing.assert_allclose(value, value_again, rtol=1e-4)
    np.testing.assert_allclose(comes[:, order], comes_again, rtol=1e-4, atol=1e-6)


def test_what_is_not_there_changes_nothing() -> None:
    """Regions are padded to one size: a token that does not count may hold anything."""
    critic = random_critic(5, 8, jax.random.key(2))
    there = ALL.at[:, 5:].set(False)
    changed = INPUTS.at[:, 5:].set(1e3)
    value, comes = judge(critic, INPUTS, there)
    value_again, comes_again = judge(critic, changed, there)
    np.testing.assert_array_equal(value, value_again)
    np.testing.assert_array_equal(comes[:, :5], comes_again[:, :5])


def test_shares_are_those_of_a_softmax_and_nothing_where_barred() -> None:
    score = jnp.log(jnp.array([[1.0, 3.0, 5.0]]))
    is_open = jnp.array([[True, True, False]])
    share = np.exp(log_share(score, is_open))
    np.testing.assert_allclose(share, [[0.25, 0.75, 0.0]], rtol=1e-6)
