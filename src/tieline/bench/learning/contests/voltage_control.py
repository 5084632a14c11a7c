"""Voltage control: the days, rules, optimum and learners of its own benchmark, under the common protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from tieline.agents.apg_config import ApgConfig
from tieline.agents.ppo_config import PpoConfig
from tieline.bench.kit.trainings import InRounds, Learner
from tieline.bench.learning.contest import Contest, Optimum, Rule, Split
from tieline.bench.voltage_control.baselines import RULES, Witness
from tieline.bench.voltage_control.held_out import HeldOut
from tieline.bench.voltage_control.learners import DDPG, PPO, SAC
from tieline.envs import make_task
from tieline.envs.voltage_control.task import VoltageControlTask
from tieline.typing import FloatArray

DAYS = 40

MORE_LOAD = 1.15
"""As in the published stress test of the tasks on 141 buses."""

OWN_PPO = Learner(
    "PPO, tieline's",
    "64 days side by side, two layers of 128, discount 0",
    "jax",
    "learn",
    150_000,
    InRounds(
        PpoConfig(
            hidden=(128, 128),
            discount=0.0,
            trace=0.0,
            rate=1e-3,
            episodes=64,
            round_steps=96,
        )
    ),
)


APG = Learner(
    "APG",
    "tieline's analytic policy gradient: the return of a day differentiated through the power flow; 32 days side by side, two "
    "layers of 128",
    "jax",
    "learn",
    900_000,
    InRounds(ApgConfig(hidden=(128, 128), round_steps=96)),
)


def voltage_control() -> Contest:
    """Six PV inverters hold the voltages of a feeder with reactive power, every quarter of an hour."""
    task = make_task("voltage-control")
    assert isinstance(task, VoltageControlTask)
    return Contest(
        name="voltage-control",
        question="PV inverters hold voltages with reactive power, every quarter of an hour. The return counts losses and, far "
        "more, voltages outside the band ([more](voltage-control.md)).",
        unit="% of the peak load, added up over a day",
        training=lambda: task,
        splits={
            "unseen days": lambda: _unseen(task),
            "15 % more load": lambda: _more_load(task),
        },
        rules={
            name: Rule(words, decider_of) for name, (words, decider_of) in RULES.items()
        },
        optimum=Optimum(
            "a chain of optimal power flows, one for each step, whose cone relaxation bounds every decider",
            lambda split: Witness.of(split.task),
            _bounds,
        ),
        learners=(APG, OWN_PPO, PPO, SAC, DDPG),
        loss_kwh=_loss_kwh,
    )


def _unseen(training: VoltageControlTask) -> Split:
    held_out = HeldOut(training, DAYS)
    return Split(held_out.task, list(held_out.seeds))


def _more_load(training: VoltageControlTask) -> Split:
    """The same days, with more load than any that trains."""
    held_out = HeldOut(training, DAYS)
    task = held_out.task
    days = replace(task.days, load_pu=MORE_LOAD * task.days.load_pu)
    heavier = VoltageControlTask(task.config, task.model, days)
    heavier.constraints = task.constraints
    return Split(heavier, list(held_out.seeds))


def _bounds(decider: Any, split: Split) -> Sequence[float]:
    return decider.day_bounds(len(split.seeds)).tolist()


def _loss_kwh(task: VoltageControlTask, episodes: pd.DataFrame) -> FloatArray:
    peak_kw = task.model.network.feeder.peak_load_kw
    hours = task.config.profiles.step_minutes / 60.0
    share = episodes["loss_pct"].to_numpy(float) / 100.0
    return np.asarray(share * peak_kw * hours)
