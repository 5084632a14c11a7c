"""`Case`: one way to use the batteries on a day, replayed on AC."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tieline.opf.battery_mpc import Schedule
from tieline.powerflow import Solution
from tieline.studies.battery.world.question import NOTICED_PU, Question
from tieline.typing import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class Case:
    """One way to use the batteries, replayed.

    Attributes:
        schedule: what they do.
        solution: power flow of every step.
        v_pu: highest voltage of each bus, (step, bus) [pu].
        v_low_pu: lowest voltage anywhere, (step,) [pu].
        net_load_kw: what each bus takes from the grid, load less PV and battery, (step, bus) [kW]; below 0 it feeds back.
        reverse_kw: reverse power of each bus above the limit, less what others took over for it, (step, bus) [kW].
        cost: of what is bought at the source, (step,) [currency]; below 0 where more is sold.
        violation_pu: above which a voltage is a violation: the limit and the accuracy with which it is kept [pu].
    """

    schedule: Schedule
    solution: Solution
    v_pu: FloatArray
    v_low_pu: FloatArray
    net_load_kw: FloatArray
    reverse_kw: FloatArray
    cost: FloatArray
    violation_pu: float

    @property
    def is_above_limit(self) -> BoolArray:
        """(step, bus); nowhere in steps that were not solved, which `judged_steps` tells apart."""
        return self.v_pu > self.violation_pu

    @property
    def violations(self) -> int:
        """Bus-steps above the limit."""
        return int(self.is_above_limit.sum())

    def bought_kwh(self, hours: float) -> float:
        """Energy that the source delivers in steps of `hours` [kWh]; NaN if one of them has no solution."""
        source_kw = self.solution.source_kva.real
        return hours * float(np.maximum(source_kw, 0.0).sum())


def replayed(
    question: Question,
    schedule: Schedule,
    taken_kw: FloatArray | float = 0.0,
    accuracy_pu: float = NOTICED_PU,
) -> Case:
    """What a schedule does on AC; `taken_kw` is the reverse power that others took over, (step, bus) [kW]."""
    plant = question.plant
    day = question.day
    solution = question.replay(schedule.injection_kw)
    leaving_kw = question.surplus_kw + plant.by_bus(schedule.injection_kw) - taken_kw
    return Case(
        schedule=schedule,
        solution=solution,
        v_pu=plant.bus_voltage_pu(solution),
        v_low_pu=plant.lowest_voltage_pu(solution),
        net_load_kw=-(question.surplus_kw + plant.by_bus(schedule.injection_kw)),
        reverse_kw=np.maximum(leaving_kw - plant.reverse_limit_kw, 0.0),
        cost=day.hours * day.price * solution.source_kva.real,
        violation_pu=question.limit_pu + accuracy_pu,
    )


def judged_steps(cases: Iterable[Case]) -> int:
    """Steps with a power-flow solution."""
    return sum(int(case.solution.converged.sum()) for case in cases)
