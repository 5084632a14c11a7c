"""A network repeats a teacher."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tieline.agents.restoration_policies.policies import PlanDecider
from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.envs.restoration.seen import Seen
from tieline.envs.restoration.step.set_points import SetPoints
from tieline.envs.restoration.world import RestorationWorld, make_world
from tieline.feeders.islands import read_island
from tieline.opf.restoration.state import IslandState, first_state
from tieline.studies.restoration.training.classroom import Classroom, plain_layers
from tieline.studies.restoration.training.config import LearnerConfig
from tieline.studies.restoration.training.imitation import imitate
from tieline.studies.restoration.training.learner import first_policy
from tieline.studies.restoration.training.lessons import check_draws


class Careful:
    """Serves 5 % of each load less than the plan, and lets batteries be."""

    def __init__(self, world: RestorationWorld):
        self._plan = PlanDecider(world)

    def decide(self, state: IslandState, sight: Seen) -> SetPoints:
        wish = self._plan.decide(state, sight)
        return replace(wish, served=0.95 * wish.served)


def test_it_decides_as_its_teacher_does() -> None:
    world = make_world(RestorationWorldConfig(steps=3), read_island("ieee36"))
    config = LearnerConfig(draws=8, check_draws=4, hidden=(16,), imitation_draws=4)
    classroom = Classroom(world, config)
    teacher = Careful(world)
    start = first_policy(classroom, 0)
    learned = imitate(classroom, start, teacher, 0, lambda *_: None)
    sight = Seen(0, world.forecast_kw, world.forecast_kw[None, :1])
    state = first_state(world.plant, 1)
    decider = classroom.decider(plain_layers(learned.policy.mean))
    taught = teacher.decide(state, sight).served
    served = decider.decide(state, sight).served
    np.testing.assert_allclose(served, taught, atol=5e-3)
    # rounds of 4 draws and 3 steps each
    assert learned.curve["step"].tolist() == [12, 24]
    # the round that is kept is the best of the curve
    episode = classroom.play_mean(learned.policy, check_draws(world, config))
    best = learned.curve["return_mean"].max()
    assert episode.objective.mean() == pytest.approx(best)
