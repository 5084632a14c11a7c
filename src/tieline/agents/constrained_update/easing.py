"""Limits that are far broken come back in parts, while the objective is still looked after.

    change of constraint m <= (1 - k) x (limit_m - J_m)   where it is broken,   <= limit_m - J_m   where it holds

with the smallest k of a few for which a step exists. The recovery step proper looks at the worst constraint alone: it lets others
be broken up to that, and spends whatever the objective has. It is taken where no k has a step.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tieline.agents.constrained_update.trust_region import JointStep, StepQuestion
from tieline.agents.constrained_update.update import FindStep

SHARES_KEPT = (0.5, 0.8, 0.92, 0.97)
"""k, tried in turn: half of an excess is gone after one update, or after three, eight, twenty-three."""


def eased(find_step: FindStep) -> FindStep:
    """A solver of joint programs that eases broken limits before it gives up."""

    def find(question: StepQuestion) -> JointStep:
        slack = question.slack
        for share in SHARES_KEPT:
            target = np.where(slack < 0, (1.0 - share) * slack, slack)
            step = find_step(replace(question, slack=target))
            if not step.is_recovery:
                break
        return step

    return find
