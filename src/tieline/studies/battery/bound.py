"""The bound: what one central optimiser that knows the whole day would do with the same batteries, by `opf`.

It buys at the source at the same prices and has the batteries' limits of the other cases, also that none discharges past its
bus' reverse-power limit; it keeps the voltage limit, and need not absorb any surplus.

On a radial single-phase equivalent the cone program contains every AC operating point, so no schedule that keeps the voltage
limit costs less than its optimum: that proves the bound. Where feeding back into a high voltage is worth little, the relaxation
may burn power in lines that AC would not. Its schedule then breaks the limit, and that of the linear program, which is checked on
AC, is played beside the proof. Feeders with phases or loops have the linear program alone. There is no bound where the price
falls below zero: both programs would be paid for burning power without end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.errors import NoAnswerError
from tieline.network.topology import tree_from_source
from tieline.opf import (
    Answer,
    DerInputs,
    NoOptimumError,
    Problem,
    StorageInputs,
    make_problem,
    solve_lp,
    solve_socp,
)
from tieline.opf.battery_mpc import Schedule
from tieline.studies.battery.config import BatteryConfig, BoundMethod
from tieline.studies.battery.coordination import NOTICED_PU
from tieline.studies.battery.days import Day
from tieline.studies.battery.plant import Plant
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Bound:
    """The central optimum of a day.

    Attributes:
        schedule: what the batteries do.
        lowest_cost: below which no schedule comes that keeps the voltage limit [money]; None if that is not proven.
    """

    schedule: Schedule
    lowest_cost: float | None


def solve_bound(plant: Plant, day: Day, config: BatteryConfig) -> Bound | str:
    """The central optimum of a day, or why there is none."""
    if (day.price < 0).any():
        return "the price falls below zero, where losing power pays and no convex program tells the least cost."
    if why := _out_of_reach(plant, day, config):
        return why
    problem, own_kw = _problem(plant, day, config)
    try:
        answers = _answers(problem, config.bound, is_relaxable(plant))
    except NoAnswerError as error:
        return str(error).splitlines()[0]
    proven = next((answer.objective for answer in answers if answer.method == "socp"), None)
    return Bound(_schedule(answers[-1], own_kw), proven)


def _answers(problem: Problem, method: BoundMethod, relaxable: bool) -> list[Answer]:
    """Optima by the methods asked for; the last one is to be played."""
    if method == "socp":
        return [solve_socp(problem)]
    if method == "lp" or not relaxable:
        return [solve_lp(problem)]
    try:
        relaxed = solve_socp(problem)
    except NoOptimumError:  # the solver gave up, which proves nothing
        return [solve_lp(problem)]
    return [relaxed, solve_lp(problem)] if relaxed.replay.violations else [relaxed]


def is_relaxable(plant: Plant) -> bool:
    """Whether the feeder is a radial single-phase equivalent."""
    return plant.own.single_phase_equivalent and not tree_from_source(plant.own).loops


def _problem(plant: Plant, day: Day, config: BatteryConfig) -> tuple[Problem, FloatArray]:
    """What is asked, and each battery's part of the surplus of its bus, (step, battery) [kW]."""
    fixed_kw, fixed_kvar = plant.ders(day, np.zeros((len(day.price), len(plant.battery_bus))))
    low, high = fixed_kw.copy(), fixed_kw.copy()
    own_kw = plant.surplus_kw(day)[:, plant.battery_bus] * plant.battery_share
    room_kw = config.reverse_limit_kw * plant.battery_share - own_kw
    low[:, plant.battery_der] = -plant.batteries.charge_max_kw
    high[:, plant.battery_der] = np.clip(room_kw, 0.0, plant.batteries.discharge_max_kw)
    problem = make_problem(
        plant.network,
        price=day.price,
        hours=day.hours,
        load_kw=day.load_kw,
        load_kvar=day.load_kvar,
        cost=0.0,
        v_min_pu=0.0,
        v_max_pu=config.critical_pu,
        branch_limits=(),
        taps=plant.taps,
        capacitor_steps=plant.capacitor_steps,
        ders=DerInputs(
            p_min_kw=low,
            p_max_kw=high,
            q_min_kvar=fixed_kvar,
            q_max_kvar=fixed_kvar,
            cost_square=0.0,
        ),
        storage=StorageInputs(
            batteries=plant.batteries, stored_kwh=plant.stored_kwh, stored_end_kwh=plant.stored_kwh
        ),
    )
    return problem, own_kw


def _out_of_reach(plant: Plant, day: Day, config: BatteryConfig) -> str:
    """Where the limit breaks even if every battery charges at rated power all day; empty if it does not."""
    charging = np.tile(-plant.batteries.charge_max_kw, (len(day.price), 1))
    v_pu = plant.bus_voltage_pu(plant.replay(day, charging))
    highest = float(np.fmax.reduce(v_pu, axis=None))
    if not highest > config.critical_pu + NOTICED_PU:
        return ""
    step, bus = np.unravel_index(np.nanargmax(v_pu), v_pu.shape)
    return (
        f"With every battery charging at rated power, bus '{plant.own.buses[bus].name}' is still at {highest:.4f} pu in step "
        f"{step}. Larger batteries, less PV or other taps are needed."
    )


def _schedule(answer: Answer, surplus_kw: FloatArray) -> Schedule:
    shortage = np.maximum(surplus_kw - answer.charge_kw, 0.0)
    return Schedule(answer.charge_kw, answer.discharge_kw, answer.stored_kwh, shortage)
