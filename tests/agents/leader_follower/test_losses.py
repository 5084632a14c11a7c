"""Losses: what moves the actors, what does not, and the tracing constraint."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("jax", reason="learning needs the extra 'learn'")

import jax
import jax.numpy as jnp

from tieline.agents.leader_follower.config import Credit, LeaderFollowerConfig
from tieline.agents.leader_follower.losses import (
    Networks,
    Played,
    Pressure,
    entropy,
    total_loss,
    tracing,
)
from tieline.agents.leader_follower.networks import (
    log_share,
    random_actors,
    random_critic,
)

RANDOM = np.random.default_rng(4)
N_AGENTS, N_GAMES, N_DERS = 3, 6, 5
IDLE = Pressure(rate=1e-3, entropy=0.0, psi=0.0)


def played() -> Played:
    """Games in which agent k took DER k."""
    shape = (N_AGENTS, N_GAMES, N_DERS)
    choices = np.repeat(np.arange(N_AGENTS)[:, None], N_GAMES, axis=1)
    is_taken = np.broadcast_to(np.tri(N_AGENTS, N_DERS, -1, bool)[:, None], shape)
    return Played(
        inputs=jnp.asarray(RANDOM.normal(size=(*shape, 4)), jnp.float32),
        may_choose=jnp.asarray(~is_taken),
        is_taken=jnp.asarray(is_taken),
        choices=jnp.asarray(choices),
        reward=jnp.asarray(RANDOM.normal(size=shape[:2]), jnp.float32),
        alternatives=jnp.asarray(RANDOM.normal(size=shape), jnp.float32),
    )


def networks() -> Networks:
    actors = random_actors(N_AGENTS, 4, (8,), jax.random.key(1))
    return Networks(actors, random_critic(4, 8, jax.random.key(2)))


slope_of = jax.jit(jax.grad(total_loss), static_argnums=3)


def largest(tree: Any) -> float:
    return max(float(jnp.abs(leaf).max()) for leaf in jax.tree.leaves(tree))


def test_a_relaxed_constraint_has_no_slope() -> None:
    """max(log pi, 0) is 0 for every probability: at the start followers may want what they like."""
    score = jnp.asarray([[[0.3, -0.2, 1.0]]])
    taken = jnp.asarray([[[True, False, False]]])

    def wanted(score: Any, psi: float) -> Any:
        return tracing(log_share(score, jnp.ones_like(taken)), taken, psi).sum()

    assert float(wanted(score, 0.0)) == 0.0
    assert largest(jax.grad(wanted)(score, 0.0)) == 0.0
    slope = jax.grad(wanted)(score, float(np.log(1e-3)))
    assert (
        float(slope[0, 0, 0]) > 0.1
    )  # descending lowers the score of the leader's DER
    unwanted = score.at[0, 0, 0].set(-20.0)
    assert largest(jax.grad(wanted)(unwanted, float(np.log(1e-3)))) == 0.0


def test_entropy_of_even_shares_is_the_logarithm_of_their_number() -> None:
    is_open = jnp.asarray([[[True, True, True, False]]])
    log_choice = log_share(jnp.zeros((1, 1, 4)), is_open)
    np.testing.assert_allclose(entropy(log_choice, is_open), np.log(3.0), rtol=1e-6)


@pytest.mark.parametrize("credit", ["each", "joint", "alternatives"])
def test_the_last_actor_learns_from_its_alternatives_alone(credit: Credit) -> None:
    """With `alternatives` the rewards that were drawn play no part; with the other credits the alternatives do not."""
    config = LeaderFollowerConfig(credit=credit, tracing=0.0)
    games = played()
    slope = slope_of(networks(), games, IDLE, config)
    other_rewards = games._replace(reward=-games.reward)
    other_alternatives = games._replace(alternatives=-games.alternatives)
    by_reward = slope_of(networks(), other_rewards, IDLE, config)
    by_alternative = slope_of(networks(), other_alternatives, IDLE, config)

    def change(other: Networks) -> float:
        return largest(jax.tree.map(jnp.subtract, slope.actors, other.actors))

    if credit == "alternatives":
        assert change(by_reward) == 0.0
        assert change(by_alternative) > 1e-3
    else:
        assert change(by_reward) > 1e-3
        assert change(by_alternative) == 0.0


def test_an_actor_at_its_aim_stays_there() -> None:
    """Where all open DERs are worth the same, even shares are the aim: an actor without weights has no slope."""
    config = LeaderFollowerConfig(tracing=0.0)
    games = played()
    games = games._replace(alternatives=jnp.zeros_like(games.alternatives))
    of_random = networks()
    still = jax.tree.map(jnp.zeros_like, of_random)
    slope = slope_of(still, games, IDLE, config)
    assert largest(slope.actors) < 1e-6
    moved = slope_of(of_random._replace(critic=still.critic), games, IDLE, config)
    assert largest(moved.actors) > 1e-3
