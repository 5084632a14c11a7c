"""Flexible loads on 123 nodes, with phases and with regulators that act: the published task cannot be played there."""

from __future__ import annotations

from tieline.bench.learning.contest import Contest
from tieline.bench.learning.contests.day_learners import OWN_PPO
from tieline.bench.learning.contests.flexible_loads import (
    ONE_LINE_RULES,
)
from tieline.bench.learning.contests.whole_days import loss_kwh, split_of
from tieline.envs import make_task

NAME = "dso123"


def dso123() -> Contest:
    """Six flexible loads on a feeder whose regulators act."""
    return Contest(
        name=NAME,
        question="As dso33, on a feeder with phases whose regulators act: where they stand is where the step before left them. "
        "No optimum of a whole day is proven there, as taps are whole numbers.",
        unit="USD a day",
        training=lambda: make_task(NAME),
        splits={
            "unseen days": lambda: split_of(NAME, split="held-out"),
            "summer": lambda: split_of(NAME, split="summer"),
        },
        rules=ONE_LINE_RULES,
        optimum=None,
        learners=(OWN_PPO,),
        loss_kwh=loss_kwh,
        money_per_return=1.0,
        currency="USD",
    )
