"""What the tasks of batteries, PV and flexible loads share: rules, optimum and learners."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tieline.agents.apg_config import ApgConfig
from tieline.agents.ippo_config import IppoConfig
from tieline.bench.kit.trainings import FewerSet, InRounds, Learner
from tieline.bench.learning.contest import Rule, Split
from tieline.bench.learning.contests.day_learners import (
    APG_SPREAD,
    CPO,
    EPISODES,
    NOISY_APG,
    OF_CPO,
    OWN,
    OWN_PPO,
    SB3_PPO,
    STEPS,
    STEPS_OF_DAY,
)
from tieline.bench.learning.contests.whole_days import optimum_by, split_of
from tieline.envs import make_task
from tieline.envs.ders.base import DersTask
from tieline.envs.ders.mpc import MpcRule, TypicalDayForecast
from tieline.envs.ders.optimum import OptimumRule
from tieline.envs.ders.rules import Idle, VoltDroop

AGENT_WIDTH = 64
"""Neurons of each layer of an agent, which sees 17 numbers at most."""

PRICE_RATE = 0.05
"""Rise of a limit's price in a round in which one bus is outside in every step; no other was tried."""

ONE_LINE_RULES: Mapping[str, Rule] = {
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

RULES: Mapping[str, Rule] = {
    **ONE_LINE_RULES,
    "MPC, typical day": Rule(
        "plans the next three hours in every step, by load and sun now and the mean day of training",
        lambda task: MpcRule(task, _typical_day(task)),
        "mpc",
    ),
}

OF_AGENT = IppoConfig.model_validate(
    {**OWN.config.model_dump(), "hidden": (AGENT_WIDTH, AGENT_WIDTH)}
)

IPPO = Learner(
    "IPPO",
    f"each of the twelve devices learns by PPO from what it alone sees, with networks of its own, two layers of {AGENT_WIDTH}; "
    f"{EPISODES} days side by side",
    "jax",
    "learn",
    STEPS,
    InRounds(OF_AGENT),
)

PRICED_IPPO = Learner(
    "IPPO, limits priced",
    "the same, where broken limits have a price that rises until they are kept (Lagrangian), in place of the weight that the "
    "return gives voltages",
    "jax",
    "learn",
    STEPS,
    InRounds(
        OF_AGENT.model_copy(
            update={"left_out": ("outside_pu",), "multiplier_rate": PRICE_RATE}
        )
    ),
)

OF_AGREED_CPO = OF_CPO.model_copy(
    update={"each_agent": True, "steps_by": "ring", "stride": OF_CPO.stride / 2}
)
"""An agent sets two of the 24 numbers: what all of them move together is still more than what one policy of all does."""

OF_EACH = ApgConfig(
    hidden=(AGENT_WIDTH, AGENT_WIDTH),
    each_agent=True,
    episodes=EPISODES,
    round_steps=STEPS_OF_DAY,
    spread=APG_SPREAD,
    head="clip",
)

APG_OF_EACH = Learner(
    "APG of each agent",
    f"each of the twelve devices has a network of its own, two layers of {AGENT_WIDTH}, for what it alone sees; they learn "
    "together along the gradient of the return of all, with noise that falls to nothing",
    "jax",
    "learn",
    2 * STEPS,
    InRounds(OF_EACH),
)

SHORT_CPO = replace(CPO, steps=STEPS // 10)

AGREED_CPO = Learner(
    "CPO by consensus",
    "the same, where each of the twelve devices has a policy of its own for what it alone sees, and they find every update among "
    "themselves, each hearing two others",
    "jax",
    "learn",
    STEPS // 10,
    InRounds(OF_AGREED_CPO),
)

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

LEARNERS = (
    NOISY_APG,
    APG_OF_EACH,
    SHORT_CPO,
    AGREED_CPO,
    IPPO,
    PRICED_IPPO,
    OWN_PPO,
    FLEXIBLE_ONLY,
    SB3_PPO,
)

WIDER = ((OWN_PPO.name, FLEXIBLE_ONLY.name),)


def _typical_day(task: DersTask) -> TypicalDayForecast:
    """The mean of the training days of the same form."""
    training = make_task(task.name, split="train")
    assert isinstance(training, DersTask)
    return TypicalDayForecast(task.days, training.days)


def splits_of(name: str) -> Mapping[str, Callable[[], Split]]:
    """Days that judge a corrected task."""
    return {
        "unseen days": lambda: split_of(name, split="held-out"),
        "summer": lambda: split_of(name, split="summer"),
        "twice the PV": lambda: split_of(name, split="pv-penetration"),
        "15 % more load": lambda: split_of(name, split="load-stress"),
        "tighter limits": lambda: split_of(name, split="voltage-tightening"),
    }


OPTIMUM = optimum_by(OptimumRule)
