"""Draws of lessons: of three kinds, the same again, none of them a check's."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.envs.restoration.world import RestorationWorld, make_world
from tieline.feeders.islands import read_island
from tieline.studies.restoration.training.config import LearnerConfig
from tieline.studies.restoration.training.lessons import check_draws, lesson_draws

CONFIG = LearnerConfig(draws=12, check_draws=12)


@pytest.fixture(scope="module")
def world() -> RestorationWorld:
    return make_world(RestorationWorldConfig(), read_island("ieee36"))


def test_the_same_seed_and_update_have_the_same_draws(world: RestorationWorld) -> None:
    first = lesson_draws(world, CONFIG, 3, 5)
    np.testing.assert_array_equal(first, lesson_draws(world, CONFIG, 3, 5))
    assert not np.array_equal(first, lesson_draws(world, CONFIG, 3, 6))
    assert not np.array_equal(first, check_draws(world, CONFIG))


def test_a_drop_lasts_to_the_end_and_is_no_more_than_half(
    world: RestorationWorld,
) -> None:
    factor = lesson_draws(world, CONFIG, 0, 0) / world.forecast_kw
    drops = factor[8:]
    for draw in drops:
        np.testing.assert_allclose(draw, draw[:, :1] * np.ones((1, 3)))
        changes = np.flatnonzero(np.abs(np.diff(draw[:, 0])) > 1e-9)
        assert len(changes) <= 1
        assert 0.5 <= draw[-1, 0] / draw[0, 0] <= 1.0


def test_nothing_exceeds_a_rating_or_is_below_nothing(world: RestorationWorld) -> None:
    draws = lesson_draws(world, CONFIG, 1, 1)
    assert draws.shape == (12, 24, 3)
    assert (draws <= world.plant.renewables.p_max_kw).all()
    assert (draws >= 0).all()
