"""Rules for the task `microgrids`, each to be made a decider by `agents.RuleDecider`."""

from __future__ import annotations

from tieline.envs.microgrids.plan import merit_plan
from tieline.envs.microgrids.set_points import planned
from tieline.envs.microgrids.task import MicrogridsState, MicrogridsTask
from tieline.typing import FloatArray


def merit_order(task: MicrogridsTask, state: MicrogridsState) -> FloatArray:
    """Every device by itself, against the price (see `plan`), (episode, action)."""
    step = task.windows(state, 1)
    wish = planned(task.plant, step, merit_plan(task.plant, step))
    first = (slice(None), 0)
    return task.guarded.entries.taken(wish.der_kw[first], wish.der_kvar[first])
