"""A few updates: limits come back, the same seed gives the same policies, checks see days that no update sees."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.agents.constrained_update.easing import eased
from tieline.agents.constrained_update.trust_region import central_step
from tieline.envs.microgrids.plant import Plant
from tieline.studies.microgrids.training.config import (
    LearnerConfig,
    MicrogridsTrainingConfig,
)
from tieline.studies.microgrids.training.learner import Learned
from tieline.studies.microgrids.training.pupils import Pupils

SHORT = LearnerConfig(
    updates=4,
    walkers=64,
    plain_windows=32,
    lesson_days=4,
    check_days=2,
    check_every=2,
    hidden=(16,),
)


@pytest.fixture(scope="module")
def pupils(plant: Plant) -> Pupils:
    """Agents with a small training before them."""
    return Pupils(plant, MicrogridsTrainingConfig(learner=SHORT, held_out=2))


@pytest.fixture(scope="module")
def learned(pupils: Pupils) -> Learned:
    """After four updates."""
    return pupils.learn(0, lambda *_: None, eased(central_step))


def test_what_is_broken_comes_back(learned: Learned) -> None:
    curve = learned.curve
    assert (curve["part"] > 0).all()
    assert curve["worst_tail"].iloc[-1] < 0.95 * curve["worst_tail"].iloc[0]
    checks = curve.dropna(subset=["return_mean"])
    assert checks["update"].tolist() == [2, 4]


def test_the_same_seed_gives_the_same_policies(
    pupils: Pupils, learned: Learned
) -> None:
    again = pupils.learn(0, lambda *_: None, eased(central_step))
    weight, _ = learned.policies[0].mean[0]
    weight_again, _ = again.policies[0].mean[0]
    np.testing.assert_array_equal(weight, weight_again)
