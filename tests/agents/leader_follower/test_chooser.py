"""Who chooses in a region: which sets AC is asked about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tieline.agents.leader_follower.chooser import RegionChooser
from tieline.agents.leader_follower.policy import ChoicePolicy
from tieline.agents.leader_follower.region import MarketRegion
from tieline.envs.market import rules
from tieline.envs.market.draws import draw_games
from tieline.envs.market.model import ChoiceModel
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.network.attach import with_generators_at

PLACES = ("4", "6", "8", "24", "25", "27")


@pytest.fixture(scope="module")
def model() -> ChoiceModel:
    """A part of the 33-bus feeder with six DERs."""
    feeder = with_generators_at(load_feeder("ieee33"), PLACES, [100.0] * 6)
    network = Network.from_feeder(feeder)
    return ChoiceModel.of(network, ("3", *PLACES), "3", (), (0.90, 1.05))


def untrained(model: ChoiceModel) -> ChoicePolicy:
    """A policy of one layer of zeros, to which all DERs are alike."""
    key = MarketRegion(model).key
    width = len(key.tokens) + len(key.features)
    return ChoicePolicy(key, ((np.zeros((3, width, 1)), np.zeros((3, 1))),))


def test_where_all_ask_the_same_the_set_of_the_greedy_rule_is_judged_too(
    model: ChoiceModel,
) -> None:
    games = draw_games(model, np.arange(6))
    offer = games.offer.copy()
    offer[3:] = 0.07
    prepared = model.prepare(replace(games, offer=offer))
    np.testing.assert_array_equal(prepared.games.has_one_offer, np.arange(6) >= 3)

    chooser = RegionChooser(untrained(model), probable=2, estimated=2)
    sets = chooser.candidates(model, prepared)
    assert sets.shape == (6, 5, 3)
    by_rule = rules.greedy(model, prepared, 3)
    np.testing.assert_array_equal(sets[3:, -1], by_rule[3:])
    # games of several offers repeat a set that is judged anyway
    np.testing.assert_array_equal(sets[:3, -1], sets[:3, 0])
    of_several_offers = prepared.take(np.arange(3))
    assert chooser.candidates(model, of_several_offers).shape == (3, 4, 3)
