"""What agents came to by themselves beside what one solver finds who knows everything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.agents.constrained_update.trust_region import (
    JointStep,
    StepQuestion,
    central_step,
)


@dataclass(frozen=True)
class Comparison:
    """Of one step, by the linear model.

    Attributes:
        objective_gap: what the central step gains more, as a part of what it gains; of recovery steps, how much larger its
            smallest slack is, as a part of the largest reach. Negative where agents gain more by breaking limits a little.
        violation: how far the worst limit is missed beyond what the central step misses it by, as a part of what all agents
            together can change it by; 0 within all.
        agrees_on_recovery: whether both say the same of whether any step obeys all limits.
    """

    objective_gap: float
    violation: float
    agrees_on_recovery: bool


def against_central(question: StepQuestion, step: JointStep) -> Comparison:
    """Solve the question centrally and compare."""
    central = central_step(question)
    is_moved = ~central.is_beyond_influence
    reaches = [gram.reach for gram in question.grams]
    reach = np.sqrt(2.0 * question.delta) * np.sum(reaches, axis=0)[1:][is_moved]
    slack = question.slack[is_moved]
    slack_left = slack - step.constraints[is_moved]
    central_left = slack - central.constraints[is_moved]
    # a recovery cannot obey all limits either way
    allowed = np.minimum(central_left.min(initial=0.0), 0.0)
    missed = np.maximum(allowed - slack_left, 0.0)
    gap = central.objective - step.objective
    scale = abs(central.objective)
    if central.is_recovery:
        gap = central_left.min(initial=0.0) - slack_left.min(initial=0.0)
        scale = reach.max(initial=0.0)
    return Comparison(
        objective_gap=float(gap / (scale or 1.0)),
        violation=float((missed / reach).max(initial=0.0)),
        agrees_on_recovery=step.is_recovery == central.is_recovery,
    )
