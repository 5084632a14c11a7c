"""Plans for days that are only forecast, held against each other on days on which no setting was chosen.

Every plan meets the same days with the same forecasts, so that differences are taken day by day and the days' own spread cancels
out. Beside them stand the same days without batteries, with the day known ahead, and the central optimum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tieline.feeders import load_feeder
from tieline.feeders.limits import with_limits_of
from tieline.opf.battery_mpc import Schedule
from tieline.opf.replay import FEASIBLE_PU
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.ways.bound import Bound, solve_bound
from tieline.studies.battery.ways.case import Case, replayed
from tieline.studies.battery.ways.cases import cooperate, make_question
from tieline.studies.battery.ways.full_charge import count_unavoidable
from tieline.studies.battery.world.days import make_days
from tieline.studies.battery.world.foresight import foresee
from tieline.studies.battery.world.plant import make_plant
from tieline.studies.battery.world.question import Question
from tieline.studies.config import make_config

HELD_OUT_SEED = 1
"""The other parts of the page, on which settings were tried, have seed 0."""

EXPECTED = "planned as expected"
KNOWN = "day known ahead"
IDLE = "without batteries"
OPTIMUM = "central optimum, day known ahead"


@dataclass(frozen=True)
class Plan:
    """A way to plan loans: its name, and the fields of the study's configuration that it changes."""

    name: str
    changes: Mapping[str, Any] = field(default_factory=dict)


def chance_constrained(risk_pct: float) -> Plan:
    """The chance-constrained plan with an accepted risk [%]."""
    changes = {"plan": "chance-constrained", "risk_pct": risk_pct}
    return Plan(f"chance-constrained, risk {risk_pct:g} %", changes)


PLANS = (
    Plan(EXPECTED),
    Plan("as expected, 0.002 pu below the limit", {"margin_pu": 0.002}),
    Plan("as expected, decided in every step", {"coordinate_every_h": 0.25}),
    *map(chance_constrained, (20.0, 10.0, 5.0, 2.0, 1.0)),
)
"""The second tightens the limit itself, the third answers to what is measured and keeps no room ahead."""

SMALLER = (
    Plan(EXPECTED),
    chance_constrained(5.0),
)
"""Plans that are tried with batteries of other sizes."""

SIZES = ((20.0, 2.0), (20.0, 0.5), (20.0, 0.25), (5.0, 2.0), (2.0, 2.0))
"""Batteries, power [% of load] and energy [h]."""


@dataclass(frozen=True)
class PlanDay:
    """A day under a plan; `unavoidable` bus-steps are left by any use of the batteries, None where that is not proven."""

    plan: str
    day: int
    violations: int
    v_max_pu: float
    cost: float
    load_bill: float
    bought_kwh: float
    unavoidable: int | None


@dataclass(frozen=True)
class PlanTrial:
    """Plans on the same days with batteries of one size: `battery_pct` of the load for `battery_hours`."""

    battery_pct: float
    battery_hours: float
    rows: tuple[PlanDay, ...]

    def of(self, plan: str) -> list[PlanDay]:
        """The days of one plan."""
        return [row for row in self.rows if row.plan == plan]

    @property
    def plans(self) -> list[str]:
        """Their names in order."""
        return list(dict.fromkeys(row.plan for row in self.rows))


@dataclass(frozen=True)
class ForecastTrials:
    """`plans`: all of them with the study's batteries, and the central optimum; `sizes`: some with batteries of other sizes."""

    plans: PlanTrial
    sizes: tuple[PlanTrial, ...]


def try_plans(
    days: int, tell: Callable[[str], None] = lambda _: None
) -> ForecastTrials:
    """Play them all on held-out days; takes minutes.

    Args:
        days: how many, each with a forecast of its own; a third of them with batteries of other sizes.
        tell: is told what is played now.
    """
    tell(f"plans on forecasts of {days} days")
    plans = play_plans(PLANS, days, with_optimum=True)
    sizes = []
    for battery_pct, battery_hours in SIZES:
        tell(f"plans with batteries of {battery_pct:g} % for {battery_hours:g} h")
        size: dict[str, Any] = {
            "battery_pct": battery_pct,
            "battery_hours": battery_hours,
        }
        sizes.append(play_plans(SMALLER, max(days // 3, 1), **size))
    return ForecastTrials(plans, tuple(sizes))


def play_plans(
    plans: tuple[Plan, ...], days: int, with_optimum: bool = False, **values: Any
) -> PlanTrial:
    """Plans on the same days.

    Args:
        plans: to be played.
        days: how many.
        with_optimum: whether the central optimum stands beside them.
        values: fields of the study's configuration.
    """
    fields = {"forecast": "drawn", "scenarios": days, "seed": HELD_OUT_SEED, **values}
    general_config = make_config(BatteryConfig, fields)
    feeder = load_feeder(general_config.feeder)
    config, _ = with_limits_of(feeder, general_config)
    plant = make_plant(feeder, config)
    rows = []
    for k, day in enumerate(make_days(feeder, config)):
        question = make_question(plant, day, config, k)
        for name, case in _cases(question, plans, k, with_optimum):
            rows.append(_plan_day(name, k, question, case))
    return PlanTrial(config.battery_pct, config.battery_hours, tuple(rows))


def _cases(
    question: Question, plans: tuple[Plan, ...], number: int, with_optimum: bool
) -> Iterator[tuple[str, Case]]:
    """What is compared on a day, by name."""
    yield IDLE, replayed(question, _idle(question))
    for plan in plans:
        yield plan.name, _planned(question, plan, number)
    hindsight = question.known_ahead()
    yield KNOWN, _cooperation(hindsight)
    if with_optimum:
        bound = solve_bound(hindsight)
        if isinstance(bound, Bound):
            case = replayed(hindsight, bound.schedule, accuracy_pu=FEASIBLE_PU)
            yield OPTIMUM, case


def _planned(question: Question, plan: Plan, number: int) -> Case:
    """The day as it comes of a plan."""
    config = question.config.model_copy(update=dict(plan.changes))
    foresight = foresee(question.day, config, number)
    return _cooperation(Question(question.plant, foresight, config))


def _cooperation(question: Question) -> Case:
    csocc = cooperate(question)
    return replayed(question, csocc.schedule, csocc.taken_kw)


def _idle(question: Question) -> Schedule:
    nothing_kw = question.plant.idle_kw(question.day)
    stored_kwh = question.plant.stored_kwh + nothing_kw
    return Schedule(nothing_kw, nothing_kw, stored_kwh, nothing_kw)


def _plan_day(name: str, number: int, question: Question, case: Case) -> PlanDay:
    return PlanDay(
        plan=name,
        day=number + 1,
        violations=case.violations,
        v_max_pu=float(np.nanmax(case.v_pu)),
        cost=float(case.cost.sum()),
        load_bill=question.day.load_bill,
        bought_kwh=case.bought_kwh(question.day.hours),
        unavoidable=count_unavoidable(question),
    )
