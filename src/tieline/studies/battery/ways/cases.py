"""The cases of one day: the same load, sun and price with five ways to use the batteries, each replayed on AC.

On forecasts cooperation is also played with the day known ahead (`csocc_known`), and beside a chance-constrained plan with the
expected one (`csocc_expected`): what the errors break, and what room against them mends and costs, then stands side by side.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tieline.opf.battery_mpc import Schedule
from tieline.opf.replay import FEASIBLE_PU
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.ways.bound import Bound, solve_bound
from tieline.studies.battery.ways.case import Case, replayed
from tieline.studies.battery.ways.conventional import conventional
from tieline.studies.battery.ways.csocc_day import CsoccDay, play_csocc
from tieline.studies.battery.ways.full_charge import count_unavoidable
from tieline.studies.battery.ways.local_control import control
from tieline.studies.battery.world.days import Day
from tieline.studies.battery.world.foresight import foresee
from tieline.studies.battery.world.plant import Plant
from tieline.studies.battery.world.question import Question
from tieline.studies.battery.world.thevenin import reverse_limits_kw
from tieline.studies.battery.world.unsolved import require_one_solved, require_rest
from tieline.typing import BoolArray, FloatArray

CASES = ("none", "conventional", "mpc", "csocc", "bound")
BESIDE = ("csocc_expected", "csocc_known")
"""Cooperation on forecasts as it would be with another plan, and with the day known ahead."""


@dataclass(frozen=True, eq=False)
class DayAnswer:
    """A day in all cases.

    Attributes:
        question: plant, day and limits.
        cases: by name, those of `CASES`, and those of `BESIDE` that are another cooperation than the one asked for.
        cooperations: what the central controller decided in each `csocc` case, and what came of it.
        violations_unavoidable: bus-steps above the limit that no use of the batteries mends; None if that is not known.
        decision_s: time to decide the whole day in cooperation, local controllers and AC replays included [s].
        bound: the central optimum, why there is none, or None if it was not asked for.
    """

    question: Question
    cases: dict[str, Case]
    cooperations: dict[str, CsoccDay]
    violations_unavoidable: int | None
    decision_s: float
    bound: Bound | str | None

    @property
    def csocc(self) -> CsoccDay:
        """The cooperation that is asked for."""
        return self.cooperations["csocc"]

    @property
    def day(self) -> Day:
        """Load, sun and price."""
        return self.question.day

    @property
    def critical_buses(self) -> BoolArray:
        """Buses above the limit at some time without batteries, (bus,)."""
        return np.asarray(self.cases["none"].is_above_limit.any(axis=0))

    @property
    def steps_at_risk(self) -> BoolArray:
        """Steps in which a bus is above the limit without batteries, (step,)."""
        return np.asarray(self.cases["none"].is_above_limit.any(axis=1))

    @property
    def lent_kwh(self) -> FloatArray:
        """What each bus lent, (bus,) [kWh]."""
        return self.day.hours * self.question.plant.by_bus(self.csocc.lent_kw).sum(
            axis=0
        )


def play(
    plant: Plant,
    day: Day,
    config: BatteryConfig,
    number: int = 0,
    tell: Callable[[str], None] = lambda text: None,
) -> DayAnswer:
    """Play a day in all cases.

    Args:
        plant: what every case shares.
        day: load, sun and price.
        config: what is asked.
        number: of the day, on which the errors of its forecasts depend.
        tell: called with what is being worked on.

    Raises:
        InputError: if the horizon is longer than the day, or stored energy is outside its limits.
        NotConvergedError: if no step has a power-flow solution without batteries.
        NoAnswerError: if a schedule has no optimum.
    """
    question = make_question(plant, day, config, number)
    tell("without batteries")
    cases = {"none": replayed(question, _idle(question))}
    require_one_solved(question, cases["none"].solution, number)
    cases["conventional"] = replayed(question, _by_rule(question))
    tell("each battery by itself")
    cases["mpc"] = replayed(question, control(question))
    tell("cooperation")
    began = time.perf_counter()
    cooperations = {"csocc": cooperate(question)}
    decision_s = time.perf_counter() - began
    for name, otherwise in _beside(question).items():
        cooperations[name] = cooperate(otherwise)
    for name, csocc in cooperations.items():
        cases[name] = replayed(question, csocc.schedule, csocc.taken_kw)
    tell("the central optimum")
    bound = None
    if config.wants_bound(plant.n_batteries):
        bound = solve_bound(question)
    if isinstance(bound, Bound):
        # an optimiser keeps limits within its own tolerance, which is no violation
        cases["bound"] = replayed(question, bound.schedule, accuracy_pu=FEASIBLE_PU)
    unavoidable = count_unavoidable(question)
    return DayAnswer(question, cases, cooperations, unavoidable, decision_s, bound)


def make_question(
    plant: Plant, day: Day, config: BatteryConfig, number: int
) -> Question:
    """The question of a day: regulators where they are held, theta of each bus, and what is believed of the day.

    Args:
        plant, day, config, number: as for `play`.

    Raises:
        NotConvergedError: if regulators have no place to rest.
    """
    held_plant = plant
    if config.controls == "hold":
        held_plant = _held(plant, day)
    if config.reverse_limit_kw == "thevenin":
        theta_kw = reverse_limits_kw(held_plant, config.critical_pu)
        held_plant = replace(held_plant, reverse_limit_kw=theta_kw)
    return Question(held_plant, foresee(day, config, number), config)


def cooperate(question: Question) -> CsoccDay:
    """CSOCC plans a little below the limit, if so asked, and is judged by the limit itself."""
    margin_pu = question.config.margin_pu
    return play_csocc(question.with_limit(question.limit_pu - margin_pu))


def _beside(question: Question) -> dict[str, Question]:
    """The questions of the other cooperations, by case."""
    if question.foresight.is_perfect:
        return {}
    hindsight = question.known_ahead().with_plan("expected")
    if question.config.plan == "expected":
        return {"csocc_known": hindsight}
    return {
        "csocc_expected": question.with_plan("expected"),
        "csocc_known": hindsight,
    }


def _held(plant: Plant, day: Day) -> Plant:
    """The plant with regulators and capacitors where they rest under the highest sun."""
    solution = plant.settle(day)
    require_rest(plant, day, solution)
    return plant.held_at(solution)


def _idle(question: Question) -> Schedule:
    excess_kw = question.battery_surplus_kw - question.battery_reverse_limit_kw
    return Schedule(
        charge_kw=np.zeros(excess_kw.shape),
        discharge_kw=np.zeros(excess_kw.shape),
        stored_kwh=np.tile(question.plant.stored_kwh, (len(excess_kw), 1)),
        shortage_kw=np.maximum(excess_kw, 0.0),
    )


def _by_rule(question: Question) -> Schedule:
    """The conventional rule, on the day as it comes."""
    _, day_number = np.unique(question.day.times.normalize(), return_inverse=True)
    return conventional(
        question.plant.batteries,
        question.plant.stored_kwh,
        question.battery_surplus_kw,
        day_number,
        question.day.hours,
    )
