"""What is asked of a step where limits are broken."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.agents.constrained_update.easing import eased
from tieline.agents.constrained_update.gram import Gram
from tieline.agents.constrained_update.trust_region import (
    JointStep,
    StepQuestion,
    central_step,
)

GRAM = Gram(np.array([[1.0, 0.0], [0.0, 1.0]]))
"""An agent whose step changes the objective along one direction and a constraint along another."""


def asked(slack: float) -> JointStep:
    """The eased step with a trust region in which the constraint can change by one."""
    question = StepQuestion([GRAM], np.array([slack]), 0.5, np.array([0]))
    return eased(central_step)(question)


def test_half_of_what_is_broken_comes_back_and_the_rest_goes_to_the_objective() -> None:
    step = asked(-1.2)
    assert step.constraints == pytest.approx([-0.6], abs=1e-6)
    assert step.objective == pytest.approx(0.8, abs=1e-6)


def test_as_much_as_there_is_a_step_for() -> None:
    # half of 4 is out of reach; a fifth of it is not
    step = asked(-4.0)
    assert not step.is_recovery
    assert step.constraints == pytest.approx([-0.8], abs=1e-6)


def test_far_beyond_all_reach_the_step_goes_back_as_far_as_it_can() -> None:
    step = asked(-100.0)
    assert step.is_recovery
    assert step.constraints == pytest.approx([-1.0], abs=1e-4)
