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
from tieline.studies.battery.config import BoundMethod
from tieline.studies.battery.ways.full_charge import at_full_charge
from tieline.studies.battery.world.question import NOTICED_PU, Question
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Bound:
    """The central optimum of a day.

    Attributes:
        schedule: what the batteries do.
        lowest_cost: below which no schedule comes that keeps the voltage limit [currency]; None if that is not proven.
    """

    schedule: Schedule
    lowest_cost: float | None


def solve_bound(question: Question) -> Bound | str:
    """The central optimum of a day, or why there is none."""
    if (question.day.price < 0).any():
        return "the price falls below zero, where losing power pays and no convex program tells the least cost."
    reason = _out_of_reach(question)
    if reason:
        return reason
    due_kwh = question.plant.stored_kwh
    try:
        answers = _answers(
            problem_of(question, due_kwh, due_kwh),
            question.config.bound,
            question.plant.is_radial_equivalent,
        )
    except NoAnswerError as error:
        return str(error).splitlines()[0]
    proof = next(
        (answer.objective for answer in answers if answer.method == "socp"), None
    )
    return Bound(_schedule(answers[-1], question.battery_surplus_kw), proof)


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
    if relaxed.replay.violations:
        return [relaxed, solve_lp(problem)]
    return [relaxed]


def problem_of(
    question: Question, stored_kwh: FloatArray, due_kwh: FloatArray
) -> Problem:
    """What is asked of an optimiser: all DERs fixed but the batteries.

    Args:
        question: plant, steps and limits.
        stored_kwh, due_kwh: at the start, and at least at the end, (battery,) [kWh].
    """
    plant = question.plant
    day = question.day
    fixed_kw, fixed_kvar = plant.ders(day, plant.idle_kw(day))
    # nothing but the batteries decides: the bounds of all other DERs fall together
    low_kw = fixed_kw.copy()
    low_kw[:, plant.battery_der] = -plant.batteries.charge_max_kw
    high_kw = fixed_kw.copy()
    high_kw[:, plant.battery_der] = question.discharge_room_kw
    return make_problem(
        plant.network,
        price=day.price,
        hours=day.hours,
        load_kw=day.load_kw,
        load_kvar=day.load_kvar,
        cost=0.0,  # of the feeder's own DERs, which are fixed and cost the same in every case
        v_min_pu=0.0,
        v_max_pu=question.limit_pu,
        branch_limits=(),
        taps=plant.taps,
        capacitor_steps=plant.capacitor_steps,
        ders=DerInputs(
            p_min_kw=low_kw,
            p_max_kw=high_kw,
            q_min_kvar=fixed_kvar,
            q_max_kvar=fixed_kvar,
            cost_square=0.0,
        ),
        storage=StorageInputs(
            batteries=plant.batteries,
            stored_kwh=stored_kwh,
            stored_end_kwh=due_kwh,
        ),
    )


def _out_of_reach(question: Question) -> str:
    """Where the limit breaks even if every battery charges at rated power all day; empty if it does not."""
    plant = question.plant
    v_pu = plant.bus_voltage_pu(at_full_charge(question))
    highest_pu = float(np.fmax.reduce(v_pu, axis=None))
    if not highest_pu > question.limit_pu + NOTICED_PU:
        return ""
    step, bus = np.unravel_index(np.nanargmax(v_pu), v_pu.shape)
    return (
        f"With every battery charging at rated power, bus '{plant.bus_names[bus]}' is still at {highest_pu:.4f} pu in step "
        f"{step}. Larger batteries, less PV or other taps are needed."
    )


def _schedule(answer: Answer, surplus_kw: FloatArray) -> Schedule:
    return Schedule(
        charge_kw=answer.charge_kw,
        discharge_kw=answer.discharge_kw,
        stored_kwh=answer.stored_kwh,
        shortage_kw=np.maximum(surplus_kw - answer.charge_kw, 0.0),
    )
