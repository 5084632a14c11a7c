"""`safe_step`: what batteries do in a step so that AC keeps the voltage limit: as they wish, else the nearest that does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.studies.battery.ways.bound import problem_of
from tieline.studies.battery.world.question import Question
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class SafeStep:
    """A step as it may be carried out.

    Attributes:
        injection_kw: of the batteries, above 0 where they discharge, (battery,) [kW].
        highest_pu: the highest voltage then [pu]; NaN without a power flow.
        is_safe: whether it is within the limit.
        is_changed: whether it is another than was wished for.
    """

    injection_kw: FloatArray
    highest_pu: float
    is_safe: bool
    is_changed: bool


def safe_step(
    question: Question, stored_kwh: FloatArray, wished_kw: FloatArray
) -> SafeStep:
    """The step that is wished for if it keeps the limit, else the nearest one that the batteries can do and that does.

    Args:
        question: of one step.
        stored_kwh: before it, (battery,) [kWh].
        wished_kw: injection of the batteries, (battery,) [kW].
    """
    step = _judged(question, wished_kw, is_changed=False)
    if step.is_safe:
        return step
    # heavy, and needed where a limit would break alone
    from tieline.agents.set_point_guard import SetPointGuard

    plant = question.plant
    problem = problem_of(question, stored_kwh, plant.batteries.stored_min_kwh)
    der_kw, der_kvar = plant.ders(question.day, wished_kw[None])
    p_kw, _ = SetPointGuard(problem)(problem, der_kw[0], der_kvar[0])
    idle_kw, _ = plant.ders(question.day, plant.idle_kw(question.day))
    corrected_kw = (p_kw - idle_kw[0])[plant.battery_der]
    return _judged(question, corrected_kw, is_changed=True)


def _judged(question: Question, injection_kw: FloatArray, is_changed: bool) -> SafeStep:
    solution = question.replay(injection_kw[None])
    highest_pu = float(np.max(question.plant.bus_voltage_pu(solution)))
    is_safe = bool(solution.converged[0]) and not question.too_high(solution).any()
    return SafeStep(injection_kw, highest_pu, is_safe, is_changed)
