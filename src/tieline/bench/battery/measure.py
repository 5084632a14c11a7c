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
from tieline.bench.battery.options import Options
from tieline.feeders import load_feeder
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.coordination import Coordination, State, coordinate, critical_steps
from tieline.studies.battery.days import make_days
from tieline.studies.battery.feedback import raised
from tieline.studies.battery.foresight import Foresight
from tieline.studies.battery.local_control import control
from tieline.studies.battery.plant import make_plant
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
    """One run: times by feeder, and results of the study, which only the page needs."""

    rows: tuple[DayTimes, ...]
    cases: Cases | None = None

    def to_json(self) -> dict[str, Any]:
        """Times as plain dictionaries."""
        return {"rows": [asdict(row) for row in self.rows]}


def measure(options: Options, tell: Callable[[str], None] = lambda _: None) -> BatteryDays:
    """Time a day of every feeder; each is played twice, hourly at first, since a first run compiles.

    Args:
        options: feeders, length of a step.
        tell: is told what is measured now.

    Raises:
        InputError: if a feeder is not known.
    """
    feeders = {name: load_feeder(name) for name in options.feeders}
    rows = []
    for name in feeders:
        tell(name)
        time_day(name, 60)
        rows.append(time_day(name, options.step_minutes))
    return BatteryDays(tuple(rows))


def complete(days: BatteryDays, options: Options, tell: Callable[[str], None]) -> BatteryDays:
    """The same with results of the study on the published case and others."""
    return replace(days, cases=play_cases(tell))


def time_day(name: str, step_minutes: int) -> DayTimes:
    """Play one day of a feeder, with a clock beside it."""
    asked = {"feeder": name, "bound": "off", "step_minutes": step_minutes}
    config, clock = make_config(BatteryConfig, asked), _Stopwatch()
    own = load_feeder(name)
    plant, day = make_plant(own, config), next(make_days(own, config))
    plant = plant.held_at(plant.rest(day))
    clock.lap("setup_s")
    without = plant.replay(day, np.zeros((len(day.price), len(plant.battery_bus))))
    highest = float(np.nanmax(plant.bus_voltage_pu(without)))
    clock.lap("power_flow_s")
    config = config.model_copy(update={"critical_pu": highest - BELOW_HIGHEST_PU})
    plan: Coordination | None = coordinate(plant, day, without, config, State.at_start(plant))
    clock.lap("ranking_s")
    tried: list[Coordination] = []
    while plan is not None:
        tried.append(plan)
        schedule = control(plant, Foresight(day, None), config, plan.reserved_kw)
        clock.lap("control_s")
        late = np.flatnonzero(
            critical_steps(plant, plant.replay(day, schedule.injection_kw), config).any(axis=1)
        )
        plan = raised(plant, day, plan, schedule, late, config.critical_pu)
        clock.lap("replay_s")
    return DayTimes(
        feeder=own.name,
        batteries=len(plant.battery_bus),
        steps=len(day.price),
        critical=sum(len(region.buses) for region in tried[-1].regions),
        lenders=len(tried[-1].loan.lenders),
        rounds=len(tried),
        **clock.seconds,
        decision_ms=1000
        * (sum(clock.seconds.values()) - clock.seconds["setup_s"])
        / len(day.price),
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
