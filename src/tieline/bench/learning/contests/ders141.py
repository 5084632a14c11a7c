"""Batteries, PV and flexible loads on 141 buses, corrected."""

from __future__ import annotations

from tieline.bench.learning.contest import Contest
from tieline.bench.learning.contests.ders import (
    LEARNERS,
    OPTIMUM,
    RULES,
    WIDER,
    splits_of,
)
from tieline.bench.learning.contests.whole_days import loss_kwh
from tieline.envs import make_task

NAME = "ders141"


def ders141() -> Contest:
    """Twelve devices lower losses and keep voltages, and are paid for what they give."""
    return Contest(
        name=NAME,
        question="Four batteries, four PV inverters and four flexible loads are set every half hour, each by an agent "
        "of its own. The return is money: losses in lines and batteries, sun spilled, energy missing in batteries at midnight, "
        "load curtailed and put off, and a high price for voltages outside the limits.",
        unit="USD a day",
        training=lambda: make_task(NAME),
        splits=splits_of(NAME),
        rules=RULES,
        optimum=OPTIMUM,
        learners=LEARNERS,
        loss_kwh=loss_kwh,
        money_per_return=1.0,
        currency="USD",
        wider=WIDER,
    )
