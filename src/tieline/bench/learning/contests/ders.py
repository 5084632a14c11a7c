"""What both forms of the task on 141 buses share: rules, optimum, learners, days and losses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tieline.bench.kit.trainings import FewerSet, Learner
from tieline.bench.learning.contest import Optimum, Rule, Split
from tieline.bench.learning.contests.day_learners import OWN, OWN_PPO, SB3_PPO, STEPS
from tieline.envs import make_task
from tieline.envs.ders.base import DersTask
from tieline.envs.ders.optimum import OptimumRule
from tieline.envs.ders.rules import Idle, VoltDroop
from tieline.envs.draws import pick, seed_for_each
from tieline.envs.substation_days.series import STEP_H
from tieline.typing import FloatArray

RULES: Mapping[str, Rule] = {
    "nothing": Rule("PV feeds in what it has, all else is idle", Idle),
    "curtail all": Rule(
        "the flexible loads curtail all they can in every step, all else is idle",
        lambda task: Idle(task, curtail_share=1.0),
    ),
    "droop": Rule(
        "inverters answer the voltage with reactive power; far from 1 pu sun and load give way, as published",
        VoltDroop,
    ),
}

FLEXIBLE_ONLY = Learner(
    "PPO of flexible loads alone",
    'the same, where batteries and PV are left as the rule "nothing" leaves them',
    "jax",
    "learn",
    STEPS,
    FewerSet(
        OWN,
        ("curtail_share", "shift_share"),
        lambda task: task.idle_action(1)[0],
    ),
)

LEARNERS = (OWN_PPO, FLEXIBLE_ONLY, SB3_PPO)

WIDER = ((OWN_PPO.name, FLEXIBLE_ONLY.name),)


def _bounds(decider: OptimumRule, split: Split) -> FloatArray:
    """Of each day, in the order in which the split plays them."""
    days = pick(np.array(split.seeds), split.task.days.n_days)
    return decider.bounds(days.tolist())


OPTIMUM = Optimum(
    "an optimal power flow over all steps of the day, which it knows, as a second-order cone program; no decider passes its "
    "bound",
    lambda split: OptimumRule(split.task),
    _bounds,
)


def split_of(name: str, **settings: Any) -> Split:
    """Every day of a task once."""
    task = make_task(name, **settings)
    assert isinstance(task, DersTask)
    return Split(task, list(seed_for_each(task.days.n_days)))


def loss_kwh(task: DersTask, episodes: pd.DataFrame) -> FloatArray:
    """Lost in lines in each day [kWh]; the term of the task as published is in MW of each half hour."""
    del task
    if "loss_kwh" in episodes:
        return episodes["loss_kwh"].to_numpy(float)
    return episodes["loss_mw"].to_numpy(float) * STEP_H * 1e3
