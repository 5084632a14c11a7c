"""What both forms of the task on 141 buses share: rules, optimum, learners, days and losses."""

from __future__ import annotations

from collections.abc import Mapping

from tieline.bench.kit.trainings import FewerSet, Learner
from tieline.bench.learning.contest import Rule
from tieline.bench.learning.contests.day_learners import OWN, OWN_PPO, SB3_PPO, STEPS
from tieline.bench.learning.contests.whole_days import optimum_by
from tieline.envs.ders.optimum import OptimumRule
from tieline.envs.ders.rules import Idle, VoltDroop

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


OPTIMUM = optimum_by(OptimumRule)
