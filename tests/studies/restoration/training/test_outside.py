"""How far a droop unit would leave its range, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tieline.agents.restoration_policies.policies import PlanDecider
from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.envs.restoration.episode import play
from tieline.envs.restoration.plan.figures import IslandFigures
from tieline.envs.restoration.seen import Seen
from tieline.envs.restoration.step.set_points import SetPoints
from tieline.envs.restoration.world import RestorationWorld, make_world
from tieline.feeders.islands import read_island
from tieline.opf.restoration.state import IslandState
from tieline.studies.restoration.training.outside import outside_range


class TooMuch:
    """Picks up 10 % of all load more than the plan in the first step."""

    def __init__(self, world: RestorationWorld):
        self._plan = PlanDecider(world)

    def decide(self, state: IslandState, sight: Seen) -> SetPoints:
        wish = self._plan.decide(state, sight)
        return replace(wish, served=wish.served + 0.1)


def test_what_relief_drops_is_told_as_if_it_were_on() -> None:
    world = make_world(RestorationWorldConfig(steps=1), read_island("ieee36"))
    figures = IslandFigures.of(world)
    actual_kw = world.forecast_kw[None]
    plain = outside_range(
        world.plant, figures, play(world, PlanDecider(world), actual_kw)
    )
    more = outside_range(world.plant, figures, play(world, TooMuch(world), actual_kw))
    # step 0: above the range, then below it
    assert plain.shape == (1, 2)
    assert -0.02 < plain[0, 0] < 0.0
    change_kw = (more - plain)[0, 0] * figures.units.ceiling_kw[0]
    assert change_kw == pytest.approx(0.1 * figures.load_kw.sum(), rel=0.02)
    assert np.all(more[:, 1] < 0)
