"""What contests of whole days share: every day once, the optimum of a day with its bound, what a day loses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from tieline.bench.learning.contest import Optimum, Split
from tieline.envs import make_task
from tieline.envs.draws import pick, seed_for_each
from tieline.envs.substation_days.series import STEP_H
from tieline.typing import FloatArray

OF_OPTIMUM = (
    "an optimal power flow over all steps of the day, which it knows, as a second-order cone program; no decider passes its "
    "bound"
)


def split_of(name: str, **settings: Any) -> Split:
    """Every day of a task once."""
    task: Any = make_task(name, **settings)
    return Split(task, list(seed_for_each(task.days.n_days)))


def optimum_by(rule_of: Callable[[Any], Any]) -> Optimum:
    """The optimum of a task's own `OptimumRule`, which plans a day and bounds it."""
    return Optimum(OF_OPTIMUM, lambda split: rule_of(split.task), _bounds)


def _bounds(decider: Any, split: Split) -> FloatArray:
    """Of each day, in the order in which the split plays them."""
    days = pick(np.array(split.seeds), split.task.days.n_days)
    return decider.bounds(days.tolist())


def loss_kwh(task: Any, episodes: pd.DataFrame) -> FloatArray:
    """Lost in lines in each day [kWh]; the term of a task as published is in MW of each half hour."""
    del task
    if "loss_kwh" in episodes:
        return episodes["loss_kwh"].to_numpy(float)
    return episodes["loss_mw"].to_numpy(float) * STEP_H * 1e3
