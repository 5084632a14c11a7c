"""Batteries, PV and flexible loads on 123 nodes, with phases and with regulators that act."""

from __future__ import annotations

from dataclasses import replace

from tieline.bench.learning.contest import Contest
from tieline.bench.learning.contests.day_learners import OWN_PPO, STEPS
from tieline.bench.learning.contests.ders import IPPO, ONE_LINE_RULES, splits_of
from tieline.bench.learning.contests.whole_days import loss_kwh
from tieline.envs import make_task

NAME = "ders123"

FEWER_STEPS = STEPS // 4
"""A step takes several times as long as one of the compiled tasks: regulators act between two power flows."""


def ders123() -> Contest:
    """Twelve devices on a feeder whose regulators act."""
    return Contest(
        name=NAME,
        question="As ders141, on a feeder with phases whose regulators act: where they stand is where the step before left them. "
        "No optimum of a whole day is proven there, as taps are whole numbers.",
        unit="USD a day",
        training=lambda: make_task(NAME),
        splits=splits_of(NAME),
        rules=ONE_LINE_RULES,
        optimum=None,
        learners=(
            replace(OWN_PPO, steps=FEWER_STEPS),
            replace(IPPO, steps=FEWER_STEPS),
        ),
        loss_kwh=loss_kwh,
        money_per_return=1.0,
        currency="USD",
    )
