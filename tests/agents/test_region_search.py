"""Regions by search are those of the exact growth, from any root and with either update."""

from __future__ import annotations

from typing import Literal

import pytest

from tieline import load_feeder
from tieline.agents.region_search import search_partition, search_region
from tieline.agents.tree_search import SearchConfig
from tieline.network.partition import Partition, partition


@pytest.fixture(scope="module")
def six() -> Partition:
    return partition(load_feeder("ieee123"), microgrids=6)


class Simulator:
    """Knows the borders, and counts how often it is asked."""

    def __init__(self, divided: Partition):
        self.region_of = divided.region_of
        self.asked = 0

    def stops(self, a: str, b: str) -> bool:
        self.asked += 1
        return self.region_of[a] != self.region_of[b]


def test_all_six_regions_for_20_seeds(six: Partition):
    config = SearchConfig(episodes=500)
    for seed in range(20):
        simulator = Simulator(six)
        found = search_partition(six.feeder, simulator.stops, config, 100 * seed)
        assert found.cuts == six.cuts


@pytest.mark.parametrize("update", ["q-learning", "sarsa"])
def test_region_of_each_buyer_bus(
    six: Partition, update: Literal["q-learning", "sarsa"]
):
    config = SearchConfig(episodes=2000, update=update)
    for seed in range(20):
        exact = six.regions[seed % 6]
        found = search_region(
            six.feeder, exact.root, Simulator(six).stops, config, seed
        )
        assert set(found.buses) == set(exact.buses)
        assert found.whole_after < 400


def test_simulator_is_asked_once_for_each_step(six: Partition):
    simulator = Simulator(six)
    found = search_region(six.feeder, six.regions[0].root, simulator.stops)
    assert simulator.asked == len(found.buses) - 1 + len(found.stopped_at)


def test_few_episodes_see_few_buses(six: Partition):
    found = search_region(
        six.feeder, "67", Simulator(six).stops, SearchConfig(episodes=3)
    )
    assert 1 <= len(found.buses) < len(six.regions[six.region_of["67"]].buses)


def test_walks_end_where_load_is_near(six: Partition):
    found = search_region(six.feeder, "67", Simulator(six).stops)
    statistics = found.learned.statistics
    best = found.learned.ranking[0]
    assert found.learned.tree.states[best] in found.buses
    assert statistics.n[1, best] > 2000 / 132
