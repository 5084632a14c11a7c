"""The policies that come with the package: ahead of the plan that they depart from, no limit broken behind the safety step."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.agents.island_guard import IslandGuard
from tieline.agents.restoration_policies.policies import PlanDecider
from tieline.envs.restoration.config import RestorationWorldConfig, Scenario
from tieline.envs.restoration.episode import play
from tieline.envs.restoration.world import make_world
from tieline.feeders.islands import read_island
from tieline.studies.restoration.ways.policies import find_policies

SEEDS = 3 * 2**32 + np.arange(8)
"""Of draws that no training, check or page has."""


def test_policies_of_the_larger_island_are_ahead_of_the_plan_too() -> None:
    world = make_world(RestorationWorldConfig(), read_island("case141"))
    actual_kw = world.actual_kw("short15", SEEDS[:1])
    plan = play(world, PlanDecider(world), actual_kw)
    for decider in find_policies(world, None).by_name["cpo"].values():
        episode = play(world, decider, actual_kw, IslandGuard(world))
        assert episode.worst_beyond_pu.max() == 0.0
        assert episode.objective[0] > plan.objective[0]


@pytest.mark.parametrize(
    "scenario", ["perfect", "short15", "short30", "random", "late"]
)
def test_all_seeds_are_ahead_of_the_plan_within_all_limits(scenario: Scenario) -> None:
    world = make_world(RestorationWorldConfig(), read_island("ieee36"))
    actual_kw = world.actual_kw(scenario, SEEDS)
    plan = play(world, PlanDecider(world), actual_kw)
    policies = find_policies(world, None).by_name["cpo"]
    assert sorted(policies) == [0, 1, 2, 3, 4]
    guard = IslandGuard(world)
    gains = []
    for decider in policies.values():
        episode = play(world, decider, actual_kw, guard)
        assert episode.worst_beyond_pu.max() == 0.0
        assert not episode.is_dead.any()
        gains.append(float((episode.objective - plan.objective).mean()))
    # kWh of some 13 MWh: the plan is within a thousandth of the bound
    assert np.mean(gains) > 1.0
