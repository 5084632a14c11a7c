"""Flexible loads on 33 buses as published, flaws kept: for comparison with the published figures, not for conclusions."""

from __future__ import annotations

from tieline.bench.learning.contest import Contest
from tieline.bench.learning.contests.flexible_loads import (
    OPTIMUM,
    PUBLISHED_LEARNERS,
    RULES,
    WIDER,
)
from tieline.bench.learning.contests.whole_days import loss_kwh, split_of
from tieline.envs import make_task

NAME = "dso33-as-published"


def dso33_as_published() -> Contest:
    """Six flexible loads lower losses at no cost."""
    return Contest(
        name=NAME,
        question="Six loads may be curtailed or put off, every half hour. The return counts losses alone: curtailing is free, a "
        "load may give more than it has, and what would come back after the last step is forgotten.",
        unit="0.1 MW, added up over 48 half hours",
        training=lambda: make_task(NAME, windows="bank"),
        splits={"the 50 published windows": lambda: split_of(NAME)},
        rules=RULES,
        optimum=OPTIMUM,
        learners=PUBLISHED_LEARNERS,
        loss_kwh=loss_kwh,
        wider=WIDER,
        notes=("Eight of the windows that judge are those that train, as published.",),
    )
