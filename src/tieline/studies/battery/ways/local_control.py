"""The local controllers on a day: every battery's MPC, with or without a reservation of charge."""

from __future__ import annotations

from tieline.opf.battery_mpc import Outlook, Schedule, run_mpc, run_mpc_on_forecasts
from tieline.studies.battery.world.question import Question
from tieline.typing import FloatArray


def control(
    question: Question,
    reserved_kw: FloatArray | None = None,
    stored_kwh: FloatArray | None = None,
    steps: int | None = None,
) -> Schedule:
    """What every battery does, receding through a day or its first steps.

    Args:
        question: plant, day and limits; what the plant has stored at the start is due at the end.
        reserved_kw: charge that is owed, (step, battery) [kW].
        stored_kwh: at the start, (battery,), if not the plant's [kWh].
        steps: how many to go through; all if left out.

    Raises:
        InputError: if stored energy is outside its limits, or the horizon is longer than the day.
    """
    batteries = question.plant.batteries
    due_kwh = question.plant.stored_kwh
    start_kwh = due_kwh if stored_kwh is None else stored_kwh
    hours = question.day.hours
    window = _window(question)

    def outlook_at(step: int) -> Outlook:
        outlook = _outlook(question, step)
        if reserved_kw is None:
            return outlook
        return outlook.replace(reserved_kw=reserved_kw[step:])

    # every step of a known day sees the same future: one outlook serves them all
    if question.foresight.is_perfect and steps in (None, question.day.n_steps):
        return run_mpc(batteries, start_kwh, due_kwh, outlook_at(0), hours, window)
    return run_mpc_on_forecasts(
        batteries, start_kwh, due_kwh, outlook_at, hours, window, steps
    )


def _window(question: Question) -> int:
    """Steps that a decision looks ahead."""
    day = question.day
    window = max(round(question.config.horizon_h / day.hours), 1)
    # a horizon that is longer than the data is refused at the first step; later ones look as far as there is something to see
    if question.foresight.first > 0:
        return min(window, day.n_steps)
    return window


def _outlook(question: Question, step: int) -> Outlook:
    """What batteries expect at a step, from it to the end of the day, nothing reserved."""
    limit_kw = question.battery_reverse_limit_kw
    if question.foresight.is_perfect:
        price = question.day.price[step:]
        return Outlook.at_price(price, question.battery_surplus_kw[step:], limit_kw)
    plant = question.plant
    day = question.foresight.at(step)
    surplus_kw = plant.by_battery(plant.surplus_kw(day))
    return Outlook.at_price(day.price, surplus_kw, limit_kw)
