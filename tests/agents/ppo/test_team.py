"""IPPO on tasks of two agents whose best decisions are known by hand."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pytest

pytest.importorskip("jax", reason="learning needs the extra 'learn'")

import jax
from follow_tasks import FollowApart

from tieline.agents.ippo_config import IppoConfig
from tieline.agents.ppo import Ippo, train_actors
from tieline.agents.training import train
from tieline.envs.task import Agent
from tieline.errors import InputError

QUICK = IppoConfig(
    hidden=(32,),
    rate=3e-3,
    discount=0.0,
    episodes=64,
    round_steps=8,
    batch=128,
    steps=512 * 20,
)


def test_each_learns_its_own() -> None:
    result = train(FollowApart(), QUICK, curve_episodes=50)
    # a guess of the mean misses by 0.0075 on average, each
    assert result.final_return > -0.002
    assert result.policy.provenance["algorithm"] == "ippo"


def test_the_teams_network_is_its_actors_side_by_side() -> None:
    with jax.enable_x64(True):
        ippo = Ippo(FollowApart(), QUICK)
        team = ippo.start(0)
        seen = np.array([[0.7, 0.2]])
        first, second = (
            jax.tree.map(lambda layer, k=k: np.asarray(layer[k]), team.learners.weights)
            for k in range(2)
        )
    (weight, bias), (last_weight, last_bias) = ippo.actor(team)
    together = np.maximum(seen @ weight + bias, 0.0) @ last_weight + last_bias
    for weights, sees, sets in ((first, 0, 1), (second, 1, 0)):
        (weight, bias), (last_weight, last_bias) = weights.actor
        hidden = np.maximum(seen[:, [sees]] @ weight + bias, 0.0)
        alone = hidden @ last_weight + last_bias
        assert together[0, sets] == pytest.approx(alone[0, 0], rel=1e-6)


def test_a_round_is_the_same_compiled_and_stepped() -> None:
    weights = []
    for collect in ("compiled", "stepped"):
        values = {"collect": collect, "steps": 512}
        (actor,) = train_actors(FollowApart(), QUICK.model_copy(update=values), [3])
        weights.append(np.concatenate([np.ravel(x) for x in jax.tree.leaves(actor)]))
    assert weights[0] == pytest.approx(weights[1], abs=1e-5)


def test_a_price_that_rises_keeps_the_limit() -> None:
    """The first agent would choose 0.6 to 0.9 and may choose 0.5: it does where breaking the limit has a price."""
    values = {"multiplier_rate": 1.0, "steps": 512 * 60}
    priced = train(FollowApart(), QUICK.model_copy(update=values), curve_episodes=8)
    free = train(FollowApart(), QUICK, curve_episodes=8)
    seen = FollowApart().start(np.arange(20)).target
    choices = [one.policy.bind(FollowApart()).act(seen) for one in (priced, free)]
    assert choices[0][:, 1].mean() < 0.55
    assert choices[1][:, 1].mean() == pytest.approx(seen[:, 0].mean(), abs=0.03)
    # the second agent's choice is no matter of that limit
    assert choices[0][:, 0] == pytest.approx(seen[:, 1], abs=0.06)


def test_the_price_by_hand() -> None:
    """A round in which the limit is missed by 0.1 in half of the steps raises its price by rate x 0.05."""
    values = {"episodes": 2, "round_steps": 4, "collect": "stepped"}
    config = QUICK.model_copy(update={"multiplier_rate": 2.0, **values})
    with jax.enable_x64(True):
        ippo = Ippo(FollowApart(), config)
        make_round = ippo.collector(0)
        team = ippo.start(0)
        make_round(team)
        costs = np.full((4, 2, 1), 0.3)
        costs[:2] = 0.6
        after = ippo.learn(team, make_round.walk._replace(costs=costs))
    assert np.asarray(after.multipliers) == pytest.approx([0.1])


def test_terms_left_out_are_not_learned_from() -> None:
    config = QUICK.model_copy(update={"left_out": ("first_miss",)})
    assert Ippo(FollowApart(), config)._weights.tolist() == [[0.0, 0.0], [0.0, -1.0]]
    with pytest.raises(InputError, match="reward term"):
        Ippo(FollowApart(), QUICK.model_copy(update={"left_out": ("miss",)}))


def test_agents_of_different_sizes_are_refused() -> None:
    with pytest.raises(InputError, match="need as many entries each"):
        Ippo(_Unequal(), QUICK)


class _Unequal(FollowApart):
    @cached_property
    def agents(self) -> tuple[Agent, ...]:
        both = Agent("first", np.array([0, 1]), np.array([1]), ("first_miss",))
        return both, super().agents[1]
