"""Search on top of a policy: the sets it asks about, and the best of them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from knapsack_region import KnapsackRegion
from tieline.agents.leader_follower.policy import ChoicePolicy
from tieline.agents.leader_follower.search import choose, probable_sets
from tieline.errors import InputError

REGION = KnapsackRegion(6)
GAMES = REGION.draw(np.arange(40))


def policy(region: KnapsackRegion = REGION, n_agents: int = 3) -> ChoicePolicy:
    """A policy of random weights."""
    random = np.random.default_rng(6)
    layers = tuple(
        (
            random.normal(size=(n_agents, n_in, n_out)),
            random.normal(size=(n_agents, n_out)),
        )
        for n_in, n_out in ((4, 8), (8, 1))
    )
    return ChoicePolicy(region.key, layers)


def test_all_sets_asked_about_give_the_best_of_all() -> None:
    sets = np.array(list(combinations(range(6), 3)))
    of_all = REGION.objective(GAMES, np.repeat(sets[None], len(GAMES), axis=0))
    choices = choose(policy(), REGION, GAMES, candidates=len(sets))
    objective = REGION.objective(GAMES, choices[:, None])[:, 0]
    np.testing.assert_allclose(objective, of_all.min(axis=1), rtol=1e-12)


def test_sets_are_those_of_highest_probability() -> None:
    """With two agents: P{i, j} = p1(i) p2(j|i) + p1(j) p2(i|j), from the policy's own shares."""
    pair_policy = policy(n_agents=2)
    no_one = np.empty((len(GAMES), 0), dtype=int)
    first_seen = REGION.see(GAMES, no_one, 2)
    is_there = REGION.is_there(GAMES)
    first = np.exp(pair_policy.log_shares(first_seen, 0, is_there))
    probability = np.zeros((len(GAMES), 6, 6))
    for leader in range(6):
        choices = np.full((len(GAMES), 1), leader)
        seen = REGION.see(GAMES, choices, 2)
        is_open = seen.may_choose & is_there
        second = np.exp(pair_policy.log_shares(seen, 1, is_open))
        probability[:, leader] = first[:, [leader]] * second
    together = probability + probability.transpose(0, 2, 1)
    sets = probable_sets(pair_policy, REGION, GAMES, 15)
    game = np.arange(len(GAMES))[:, None]
    in_order = together[game, sets[..., 0], sets[..., 1]]
    upper = np.triu(together, 1).reshape(len(GAMES), -1)
    expected = -np.sort(-upper, axis=1)[:, : in_order.shape[1]]
    np.testing.assert_allclose(in_order, expected, rtol=1e-9, atol=1e-12)


def test_one_candidate_is_the_policy_alone() -> None:
    alone, overlaps = policy().most_probable(REGION, GAMES)
    np.testing.assert_array_equal(choose(policy(), REGION, GAMES, 1), alone)
    assert all(len(set(row)) == 3 for row in alone.tolist())
    assert REGION.is_there(GAMES)[np.arange(len(GAMES))[:, None], alone].all()
    assert not overlaps[:, 0].any()


def test_another_region_is_refused_by_name() -> None:
    with pytest.raises(
        InputError, match=r"buses \[d0, .*d5\] and is asked .* \[d0, .*d6\]"
    ):
        choose(policy(), KnapsackRegion(7), KnapsackRegion(7).draw(np.arange(2)))
