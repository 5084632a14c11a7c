"""What both forms of the task on 33 buses share: rules, optimum, days and losses."""

from __future__ import annotations

from collections.abc import Mapping

from tieline.bench.kit.trainings import FewerSet, Learner
from tieline.bench.learning.contest import Rule
from tieline.bench.learning.contests.day_learners import (
    APG,
    CPO,
    NOISY_APG,
    OWN,
    OWN_PPO,
    SAC,
    SB3_PPO,
    STEPS,
)
from tieline.bench.learning.contests.whole_days import optimum_by
from tieline.envs import make_task
from tieline.envs.flexible_loads.base import FlexibleLoadsTask
from tieline.envs.flexible_loads.forecast import TypicalDayForecast
from tieline.envs.flexible_loads.mpc import MpcRule
from tieline.envs.flexible_loads.optimum import OptimumRule
from tieline.envs.flexible_loads.rules import ConstantShares, Droop, FixedHours

ONE_LINE_RULES: Mapping[str, Rule] = {
    "nothing": Rule("nobody gives way", ConstantShares),
    "curtail all": Rule(
        "every device curtails all it can in every step and shifts nothing",
        lambda task: ConstantShares(task, curtail_share=1.0),
    ),
    "fixed hours": Rule(
        "curtail 80 % and shift 50 % of the caps in steps 16 to 20, as published",
        FixedHours,
    ),
    "droop": Rule(
        "the more, the lower the voltage at the bus was in the step before, below 0.96 pu, as published",
        Droop,
    ),
}

RULES: Mapping[str, Rule] = {
    **ONE_LINE_RULES,
    "MPC, typical day": Rule(
        "plans the next six hours in every step, by the load now and the mean day of training",
        lambda task: MpcRule(task, _typical_day(task)),
        "mpc",
    ),
}


CURTAIL_ONLY = Learner(
    "PPO curtailing alone",
    "the same, where nothing can be put off",
    "jax",
    "learn",
    STEPS,
    FewerSet(OWN, ("curtail_share",)),
)

PUBLISHED_LEARNERS = (NOISY_APG, OWN_PPO, CURTAIL_ONLY, SB3_PPO, SAC)

LEARNERS = (APG, CPO, *PUBLISHED_LEARNERS[1:])

WIDER = ((OWN_PPO.name, CURTAIL_ONLY.name),)


def _typical_day(task: FlexibleLoadsTask) -> TypicalDayForecast:
    """The mean of the training days of the corrected task, for both forms: they are of the same months."""
    training = make_task("dso33")
    assert isinstance(training, FlexibleLoadsTask)
    return TypicalDayForecast(task.days, training.days)


OPTIMUM = optimum_by(OptimumRule)
