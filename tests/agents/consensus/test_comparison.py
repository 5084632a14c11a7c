"""Gap and violation by hand: one agent that may go along x and is to stay below 0.5."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tieline.agents.consensus.comparison import against_central
from tieline.agents.constrained_update.gram import Gram
from tieline.agents.constrained_update.trust_region import StepQuestion, central_step


def question(slack: float) -> StepQuestion:
    slopes = np.array([[2.0], [1.0]])
    return StepQuestion([Gram.of(slopes, slopes)], np.array([slack]), 0.5, np.arange(1))


def test_a_step_that_goes_too_far_gains_more_and_breaks_the_limit() -> None:
    """The central step is 0.5, worth 1; one of 0.6 is worth 1.2 and misses the limit by 0.1 of the reach of 1."""
    central = central_step(question(0.5))
    step = replace(central, objective=1.2, constraints=np.array([0.6]))
    comparison = against_central(question(0.5), step)
    assert comparison.objective_gap == pytest.approx(-0.2, abs=1e-6)
    assert comparison.violation == pytest.approx(0.1, abs=1e-6)
    assert comparison.agrees_on_recovery


def test_of_a_recovery_the_smallest_slack_counts() -> None:
    """A limit 3 below is brought to 2 below by the whole step; a step of 0.75 is a quarter short."""
    central = central_step(question(-3.0))
    assert central.is_recovery
    step = replace(central, constraints=np.array([-0.75]))
    comparison = against_central(question(-3.0), step)
    assert comparison.objective_gap == pytest.approx(0.25, abs=1e-6)
    assert comparison.violation == pytest.approx(0.25, abs=1e-6)
