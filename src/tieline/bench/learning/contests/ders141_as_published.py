"""Batteries, PV and flexible loads on 141 buses as published, flaws kept: for comparison, not for conclusions."""

from __future__ import annotations

from tieline.bench.learning.contest import Contest
from tieline.bench.learning.contests.ders import (
    LEARNERS,
    OPTIMUM,
    RULES,
    WIDER,
)
from tieline.bench.learning.contests.whole_days import loss_kwh, split_of
from tieline.envs import make_task

NAME = "ders141-as-published"


def ders141_as_published() -> Contest:
    """Twelve devices lower losses at no cost."""
    return Contest(
        name=NAME,
        question="Four batteries, four PV inverters and four flexible loads are set every half hour, each by an agent "
        "of its own. The return counts losses and voltages alone: curtailing is free, and so is the energy in the batteries at "
        "the start.",
        unit="0.1 MW, added up over 48 half hours",
        training=lambda: make_task(NAME, split="train"),
        splits={
            "published windows": lambda: split_of(NAME, split="iid"),
            "twice the PV": lambda: split_of(NAME, split="pv-penetration"),
            "15 % more load": lambda: split_of(NAME, split="load-stress"),
            "tighter limits": lambda: split_of(NAME, split="voltage-tightening"),
        },
        rules=RULES,
        optimum=OPTIMUM,
        learners=LEARNERS,
        loss_kwh=loss_kwh,
        wider=WIDER,
        counted=("outside_buses",),
    )
