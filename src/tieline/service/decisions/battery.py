"""The next step of cooperating batteries: what each charges or discharges, with what it owes to others kept and the limit on AC.

state   hour at which the step begins; stored_kwh by battery; the account of the day: lent_kwh, what each bus has lent since
        midnight, and loan, what batteries owe in the steps that are left, as the decision before gave it; price, sun and load_pu
        of the steps from now to midnight, the present one first, those of the configured day if they are left out
answer  p_kw of each battery, above 0 where it discharges; the account after the step, to be sent with the next one; the highest
        voltage on AC; whether a loan was decided, and whether the safety step changed something

Without a loan in the state one is decided for the rest of the day, as the study does at dawn of a known day and every hour on
forecasts (docs/battery.md). With it the decision is the batteries' own model predictive control and its replay. Regulators and
capacitors are held where the configured day has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from tieline.devices.battery import split
from tieline.errors import InputError, NoAnswerError
from tieline.feeders import Feeder
from tieline.feeders.limits import with_limits_of
from tieline.service.decisions.battery_state import (
    LEAST,
    BatteryState,
    Series,
    first_step,
    misfits,
)
from tieline.service.decisions.states import read_state
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.ways.cases import make_question
from tieline.studies.battery.ways.feedback import decide_on_ac
from tieline.studies.battery.ways.loan_decision import LendingState
from tieline.studies.battery.ways.local_control import control
from tieline.studies.battery.ways.safe_step import safe_step
from tieline.studies.battery.world.days import Day, make_days
from tieline.studies.battery.world.foresight import day_at_risk
from tieline.studies.battery.world.plant import make_plant
from tieline.studies.battery.world.question import Question
from tieline.typing import FloatArray

NOTICED_KW = 1e-9
"""A microwatt: below it nothing is owed, and the batteries are left out of the loan."""


@dataclass(frozen=True, eq=False)
class _Account:
    """What is owed and lent from a step to midnight, (step, battery) each [kW]."""

    owed_kw: FloatArray
    lent_kw: FloatArray


class BatteryDecisions:
    """Decides steps of one configuration.

    Args:
        config: batteries, limits, shares, horizon; one day.
        feeder: where they stand.

    Raises:
        InputError: if there is no battery, or more than a day.
        NotConvergedError: if regulators have no place to rest.
    """

    def __init__(self, config: BatteryConfig, feeder: Feeder) -> None:
        with_numbers, _ = with_limits_of(feeder, config)
        if with_numbers.drawn_profiles.days != 1:
            raise InputError(
                "A decision is asked for a step of one day. Leave out days."
            )
        plant = make_plant(feeder, with_numbers)
        day = next(make_days(feeder, with_numbers))
        self._whole = make_question(plant, day, with_numbers, 0).known_ahead()
        self._margin_pu = with_numbers.margin_pu

    def decide(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Safe set-points; see `ask.Decisions`."""
        situation = read_state(
            BatteryState, LEAST, state, partial(misfits, self._whole)
        )
        stored_kwh = self._by_battery(situation.stored_kwh)
        question = _with_due_in_reach(self._question(situation), stored_kwh)
        lending = LendingState(stored_kwh, self._lent_kwh(situation))
        account = self._account(question, situation, lending)
        schedule = control(question, account.owed_kw, stored_kwh, 1)
        this_step = question.only(np.array([0]))
        step = safe_step(this_step, stored_kwh, schedule.injection_kw[0])
        if not step.is_safe:
            raise NoAnswerError(
                f"No set-points of the batteries keep {question.limit_pu:g} pu on feeder '{question.plant.feeder.name}' in this "
                f"step: the nearest ones leave {step.highest_pu:.4f} pu. Curtail PV, or ask for another limit."
            )
        charge_kw, after_kwh = _carried_out(question, stored_kwh, step.injection_kw)
        return {
            "p_kw": self._told(step.injection_kw),
            "stored_kwh": self._told(after_kwh),
            **self._account_after(question, account, lending, charge_kw),
            "highest_pu": step.highest_pu,
            "loan_decided": situation.loan is None,
            "changed_by_safety_step": step.is_changed,
        }

    def _question(self, situation: BatteryState) -> Question:
        """The rest of the day from the present step on."""
        question = self._whole.after(first_step(self._whole, situation))
        day = _day_as_told(question, situation)
        return replace(question, foresight=replace(question.foresight, day=day))

    def _account(
        self, question: Question, situation: BatteryState, lending: LendingState
    ) -> _Account:
        """The loan of the state, else one that is decided now."""
        loan = situation.loan
        if loan is None:
            decision = decide_on_ac(self._to_plan_for(question), lending)
            return _Account(decision.reserved_kw, decision.lent_kw)
        n_steps = question.day.n_steps
        names = self._names
        return _Account(
            _columns(names, loan.owed_kw, n_steps),
            _columns(names, loan.lent_kw, n_steps),
        )

    def _to_plan_for(self, question: Question) -> Question:
        """The rest of the day as loans are planned for: a little below the limit and for more surplus, where so asked."""
        config = question.config
        planned = question.with_limit(question.limit_pu - self._margin_pu)
        if config.plan == "expected":
            return planned
        day = day_at_risk(question.day, config.forecasts, config.risk_pct / 100)
        return replace(planned, foresight=replace(planned.foresight, day=day))

    def _account_after(
        self,
        question: Question,
        account: _Account,
        lending: LendingState,
        charge_kw: FloatArray,
    ) -> dict[str, Any]:
        """What is owed and lent once the step is over; at midnight the account begins anew."""
        if question.day.n_steps == 1:
            return {"loan": None, "lent_kwh": {}}
        lent_kw = np.minimum(charge_kw, account.lent_kw[0])
        more_kwh = question.day.hours * question.plant.bus_total(lent_kw)
        lent_kwh = lending.lent_kwh + more_kwh
        buses = question.plant.bus_names
        loan = {
            "owed_kw": self._told_columns(account.owed_kw[1:]),
            "lent_kw": self._told_columns(account.lent_kw[1:]),
        }
        is_lender = np.flatnonzero(lent_kwh > 0)
        lent_by_bus = {buses[k]: float(lent_kwh[k]) for k in is_lender}
        return {"loan": loan, "lent_kwh": lent_by_bus}

    @property
    def _names(self) -> Sequence[str]:
        return self._whole.plant.batteries.names

    def _by_battery(self, values: Mapping[str, float]) -> FloatArray:
        return np.array([values[name] for name in self._names], dtype=float)

    def _lent_kwh(self, situation: BatteryState) -> FloatArray:
        buses = self._whole.plant.bus_names
        return np.array([situation.lent_kwh.get(bus, 0.0) for bus in buses])

    def _told(self, of_batteries: FloatArray) -> dict[str, float]:
        return dict(zip(self._names, of_batteries.tolist(), strict=True))

    def _told_columns(self, powers_kw: FloatArray) -> dict[str, list[float]]:
        """Of batteries for which there is something to tell."""
        owes = (powers_kw > NOTICED_KW).any(axis=0)
        return {
            self._names[k]: powers_kw[:, k].tolist()
            for k in np.flatnonzero(owes).tolist()
        }


def _day_as_told(question: Question, situation: BatteryState) -> Day:
    """The rest of a day with what the state says of it."""
    day = question.day
    feeder = question.plant.feeder
    if situation.price is not None:
        day = replace(day, price=np.array(situation.price))
    if situation.sun is not None:
        day = replace(day, sun_pu=np.array(situation.sun))
    if situation.load_pu is None:
        return day
    load_pu = _load_pu(feeder, situation.load_pu)
    nominal_kw = np.array([load.p_kw for load in feeder.loads])
    nominal_kvar = np.array([load.q_kvar for load in feeder.loads])
    reactive_share = question.config.reactive_pct / 100
    load_kvar = load_pu * nominal_kvar * reactive_share
    return replace(day, load_kw=load_pu * nominal_kw, load_kvar=load_kvar)


def _load_pu(feeder: Feeder, told: Series | Mapping[str, Series]) -> FloatArray:
    """Share of each load, (step, load), or of all loads, (step, 1)."""
    if isinstance(told, Mapping):
        return np.array([told[load.name] for load in feeder.loads]).T
    return np.array(told)[:, None]


def _columns(
    names: Sequence[str], powers_kw: Mapping[str, Series], n_steps: int
) -> FloatArray:
    """Powers by battery as (step, battery), 0 for those that are left out."""
    columns = np.zeros((n_steps, len(names)))
    for k, name in enumerate(names):
        if name in powers_kw:
            columns[:, k] = powers_kw[name]
    return columns


def _with_due_in_reach(question: Question, stored_kwh: FloatArray) -> Question:
    """The question with no more due at midnight than can still be charged."""
    plant = question.plant
    batteries = plant.batteries
    hours_left = question.day.n_steps * question.day.hours
    charged_kwh = hours_left * batteries.efficiency_charge * batteries.charge_max_kw
    reach_kwh = np.minimum(stored_kwh + charged_kwh, batteries.stored_max_kwh)
    if (plant.stored_kwh <= reach_kwh).all():
        return question
    due_kwh = np.minimum(plant.stored_kwh, reach_kwh)
    return replace(question, plant=replace(plant, stored_kwh=due_kwh))


def _carried_out(
    question: Question, stored_kwh: FloatArray, injection_kw: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """What batteries charge in a step [kW], and have stored after it [kWh], (battery,) each."""
    batteries = question.plant.batteries
    charge_kw, discharge_kw = split(injection_kw)
    after_kwh = batteries.next_stored_kwh(
        stored_kwh, charge_kw, discharge_kw, question.day.hours
    )
    # rounding must not make of a full battery one that the next state is refused for
    within_kwh = np.clip(after_kwh, batteries.stored_min_kwh, batteries.stored_max_kwh)
    return charge_kw, within_kwh
