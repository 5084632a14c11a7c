"""Time of a day's coordination on feeders of different size, and where it goes: ranking and loans, local control, power flow.

The case is that of the battery study with its defaults, except that the voltage limit is set a little below the highest voltage
of the day without batteries, so that every feeder has a region at risk.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from tieline.bench.battery.cases import BELOW_HIGHEST_PU, Cases, play_cases
from tieline.bench.battery.forecast_plans import ForecastTrials, try_plans
from tieline.bench.battery.options import Options
from tieline.feeders import load_feeder
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.ways.feedback import judge, with_larger_need
from tieline.studies.battery.ways.loan_decision import (
    LendingState,
    LoanDecision,
    decide_loan,
)
from tieline.studies.battery.ways.local_control import control
from tieline.studies.battery.world.days import make_days
from tieline.studies.battery.world.foresight import Foresight
from tieline.studies.battery.world.plant import make_plant
from tieline.studies.battery.world.question import Question
from tieline.studies.config import make_config


@dataclass(frozen=True)
class DayTimes:
    """One feeder.

    Attributes:
        feeder: its name.
        batteries, steps, critical, lenders: how many; `critical` are the buses at risk.
        rounds: loans until AC held, or nobody could lend more.
        setup_s: reading the feeder and building the network [s].
        power_flow_s: the day without batteries on AC [s].
        ranking_s: regions, rankings and first loan [s].
        control_s: all batteries receding through the day, once for every loan [s].
        replay_s: AC replays of the schedules, and what they ask for [s].
        decision_ms: of all but the setup, per step [ms].
    """

    feeder: str
    batteries: int
    steps: int
    critical: int
    lenders: int
    rounds: int
    setup_s: float
    power_flow_s: float
    ranking_s: float
    control_s: float
    replay_s: float
    decision_ms: float


@dataclass(frozen=True)
class BatteryDays:
    """One run: times by feeder; results of the study and plans on forecasts, which only the page needs."""

    rows: tuple[DayTimes, ...]
    cases: Cases | None = None
    forecasts: ForecastTrials | None = None

    def to_json(self) -> dict[str, Any]:
        """Times as plain dictionaries."""
        return {"rows": [asdict(row) for row in self.rows]}


def measure(
    options: Options, tell: Callable[[str], None] = lambda _: None
) -> BatteryDays:
    """Time a day of every feeder; each is played twice, hourly at first, since a first run compiles.

    Args:
        options: feeders, length of a step.
        tell: is told what is measured now.

    Raises:
        InputError: if a feeder is not known.
    """
    for name in options.feeders:  # all are known before the first is measured
        load_feeder(name)
    rows = []
    for name in options.feeders:
        tell(name)
        time_day(name, 60)  # compiles, and is not counted
        rows.append(time_day(name, options.step_minutes))
    return BatteryDays(tuple(rows))


def complete(
    days: BatteryDays, options: Options, tell: Callable[[str], None]
) -> BatteryDays:
    """The same with results of the study on the published case and others."""
    forecasts = try_plans(options.forecast_days, tell)
    return replace(days, cases=play_cases(tell), forecasts=forecasts)


def time_day(name: str, step_minutes: int) -> DayTimes:
    """Play one day of a feeder, with a clock beside it."""
    clock = _Stopwatch()
    question = _question(name, step_minutes)
    clock.lap("setup_s")
    idle = question.replay_idle()
    highest_pu = float(np.nanmax(question.plant.bus_voltage_pu(idle)))
    clock.lap("power_flow_s")
    # the limit follows from the day without batteries: only now is it known
    question = question.with_limit(highest_pu - BELOW_HIGHEST_PU)
    first = decide_loan(question, idle, LendingState.at_start(question.plant))
    clock.lap("ranking_s")
    decisions = _decide_until_ac_holds(question, first, clock)
    return _day_times(name, question, decisions, clock.seconds)


def _question(name: str, step_minutes: int) -> Question:
    """The study's day of a feeder, regulators where they come to rest."""
    values = {"feeder": name, "bound": "off", "step_minutes": step_minutes}
    config = make_config(BatteryConfig, values)
    feeder = load_feeder(name)
    plant = make_plant(feeder, config)
    day = next(make_days(feeder, config))
    return Question(plant.held_at(plant.settle(day)), Foresight(day, None), config)


def _decide_until_ac_holds(
    question: Question, first: LoanDecision, clock: _Stopwatch
) -> list[LoanDecision]:
    """Loans in the order they were decided: each is played on AC, and one that does not hold asks for a larger one."""
    decisions: list[LoanDecision] = []
    decision: LoanDecision | None = first
    while decision is not None:
        decisions.append(decision)
        schedule = control(question, decision.reserved_kw)
        clock.lap("control_s")
        decision = with_larger_need(question, judge(question, decision, schedule))
        clock.lap("replay_s")
    return decisions


def _day_times(
    name: str,
    question: Question,
    decisions: list[LoanDecision],
    seconds: dict[str, float],
) -> DayTimes:
    last = decisions[-1]
    n_steps = question.day.n_steps
    # a controller sets up once, not every day
    deciding_s = sum(seconds.values()) - seconds["setup_s"]
    return DayTimes(
        feeder=question.plant.network.feeder.name,
        batteries=question.plant.n_batteries,
        steps=n_steps,
        critical=sum(len(region.buses) for region in last.regions),
        lenders=len(last.loan.lenders),
        rounds=len(decisions),
        setup_s=seconds["setup_s"],
        power_flow_s=seconds["power_flow_s"],
        ranking_s=seconds["ranking_s"],
        control_s=seconds["control_s"],
        replay_s=seconds["replay_s"],
        decision_ms=1000 * deciding_s / n_steps,
    )


class _Stopwatch:
    """Seconds by what they went into."""

    def __init__(self) -> None:
        self.at = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Add the time since the last lap."""
        lap_end = time.perf_counter()
        seconds_before = self.seconds.get(name, 0.0)
        # added up: a name comes again in every round of loans
        self.seconds[name] = seconds_before + lap_end - self.at
        self.at = lap_end
