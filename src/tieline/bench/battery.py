"""Time of a day's coordination on feeders of different size, and where it goes: ranking and loans, local control, power flow.

The case is that of the battery study with its defaults, except that the voltage limit is set a little below the highest voltage
of the day without batteries, so that every feeder has a region at risk.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from tieline.feeders import load_feeder
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.ways.feedback import judge, with_larger_need
from tieline.studies.battery.ways.loan_decision import LendingState, LoanDecision, decide_loan
from tieline.studies.battery.ways.local_control import control
from tieline.studies.battery.world.days import make_days
from tieline.studies.battery.world.foresight import Foresight
from tieline.studies.battery.world.plant import make_plant
from tieline.studies.battery.world.question import Question
from tieline.studies.config import make_config

DEFAULT_FEEDERS = ("ieee33", "ieee123")
BELOW_HIGHEST_PU = 0.001
"""How far below the highest voltage the limit is set."""


@dataclass(frozen=True)
class Row:
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


def measure(
    feeders: Iterable[str], step_minutes: int = 15, tell: Callable[[str], None] = lambda name: None
) -> list[Row]:
    """Time a day of every feeder; each is played twice, hourly at first, since a first run compiles."""
    rows = []
    for name in feeders:
        tell(name)
        _row(name, 60)
        rows.append(_row(name, step_minutes))
    return rows


def _row(name: str, step_minutes: int) -> Row:
    asked = {"feeder": name, "bound": "off", "step_minutes": step_minutes}
    config, clock = make_config(BatteryConfig, asked), _Stopwatch()
    own = load_feeder(name)
    plant, day = make_plant(own, config), next(make_days(own, config))
    plant = plant.held_at(plant.settle(day))
    question = Question(plant, Foresight(day, None), config)
    clock.lap("setup_s")
    solution = question.replay_idle()
    highest = float(np.nanmax(plant.bus_voltage_pu(solution)))
    clock.lap("power_flow_s")
    question = question.with_limit(highest - BELOW_HIGHEST_PU)
    decision: LoanDecision | None = decide_loan(question, solution, LendingState.at_start(plant))
    clock.lap("ranking_s")
    tried: list[LoanDecision] = []
    while decision is not None:
        tried.append(decision)
        schedule = control(question, decision.reserved_kw)
        clock.lap("control_s")
        decision = with_larger_need(question, judge(question, decision, schedule))
        clock.lap("replay_s")
    return Row(
        feeder=own.name,
        batteries=plant.n_batteries,
        steps=day.n_steps,
        critical=sum(len(region.buses) for region in tried[-1].regions),
        lenders=len(tried[-1].loan.lenders),
        rounds=len(tried),
        **clock.seconds,
        decision_ms=1000 * (sum(clock.seconds.values()) - clock.seconds["setup_s"]) / day.n_steps,
    )


class _Stopwatch:
    """Seconds by what they went into."""

    def __init__(self) -> None:
        self.at = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Add the time since the last lap."""
        before, self.at = self.at, time.perf_counter()
        self.seconds[name] = self.seconds.get(name, 0.0) + self.at - before
