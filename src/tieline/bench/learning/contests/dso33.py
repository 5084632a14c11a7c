"""Flexible loads on 33 buses, corrected."""

from __future__ import annotations

from tieline.bench.learning.contest import Contest
from tieline.bench.learning.contests.flexible_loads import (
    LEARNERS,
    OPTIMUM,
    RULES,
    WIDER,
)
from tieline.bench.learning.contests.whole_days import loss_kwh, split_of
from tieline.envs import make_task

NAME = "dso33"


def dso33() -> Contest:
    """Six flexible loads keep voltages and lower losses, are paid for it, and catch up within the day."""
    return Contest(
        name=NAME,
        question="Six loads may be curtailed or put off, every half hour. The return is money: what energy lost in lines, "
        "curtailed and put off costs, and a high price for voltages outside 0.94 to 1.06 pu. No load gives more than it has, "
        "and what is put off comes back within the day.",
        unit="USD a day",
        training=lambda: make_task(NAME),
        splits={
            "unseen days": lambda: split_of(NAME, split="held-out"),
            "summer": lambda: split_of(NAME, split="summer"),
            "other substations": lambda: split_of(NAME, split="other-zones"),
        },
        rules=RULES,
        optimum=OPTIMUM,
        learners=LEARNERS,
        loss_kwh=loss_kwh,
        money_per_return=1.0,
        currency="USD",
        wider=WIDER,
        notes=("The days that train judge nobody.",),
    )
