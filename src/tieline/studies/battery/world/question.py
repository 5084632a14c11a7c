"""`Question`: a plant on a day, and what is asked of its batteries there.

Everything that decides looks at the same three things: the feeder with its batteries, the day as far as it is known, and the
limits. They travel together, and what follows from them at once is worked out here: who has a surplus, who may discharge, and
which voltages are too high on AC.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tieline.powerflow import Solution
from tieline.studies.battery.config import BatteryConfig, Plan
from tieline.studies.battery.world.days import Day
from tieline.studies.battery.world.foresight import Foresight
from tieline.studies.battery.world.plant import Plant
from tieline.typing import BoolArray, FloatArray, IntArray

NOTICED_PU = 1e-6
"""How far past the limit counts as a violation [pu]: well above the accuracy of the power flow."""


@dataclass(frozen=True, eq=False)
class Question:
    """What is to be decided.

    Attributes:
        plant: the feeder with its batteries.
        foresight: the day, or the rest of one, and what is believed of it.
        config: limits, shares, horizon and search.
    """

    plant: Plant
    foresight: Foresight
    config: BatteryConfig

    @property
    def day(self) -> Day:
        """The day as it comes."""
        return self.foresight.day

    @property
    def limit_pu(self) -> float:
        """Highest voltage [pu]."""
        return self.config.critical_pu

    @cached_property
    def surplus_kw(self) -> FloatArray:
        """PV less load of every bus, (step, bus) [kW]."""
        return self.plant.surplus_kw(self.day)

    @cached_property
    def battery_surplus_kw(self) -> FloatArray:
        """Each battery's part of the surplus of its bus, (step, battery) [kW]."""
        return self.plant.by_battery(self.surplus_kw)

    @property
    def battery_reverse_limit_kw(self) -> FloatArray:
        """Each battery's part of the reverse power that its bus may have, (battery,) [kW]."""
        limit_kw = self.plant.reverse_limit_kw[self.plant.battery_bus]
        return limit_kw * self.plant.battery_share

    @property
    def discharge_room_kw(self) -> FloatArray:
        """What each battery may discharge before its bus feeds back more than it may, (step, battery) [kW]."""
        room_kw = self.battery_reverse_limit_kw - self.battery_surplus_kw
        return np.clip(room_kw, 0.0, self.plant.batteries.discharge_max_kw)

    def replay(self, injection_kw: FloatArray) -> Solution:
        """AC power flow of every step, scenario = step; `injection_kw` is that of the batteries, (step, battery)."""
        return self.plant.replay(self.day, injection_kw)

    def replay_idle(self) -> Solution:
        """AC power flow of every step with idle batteries."""
        return self.replay(self.plant.idle_kw(self.day))

    def too_high(self, solution: Solution) -> BoolArray:
        """Where a bus is above the limit, (step, bus)."""
        return self.plant.bus_voltage_pu(solution) > self.limit_pu + NOTICED_PU

    def only(self, steps: IntArray) -> Question:
        """The same question of some steps, (step,), as they come."""
        return replace(self, foresight=Foresight(self.day.only(steps), None))

    def after(self, step: int) -> Question:
        """The question that is left at a step, which becomes the first."""
        return replace(self, foresight=self.foresight.after(step))

    def to_plan_for(self, steps: int) -> Question:
        """The next steps as loans are planned for at the first of them: as expected, or with the surplus of the accepted risk."""
        foresight = self.foresight
        if self.config.plan == "chance-constrained":
            risk = self.config.risk_pct / 100
            return replace(self, foresight=foresight.at_risk(steps, risk))
        return replace(self, foresight=foresight.as_believed(steps))

    def with_plan(self, plan: Plan) -> Question:
        """The question with loans planned otherwise."""
        return replace(self, config=self.config.model_copy(update={"plan": plan}))

    def known_ahead(self) -> Question:
        """The question of one who knows the whole day."""
        return replace(self, foresight=Foresight(self.day, None))

    def with_limit(self, limit_pu: float) -> Question:
        """The question with another highest voltage."""
        return replace(
            self, config=self.config.model_copy(update={"highest_pu": limit_pu})
        )

    def with_nothing_due(self) -> Question:
        """The question with batteries that may be empty at the end."""
        lowest_kwh = self.plant.batteries.stored_min_kwh
        return replace(self, plant=replace(self.plant, stored_kwh=lowest_kwh))
