"""Derivatives of whole episodes against differences of exact ones."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from tieline.agents.constrained_update.gaussian import GaussianPolicy
from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.envs.restoration.world import make_world
from tieline.feeders.islands import read_island
from tieline.studies.restoration.training.classroom import Classroom
from tieline.studies.restoration.training.config import LearnerConfig
from tieline.studies.restoration.training.learner import first_policy
from tieline.studies.restoration.training.problem import EpisodeProblem
from tieline.studies.restoration.training.roll_out import Practice

STEPS = 5
DRAWS = 8
SPREAD = 0.01
SIZE = 1e-5


@pytest.fixture(scope="module")
def classroom() -> Classroom:
    world = make_world(RestorationWorldConfig(steps=STEPS), read_island("ieee36"))
    return Classroom(world, LearnerConfig(draws=DRAWS, hidden=(4,), spread=SPREAD))


@pytest.fixture(scope="module")
def policy(classroom: Classroom) -> GaussianPolicy:
    """A policy whose later decisions do follow from the states that earlier ones lead to."""
    first = first_policy(classroom, 0)
    *hidden, (weight, bias) = first.mean
    stronger = first._replace(mean=(*hidden, (10.0 * weight, bias)))
    return jax.tree.map(lambda array: np.asarray(array, dtype=float), stronger)


def practice(classroom: Classroom, noise: np.ndarray) -> Practice:
    actual_kw = classroom.world.actual_kw("practice", np.arange(DRAWS))
    return Practice(actual_kw, noise)


def test_return_moves_as_its_derivatives_say(
    classroom: Classroom, policy: GaussianPolicy
) -> None:
    """Sample by sample; relief is exact to a watt, and a kink is met now and then."""
    random = np.random.default_rng(1)
    noise = random.standard_normal((STEPS, DRAWS, 43))
    problem = EpisodeProblem(classroom, practice(classroom, noise))
    actions = problem.act((policy,))
    problem.returns(actions)
    (slopes,) = problem.slopes(actions, np.arange(0))
    by_number = slopes[0].reshape(noise.shape)
    misses = []
    for step in range(STEPS):
        for draw in range(2):
            direction = np.zeros(noise.shape)
            direction[step, draw] = random.standard_normal(43)
            ahead = _objective(classroom, policy, noise + SIZE * direction / SPREAD)
            behind = _objective(classroom, policy, noise - SIZE * direction / SPREAD)
            expected = float((by_number * direction).sum())
            change = (ahead - behind) / (2.0 * SIZE)
            misses.append(abs(change / expected - 1.0))
    assert np.median(misses) < 1e-3
    assert max(misses) < 0.03


def _objective(
    classroom: Classroom, policy: GaussianPolicy, noise: np.ndarray
) -> float:
    problem = EpisodeProblem(classroom, practice(classroom, noise))
    return problem.returns(problem.act((policy,))).objective


def test_later_rewards_count_for_earlier_numbers(
    classroom: Classroom, policy: GaussianPolicy
) -> None:
    """Fuel is scarce: a kW more of load now is one less later, so that its worth is far below that of the step alone."""
    noise = np.zeros((STEPS, DRAWS, 43))
    problem = EpisodeProblem(classroom, practice(classroom, noise))
    actions = problem.act((policy,))
    problem.returns(actions)
    (slopes,) = problem.slopes(actions, np.arange(0))
    by_step = slopes[0].reshape(STEPS, DRAWS, 43)[:, :, :25].sum(axis=(1, 2))
    full_kwh = classroom.figures.load_kw.sum() * 0.25
    alone = 100.0 * full_kwh / (STEPS * full_kwh)
    assert by_step[2] < 0.5 * alone
