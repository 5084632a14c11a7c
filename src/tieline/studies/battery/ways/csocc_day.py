"""CSOCC through a day: loans are decided, batteries keep them, and where the day is not known loans are decided anew.

A decision is that of `coordination` for the rest of the calendar day as it is believed, with what is stored and lent by then,
raised by `feedback` until AC is content. Of a known day there is one, on forecasts one every `coordinate_every_h`. What is lent
counts anew each day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tieline.opf.battery_mpc import Schedule
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.ways.feedback import raised
from tieline.studies.battery.ways.loan_decision import (
    Coordination,
    State,
    coordinate,
    critical_steps,
)
from tieline.studies.battery.ways.local_control import control
from tieline.studies.battery.world.foresight import Foresight
from tieline.studies.battery.world.plant import Plant
from tieline.typing import FloatArray

ROUNDS = 20
"""Most loans that a decision tries; a few are enough where the limit can be kept."""


@dataclass(frozen=True, eq=False)
class Cooperation:
    """A day in cooperation.

    Attributes:
        plans: what was decided, one for each calendar day: of several decisions the one with the largest need.
        reserved_kw: charge that was owed, (step, battery) [kW].
        lent_kw: the part of it that was lent, (step, battery) [kW].
        borrowed_kw: charge that others owed for each bus, (step, bus) [kW].
        schedule: what the batteries did.
    """

    plans: tuple[Coordination, ...]
    reserved_kw: FloatArray
    lent_kw: FloatArray
    borrowed_kw: FloatArray
    schedule: Schedule

    @property
    def plan(self) -> Coordination:
        """The one with the largest need."""
        return max(self.plans, key=_need_kwh)

    @property
    def taken_kw(self) -> FloatArray:
        """What lenders really took over for each bus, (step, bus) [kW]: all of it, unless they could not charge as promised."""
        kept = np.minimum(self.schedule.charge_kw, self.lent_kw).sum(axis=1)
        promised = self.lent_kw.sum(axis=1)
        return (
            self.borrowed_kw
            * np.divide(kept, promised, out=np.zeros(len(kept)), where=promised > 0)[:, None]
        )


def cooperate(plant: Plant, known: Foresight, config: BatteryConfig) -> Cooperation:
    """Go through a day, or several in a row.

    Args:
        plant: what every case shares.
        known: what is believed of the day.
        config: limits, shares, search, and how often to decide.
    """
    n_steps, hours = len(known.day.price), known.day.hours
    state, plans, done = State.at_start(plant), [], []
    for first, steps, left in _decisions(known, config):
        rest = known.after(first)
        plan = decide(_due(plant, first + left == n_steps), rest.as_believed(left), config, state)
        owed = np.vstack(
            [plan.reserved_kw, np.zeros((n_steps - first - left, len(plant.battery_bus)))]
        )
        schedule = control(
            plant, rest, config, owed, state.stored_kwh, None if steps == n_steps else steps
        )
        lent = hours * plant.by_bus(np.minimum(schedule.charge_kw, plan.lent_kw[:steps])).sum(
            axis=0
        )
        state = State(
            schedule.stored_kwh[-1],
            state.lent_kwh + lent if steps < left else np.zeros(plant.n_buses),
        )
        plans.append((first + left, plan))
        done.append(
            (plan.reserved_kw[:steps], plan.lent_kw[:steps], plan.borrowed_kw[:steps], schedule)
        )
    reserved, lent, borrowed, schedules = zip(*done, strict=True)
    largest = [
        max((plan for end, plan in plans if end == day), key=_need_kwh)
        for day in dict.fromkeys(end for end, _ in plans)
    ]
    return Cooperation(
        tuple(largest),
        np.vstack(reserved),
        np.vstack(lent),
        np.vstack(borrowed),
        Schedule.joined(schedules),
    )


def _need_kwh(plan: Coordination) -> float:
    return plan.loan.required_kwh


def _decisions(known: Foresight, config: BatteryConfig) -> Iterator[tuple[int, int, int]]:
    """First step of each decision, steps to the next one, and steps left of its calendar day."""
    starts = np.unique(known.day.times.normalize(), return_index=True)[1]
    for first, end in zip(starts, [*starts[1:], len(known.day.price)], strict=True):
        every = (
            int(end - first)
            if known.is_perfect
            else max(round(config.coordinate_every_h / known.day.hours), 1)
        )
        for step in range(int(first), int(end), every):
            yield step, min(every, int(end) - step), int(end) - step


def _due(plant: Plant, is_last: bool) -> Plant:
    """The plant with what is due at the end of a calendar day: on all but the last nothing is."""
    return plant if is_last else replace(plant, stored_kwh=plant.batteries.stored_min_kwh)


def decide(plant: Plant, known: Foresight, config: BatteryConfig, state: State) -> Coordination:
    """The loan that keeps the limit on AC on a known day, or the best of those tried."""
    day = known.day
    without = plant.replay(day, np.zeros((len(day.price), len(plant.battery_bus))))
    plan: Coordination | None = coordinate(plant, day, without, config, state)
    tried = []
    while plan is not None and len(tried) < ROUNDS:
        schedule = control(plant, known, config, plan.reserved_kw, state.stored_kwh)
        solution = plant.replay(day, schedule.injection_kw)
        broken = critical_steps(plant, solution, config)
        missing = int((~solution.converged).sum())  # not judged is worse than any violation
        highest = float(np.fmax.reduce(plant.bus_voltage_pu(solution), axis=None))
        tried.append((missing, int(broken.sum()), highest, plan))
        plan = raised(
            plant, day, plan, schedule, np.flatnonzero(broken.any(axis=1)), config.critical_pu
        )
    return min(tried, key=lambda one: one[:3])[3]
