"""Training on a region whose best sets are known by arithmetic; no power flow."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

pytest.importorskip("jax", reason="learning needs the extra 'learn'")

from knapsack_region import KnapsackRegion
from tieline.agents.leader_follower.config import Credit, LeaderFollowerConfig
from tieline.agents.leader_follower.policy import ChoicePolicy
from tieline.agents.leader_follower.training import train_choice
from tieline.envs.market.regret import hits, regret
from tieline.errors import InputError

REGIONS = [KnapsackRegion(6), KnapsackRegion(5)]
QUICK = LeaderFollowerConfig(agents=2, hidden=(16, 16), attention=16)


def regret_and_hits(
    policy: ChoicePolicy, region: KnapsackRegion
) -> tuple[float, float]:
    """On 300 games that no training sees."""
    games = region.draw(np.arange(10**9, 10**9 + 300))
    sets = np.array(list(combinations(range(region.n_ders), policy.n_agents)))
    of_all = region.objective(games, np.repeat(sets[None], len(games), axis=0))
    choices, _ = policy.most_probable(region, games)
    objective = region.objective(games, choices[:, None])[:, 0]
    regrets = regret(objective, of_all)
    return float(regrets.mean()), float(hits(regrets).mean())


def test_the_best_sets_are_learned() -> None:
    """Chance has a regret of 1 and hits 1 set in 15 or 10; followers stop wanting what leaders took."""
    training = train_choice(REGIONS, QUICK, [0, 1], 3840)
    for of_seed in training.policies:
        for policy, region in zip(of_seed, REGIONS, strict=True):
            mean_regret, hit_rate = regret_and_hits(policy, region)
            assert mean_regret < 0.02
            assert hit_rate > 0.8
    curve = training.curve
    last = curve[curve["games"] == curve["games"].max()]
    assert (last["overlap_share"] < 0.02).all()
    assert len(curve) == 20 * len(REGIONS) * 2
    parts = curve["reward_agent_1"] + curve["reward_agent_2"]
    np.testing.assert_allclose(parts, curve["return_mean"], rtol=1e-9)


@pytest.mark.parametrize("credit", ["each", "joint"])
def test_agents_learn_from_drawn_rewards_too(credit: Credit) -> None:
    config = QUICK.model_copy(update={"credit": credit})
    training = train_choice(REGIONS[:1], config, [0], 6400)
    assert regret_and_hits(training.policies[0][0], REGIONS[0])[0] < 0.15


def test_the_same_seed_gives_the_same_policy_and_another_seed_another() -> None:
    def weights() -> list[list[bytes]]:
        training = train_choice(REGIONS, QUICK, [5, 6], 128)
        return [
            [array.tobytes() for policy in of_seed for array in policy.layers[0]]
            for of_seed in training.policies
        ]

    first = weights()
    assert first == weights()
    assert first[0] != first[1]


def test_shared_networks_choose_in_every_region() -> None:
    """One network for both regions: the same weights, and far better than chance in each."""
    config = QUICK.model_copy(update={"shared": True})
    (policies,) = train_choice(REGIONS, config, [0], 3200).policies
    first, second = (policy.layers[0][0] for policy in policies)
    np.testing.assert_array_equal(first, second)
    for policy, region in zip(policies, REGIONS, strict=True):
        assert regret_and_hits(policy, region)[0] < 0.05


def test_a_region_with_fewer_ders_than_agents_is_named() -> None:
    config = QUICK.model_copy(update={"agents": 6})
    with pytest.raises(InputError, match=r"fewer stand in regions: 2 \(5\)"):
        train_choice(REGIONS, config, [0], 100)
