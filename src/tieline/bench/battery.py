"""Time of a day's coordination on feeders of different size, and where it goes: ranking, loans, local control, power flow.

The case is that of the battery study with its defaults, except that the voltage limit is set a little below the highest voltage
of the day without batteries, so that every feeder has a region at risk.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from tieline.feeders import load_feeder
from tieline.opf.battery_mpc import BatteryMpc, Outlook, run_mpc
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.coordination import coordinate
from tieline.studies.battery.days import make_days
from tieline.studies.battery.plant import make_plant

DEFAULT_FEEDERS = ("ieee33", "ieee123")
BELOW_HIGHEST_PU = 0.001
"""How far below the highest voltage the limit is set."""


@dataclass(frozen=True)
class Row:
    """One feeder: batteries, steps, buses at risk and lenders; seconds of reading and building (`setup_s`), of the power flow of
    the day, of ranking and loans, of building and first solving the program of all batteries, and of receding through the day.
    """

    feeder: str
    batteries: int
    steps: int
    critical: int
    lenders: int
    setup_s: float
    power_flow_s: float
    coordination_s: float
    first_plan_s: float
    receding_s: float


def measure(feeders: Iterable[str], step_minutes: int = 15, tell: Callable[[str], None] = lambda name: None) -> list[Row]:
    """Time a day of every feeder; the first one is played twice, since its first run compiles."""
    rows = []
    for k, name in enumerate(feeders):
        tell(name)
        if k == 0:
            _row(name, 60)
        rows.append(_row(name, step_minutes))
    return rows


def _row(name: str, step_minutes: int) -> Row:
    config = BatteryConfig(feeder=name, bound="off", step_minutes=step_minutes)
    clock = _Stopwatch()
    own = load_feeder(name)
    plant, day = make_plant(own, config), next(make_days(own, config))
    plant = plant.resting(day)
    setup_s = clock.lap()
    plant.replay(day, np.zeros((len(day.price), len(plant.battery_bus))))  # compiles what a feeder of this kind needs
    clock.lap()
    without = plant.replay(day, np.zeros((len(day.price), len(plant.battery_bus))))
    v_pu = plant.bus_voltage_pu(without)
    flow_s = clock.lap()
    config = config.model_copy(update={"critical_pu": float(np.nanmax(v_pu)) - BELOW_HIGHEST_PU})
    plan = coordinate(plant, day, without, config)
    coordination_s = clock.lap()
    own_kw = plant.surplus_kw(day)[:, plant.battery_bus] * plant.battery_share
    outlook = Outlook.at_price(day.price, own_kw).replace(reserved_kw=plan.reserved_kw)
    mpc = BatteryMpc(plant.batteries, plant.stored_kwh, plant.stored_kwh, outlook, day.hours)
    mpc.plan(outlook)
    first_s = clock.lap()
    run_mpc(mpc, outlook, len(day.price))
    return Row(
        feeder=own.name,
        batteries=len(plant.battery_bus),
        steps=len(day.price),
        critical=sum(len(region.buses) for region in plan.regions),
        lenders=len(plan.loan.lenders),
        setup_s=setup_s,
        power_flow_s=flow_s,
        coordination_s=coordination_s,
        first_plan_s=first_s,
        receding_s=clock.lap(),
    )


class _Stopwatch:
    """Seconds since it was last asked."""

    def __init__(self) -> None:
        self.at = time.perf_counter()

    def lap(self) -> float:
        """Seconds since the last lap."""
        before, self.at = self.at, time.perf_counter()
        return self.at - before
