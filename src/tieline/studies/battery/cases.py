"""The cases of one day: the same load, sun and price with five ways to use the batteries, each replayed on AC."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tieline.opf.battery_mpc import Outlook, Schedule, run_mpc
from tieline.opf.replay import FEASIBLE_PU
from tieline.powerflow import Solution
from tieline.studies.battery.bound import Bound, solve_bound
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.conventional import conventional
from tieline.studies.battery.coordination import NOTICED_PU, Coordination, coordinate
from tieline.studies.battery.days import Day
from tieline.studies.battery.feedback import raised
from tieline.studies.battery.plant import Plant
from tieline.typing import BoolArray, FloatArray

CASES = ("none", "conventional", "mpc", "csocc", "bound")
ROUNDS = 20
"""Most loans that cooperation tries on a day; a few are enough where the limit can be kept."""


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
        decision_s: time to decide the whole day [s].
        accuracy_pu: how far past the limit counts as a violation [pu].
    """

    schedule: Schedule
    solution: Solution
    v_pu: FloatArray
    v_low_pu: FloatArray
    reverse_kw: FloatArray
    cost: FloatArray
    decision_s: float
    accuracy_pu: float = NOTICED_PU


@dataclass(frozen=True, eq=False)
class Played:
    """A day in all cases; `bound` is the central optimum, why there is none, or None if it was not asked for."""

    day: Day
    cases: dict[str, Case]
    coordination: Coordination
    bound: Bound | str | None


def play(plant: Plant, day: Day, config: BatteryConfig, tell: Callable[[str], None] = lambda text: None) -> Played:
    """Play a day in all cases.

    Args:
        plant: what every case shares.
        day: load, sun and price.
        config: what is asked.
        tell: called with what is being worked on.

    Raises:
        InputError: if the horizon is longer than the day, or stored energy is outside its limits.
        NoAnswerError: if a schedule has no optimum.
    """
    plant = plant.resting(day) if config.controls == "hold" else plant
    own_kw = plant.surplus_kw(day)[:, plant.battery_bus] * plant.battery_share
    limit_kw = np.broadcast_to(config.reverse_limit_kw * plant.battery_share, own_kw.shape)
    outlook = Outlook.at_price(day.price, own_kw, limit_kw)
    idle = _idle(plant, outlook)
    tell("without batteries")
    cases = {"none": _replayed(plant, day, idle, config=config)}
    number = np.unique(day.times.normalize(), return_inverse=True)[1]
    rule = conventional(plant.batteries, plant.stored_kwh, own_kw, number, day.hours)
    cases["conventional"] = _replayed(plant, day, rule, config=config)
    tell("each battery by itself")
    cases["mpc"] = _replayed(plant, day, *_controlled(plant, day, outlook, config), config=config)
    tell("cooperation")
    plan, cases["csocc"] = _cooperating(plant, day, outlook, cases["none"].solution, config)
    tell("the central optimum")
    bound = solve_bound(plant, day, config) if config.wants_bound(len(plant.battery_bus)) else None
    if isinstance(bound, Bound):
        solved = _replayed(plant, day, bound.schedule, bound.seconds, config=config)
        cases["bound"] = replace(solved, accuracy_pu=FEASIBLE_PU)
    return Played(day, cases, plan, bound)


def _idle(plant: Plant, outlook: Outlook) -> Schedule:
    nothing = np.zeros(outlook.surplus_kw.shape)
    return Schedule(nothing, nothing, np.tile(plant.stored_kwh, (len(nothing), 1)), outlook.excess_kw)


def _controlled(plant: Plant, day: Day, outlook: Outlook, config: BatteryConfig) -> tuple[Schedule, float]:
    """The receding schedule of every battery, and the time it took [s]."""
    began = time.perf_counter()
    window = max(round(config.horizon_h / day.hours), 1)
    schedule = run_mpc(plant.batteries, plant.stored_kwh, plant.stored_kwh, outlook, day.hours, window)
    return schedule, time.perf_counter() - began


def _cooperating(plant: Plant, day: Day, outlook: Outlook, without: Solution, config: BatteryConfig) -> tuple[Coordination, Case]:
    """The loan that keeps the limit on AC, or the best of those tried, and what comes of it."""
    began = time.perf_counter()
    plan: Coordination | None = coordinate(plant, day, without, config)
    tried = []
    while plan is not None and len(tried) < ROUNDS:
        schedule = _controlled(plant, day, outlook.replace(reserved_kw=plan.reserved_kw), config)[0]
        case = _replayed(plant, day, schedule, taken_kw=_taken_over(plan, schedule), config=config)
        tried.append((plan, case))
        late = np.flatnonzero(above_limit(case, config).any(axis=1))
        plan = raised(plant, day, plan, schedule, late, config.critical_pu)
    best, case = min(tried, key=lambda one: (int(above_limit(one[1], config).sum()), float(np.nanmax(one[1].v_pu))))
    return best, replace(case, decision_s=time.perf_counter() - began)


def _taken_over(plan: Coordination, schedule: Schedule) -> FloatArray:
    """What lenders really took over for each bus, (step, bus) [kW]: all of it, unless they could not charge as promised."""
    kept = np.minimum(schedule.charge_kw, plan.lent_kw).sum(axis=1)
    promised = plan.lent_kw.sum(axis=1)
    return plan.borrowed_kw * np.divide(kept, promised, out=np.zeros(len(kept)), where=promised > 0)[:, None]


def _replayed(
    plant: Plant,
    day: Day,
    schedule: Schedule,
    decision_s: float = 0.0,
    taken_kw: FloatArray | float = 0.0,
    *,
    config: BatteryConfig,
) -> Case:
    solution = plant.replay(day, schedule.injection_kw)
    leaving_kw = plant.surplus_kw(day) + plant.by_bus(schedule.injection_kw) - taken_kw
    return Case(
        schedule=schedule,
        solution=solution,
        v_pu=plant.bus_voltage_pu(solution),
        v_low_pu=plant.lowest_voltage_pu(solution),
        reverse_kw=np.maximum(leaving_kw - config.reverse_limit_kw, 0.0),
        cost=day.hours * day.price * solution.source_kva.real,
        decision_s=decision_s,
    )


def above_limit(case: Case, config: BatteryConfig) -> BoolArray:
    """Where a bus is above the limit, (step, bus)."""
    return case.v_pu > config.critical_pu + case.accuracy_pu
