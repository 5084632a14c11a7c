"""A trust region that ends before the limits: by hand on a line, far from limits, and in a training without a margin."""

from __future__ import annotations

import numpy as np
import pytest
from step_questions import random_question

from tieline.agents.constrained_update.barrier_region import barrier_step
from tieline.agents.constrained_update.gram import Gram
from tieline.agents.constrained_update.trust_region import StepQuestion, central_step


def on_a_line(slack: float) -> StepQuestion:
    """Raise x within |x| <= 1 and x <= slack."""
    ones = np.ones((2, 1))
    return StepQuestion([Gram.of(ones, ones)], np.array([slack]), 0.5, np.arange(1))


def test_the_end_of_the_region_on_a_line() -> None:
    """x^2 / 2 - log(1 - x / 0.4) - x / 0.4 = 1 / 2 at the step."""
    x = barrier_step(1.0)(on_a_line(0.4)).objective
    assert 0.5 * x**2 - np.log(1 - x / 0.4) - x / 0.4 == pytest.approx(0.5)
    assert 0.2 < x < 0.4


@pytest.mark.parametrize("slack", [1e-8, 1e-3, 0.1])
def test_a_limit_is_never_met(slack: float) -> None:
    step = barrier_step()(on_a_line(slack))
    assert 0.3 * slack < step.constraints[0] < slack


def test_far_from_all_limits_it_is_the_step_of_the_plain_region() -> None:
    """Each agent goes along its slope to its own end, as agents of equal slopes do in the joint region too."""
    slopes = np.eye(2)
    grams = [Gram.of(slopes, slopes)] * 2
    question = StepQuestion(grams, np.array([1e6]), 0.5, np.arange(1))
    step = barrier_step()(question)
    assert step.objective == pytest.approx(2.0, rel=1e-6)


def test_close_to_a_limit_the_step_turns_along_it() -> None:
    """The slope points at the limit at 45 degrees; with next to no slack what is left of the step runs along the limit."""
    slopes = np.array([[1.0, 1.0], [0.0, 1.0]])
    question = StepQuestion(
        [Gram.of(slopes, slopes)], np.array([1e-6]), 0.5, np.arange(1)
    )
    step = barrier_step()(question)
    assert step.objective == pytest.approx(1.0, abs=0.01)
    assert 0 < step.constraints[0] < 1e-6


def test_no_agent_leaves_its_own_region_and_no_limit_is_broken() -> None:
    for seed in range(5):
        question = random_question(seed, broken=-0.01)
        step = barrier_step()(question)
        assert (step.constraints < question.slack).all()
        assert 0.0 < step.objective < central_step(question).objective
        for gram, x in zip(question.grams, step.coefficients, strict=True):
            assert x @ gram.matrix @ x <= 2 * question.delta * (1 + 1e-6)


def test_where_a_limit_is_broken_it_is_the_way_back() -> None:
    question = random_question(0)
    back, step = central_step(question), barrier_step()(question)
    assert step.objective == back.objective


def test_without_any_influence_no_step_is_taken() -> None:
    nothing = Gram(np.zeros((2, 2)))
    question = StepQuestion([nothing], np.array([0.1]), 0.5, np.arange(1))
    step = barrier_step()(question)
    assert step.objective == 0.0
    assert step.is_beyond_influence.tolist() == [True]
