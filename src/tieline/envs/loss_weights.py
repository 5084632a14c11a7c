"""`Weights`: what a task weighs beside losses, in energy lost: the terms in which its optimum is worked out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tieline.envs.substation_days.series import STEP_H
from tieline.envs.task import Task
from tieline.errors import InputError

LIMITS_FIRST_KWH = 1000.0 / 57.0 * 1e3
"""Weight of a voltage outside limits, per pu in a step, where a task has none: that of the corrected tasks, 1000 against 57 for a
MWh lost."""


@dataclass(frozen=True)
class Weights:
    """What a task weighs: `loss_kwh` in reward per kWh lost; the rest in kWh lost, per kWh or per pu outside in a step."""

    loss_kwh: float
    curtailed_kwh: float
    shifted_kwh: float
    outside_pu: float

    @classmethod
    def of(cls, task: Task[Any]) -> Weights:
        """Read from the names of the reward terms; raises `InputError` if losses count nothing."""
        by_name = {term.name: -term.weight for term in task.terms}
        per_mw = by_name.get("loss_mw", 0.0)
        loss = by_name.get("loss_kwh", per_mw / (1e3 * STEP_H))
        if not loss > 0:
            raise InputError(
                "The proven optimum needs losses that count: its relaxation is not tight without. Give losses a price above 0."
            )
        outside = by_name.get("outside_pu", 0.0) / loss
        return cls(
            loss_kwh=loss,
            curtailed_kwh=by_name.get("curtailed_kwh", 0.0) / loss,
            shifted_kwh=by_name.get("shifted_kwh", 0.0) / loss,
            outside_pu=outside or LIMITS_FIRST_KWH,
        )
