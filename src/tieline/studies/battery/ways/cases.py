"""The cases of one day: the same load, sun and price with five ways to use the batteries, each replayed on AC."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from tieline.opf.battery_mpc import Outlook, Schedule
from tieline.opf.replay import FEASIBLE_PU
from tieline.powerflow import Solution
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.ways.bound import Bound, solve_bound
from tieline.studies.battery.ways.conventional import conventional
from tieline.studies.battery.ways.csocc_day import Cooperation, cooperate
from tieline.studies.battery.ways.loan_decision import NOTICED_PU
from tieline.studies.battery.ways.local_control import control, outlook_on
from tieline.studies.battery.world.days import Day
from tieline.studies.battery.world.foresight import foresee
from tieline.studies.battery.world.plant import Plant
from tieline.studies.battery.world.unsolved import require_one_solved, require_rest
from tieline.typing import BoolArray, FloatArray

CASES = ("none", "conventional", "mpc", "csocc", "bound")


@dataclass(frozen=True, eq=False)
class Case:
    """One way to use the batteries, replayed.

    Attributes:
        schedule: what they do.
        solution: power flow of every step.
        v_pu: highest voltage of each bus, (step, bus) [pu].
        v_low_pu: lowest voltage anywhere, (step,) [pu].
        reverse_kw: reverse power of each bus above the limit, less what others took over for it, (step, bus) [kW].
        cost: of what is bought at the source, (step,) [money]; below 0 where more is sold.
        accuracy_pu: how far past the limit counts as a violation [pu].
    """

    schedule: Schedule
    solution: Solution
    v_pu: FloatArray
    v_low_pu: FloatArray
    reverse_kw: FloatArray
    cost: FloatArray
    accuracy_pu: float = NOTICED_PU


@dataclass(frozen=True, eq=False)
class Played:
    """A day in all cases.

    Attributes:
        day: load, sun and price.
        cases: by name, in the order of `CASES`.
        cooperation: what the central controller decided, and what came of it.
        decision_s: time to decide the whole day in cooperation, local controllers and AC replays included [s].
        bound: the central optimum, why there is none, or None if it was not asked for.
    """

    day: Day
    cases: dict[str, Case]
    cooperation: Cooperation
    decision_s: float
    bound: Bound | str | None


def play(
    plant: Plant,
    day: Day,
    config: BatteryConfig,
    tell: Callable[[str], None] = lambda text: None,
    number: int = 0,
) -> Played:
    """Play a day in all cases.

    Args:
        plant: what every case shares.
        day: load, sun and price.
        config: what is asked.
        tell: called with what is being worked on.
        number: of the day, on which the errors of its forecasts depend.

    Raises:
        InputError: if the horizon is longer than the day, or stored energy is outside its limits.
        NotConvergedError: if no step has a power-flow solution without batteries.
        NoAnswerError: if a schedule has no optimum.
    """
    if config.controls == "hold":
        rest = plant.rest(day)
        require_rest(plant, day, rest)
        plant = plant.held_at(rest)
    known = foresee(day, config, number)
    outlook = outlook_on(plant, day, config)
    tell("without batteries")
    cases = {"none": _replayed(plant, day, _idle(plant, outlook), config)}
    require_one_solved(plant, day, cases["none"].solution, number)
    of_day = np.unique(day.times.normalize(), return_inverse=True)[1]
    rule = conventional(plant.batteries, plant.stored_kwh, outlook.surplus_kw, of_day, day.hours)
    cases["conventional"] = _replayed(plant, day, rule, config)
    tell("each battery by itself")
    cases["mpc"] = _replayed(plant, day, control(plant, known, config), config)
    tell("cooperation")
    began = time.perf_counter()
    cautious = config.model_copy(update={"highest_pu": config.critical_pu - config.margin_pu})
    together = cooperate(plant, known, cautious)
    decision_s = time.perf_counter() - began
    cases["csocc"] = _replayed(plant, day, together.schedule, config, together.taken_kw)
    tell("the central optimum")
    bound = solve_bound(plant, day, config) if config.wants_bound(len(plant.battery_bus)) else None
    if isinstance(bound, Bound):
        cases["bound"] = replace(
            _replayed(plant, day, bound.schedule, config), accuracy_pu=FEASIBLE_PU
        )
    return Played(day, cases, together, decision_s, bound)


def _idle(plant: Plant, outlook: Outlook) -> Schedule:
    nothing = np.zeros(outlook.surplus_kw.shape)
    return Schedule(
        nothing, nothing, np.tile(plant.stored_kwh, (len(nothing), 1)), outlook.excess_kw
    )


def _replayed(
    plant: Plant,
    day: Day,
    schedule: Schedule,
    config: BatteryConfig,
    taken_kw: FloatArray | float = 0.0,
) -> Case:
    """What a schedule does on AC; `taken_kw` is the reverse power that others took over, (step, bus) [kW]."""
    solution = plant.replay(day, schedule.injection_kw)
    leaving_kw = plant.surplus_kw(day) + plant.by_bus(schedule.injection_kw) - taken_kw
    return Case(
        schedule=schedule,
        solution=solution,
        v_pu=plant.bus_voltage_pu(solution),
        v_low_pu=plant.lowest_voltage_pu(solution),
        reverse_kw=np.maximum(leaving_kw - config.reverse_limit_kw, 0.0),
        cost=day.hours * day.price * solution.source_kva.real,
    )


def judged_steps(cases: Iterable[Case]) -> int:
    """Steps with a power-flow solution."""
    return sum(int(case.solution.converged.sum()) for case in cases)


def above_limit(case: Case, config: BatteryConfig) -> BoolArray:
    """Where a bus is above the limit, (step, bus); nowhere in steps that were not solved, which `judged_steps` tells apart."""
    return case.v_pu > config.critical_pu + case.accuracy_pu
