"""Rules for the task `microgrids`, each to be made a decider by `agents.RuleDecider`."""

from __future__ import annotations

from tieline.envs.microgrids.plan import merit_plan
from tieline.envs.microgrids.set_points import planned
from tieline.envs.microgrids.task import MicrogridsState, MicrogridsTask
from tieline.typing import FloatArray


def merit_order(task: MicrogridsTask, state: MicrogridsState) -> FloatArray:
    """Every device by itself, against the price (see `plan`), (episode, action)."""
    step = task.windows(state, 1)
    plan = merit_plan(task.plant, step)
    wish = planned(task.plant, step, plan)
    der_kw = wish.der_kw[:, 0]
    der_kvar = wish.der_kvar[:, 0]
    return task.guarded.entries.taken(der_kw, der_kvar)
