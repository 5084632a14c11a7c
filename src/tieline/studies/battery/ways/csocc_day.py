"""CSOCC through a day: loans are decided, batteries keep them, and where the day is not known loans are decided anew.

A decision is that of `feedback.decide_on_ac` for the rest of the calendar day as it is planned for, with what is stored and lent
by then. Of a known day there is one, on forecasts one every `coordinate_every_h`. What is lent counts anew each day.

A loan is charge that is owed later: until then it is room that no battery may fill. So a chance-constrained plan, which lends for
the surplus of the accepted risk (`world.foresight`), keeps room against the forecast's error; prices stay as they are expected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tieline.opf.battery_mpc import Schedule
from tieline.studies.battery.ways.feedback import decide_on_ac
from tieline.studies.battery.ways.loan_decision import LendingState, LoanDecision
from tieline.studies.battery.ways.local_control import control
from tieline.studies.battery.world.question import Question
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class CsoccDay:
    """A day in cooperation.

    Attributes:
        decisions: one for each calendar day: of several the one with the largest need.
        reserved_kw: charge that was owed, (step, battery) [kW].
        lent_kw: the part of it that was lent, (step, battery) [kW].
        borrowed_kw: charge that others owed for each bus, (step, bus) [kW].
        schedule: what the batteries did.
    """

    decisions: tuple[LoanDecision, ...]
    reserved_kw: FloatArray
    lent_kw: FloatArray
    borrowed_kw: FloatArray
    schedule: Schedule

    @property
    def largest_decision(self) -> LoanDecision:
        """The one with the largest need."""
        return max(self.decisions, key=_need_kwh)

    @property
    def taken_kw(self) -> FloatArray:
        """What lenders really took over for each bus, (step, bus) [kW]: all of it, unless they could not charge as promised."""
        promised_kw = self.lent_kw.sum(axis=1)
        # a lender's own charge comes on top: no more than what it lent counts as taken over
        kept_kw = np.minimum(self.schedule.charge_kw, self.lent_kw).sum(axis=1)
        part = np.zeros(len(promised_kw))
        np.divide(kept_kw, promised_kw, out=part, where=promised_kw > 0)
        return self.borrowed_kw * part[:, None]


@dataclass(frozen=True)
class Stretch:
    """Steps through which a loan is kept: from `first` to before `stop`, on the calendar day that ends before `day_end`."""

    first: int
    stop: int
    day_end: int

    @property
    def n_steps(self) -> int:
        """Steps to the next decision."""
        return self.stop - self.first

    @property
    def n_steps_of_day(self) -> int:
        """Steps that are left of the calendar day; the loan is decided for all of them."""
        return self.day_end - self.first


@dataclass(frozen=True, eq=False)
class Stage:
    """A loan that was kept: when, what was decided, and what the batteries did."""

    stretch: Stretch
    decision: LoanDecision
    schedule: Schedule


def play_csocc(question: Question) -> CsoccDay:
    """Go through a day, or several in a row.

    Args:
        question: plant, day and limits, shares, search, and how often to decide.

    Raises:
        InputError: if stored energy is outside its limits, or the horizon is longer than the day.
    """
    n_steps = question.day.n_steps
    state = LendingState.at_start(question.plant)
    stages = []
    for stretch in _stretches(question):
        remaining = question.after(stretch.first)
        rest_of_day = remaining.to_plan_for(stretch.n_steps_of_day)
        if stretch.day_end < n_steps:
            # batteries end the run as they began it, and not each day of it
            rest_of_day = rest_of_day.with_nothing_due()
        decision = decide_on_ac(rest_of_day, state)
        schedule = _keep_loan(remaining, decision, state, stretch)
        stages.append(Stage(stretch, decision, schedule))
        state = _state_after(question, state, stages[-1])
    return _joined(stages)


def _stretches(question: Question) -> Iterator[Stretch]:
    """From each decision to the next, calendar day by calendar day."""
    day = question.day
    decision_steps = max(round(question.config.coordinate_every_h / day.hours), 1)
    midnights = np.unique(day.times.normalize(), return_index=True)[1]
    for begin, end in pairwise([*midnights.tolist(), day.n_steps]):
        # nothing new is learned of a known day: one decision lasts to its end
        length = decision_steps
        if question.foresight.is_perfect:
            length = end - begin
        for first in range(begin, end, length):
            yield Stretch(first, min(first + length, end), end)


def _keep_loan(
    remaining: Question, decision: LoanDecision, state: LendingState, stretch: Stretch
) -> Schedule:
    """What the batteries do with a loan until the next decision."""
    # nothing is owed on later days
    reserved_kw = remaining.plant.idle_kw(remaining.day)
    reserved_kw[: stretch.n_steps_of_day] = decision.reserved_kw
    return control(remaining, reserved_kw, state.stored_kwh, stretch.n_steps)


def _state_after(question: Question, state: LendingState, stage: Stage) -> LendingState:
    """Where the batteries stand when the next loan is decided."""
    stored_kwh = stage.schedule.stored_kwh[-1]
    if stage.stretch.stop == stage.stretch.day_end:
        # at midnight every bus may lend its share anew
        return LendingState(stored_kwh, np.zeros(question.plant.n_buses))
    promised_kw = stage.decision.lent_kw[: stage.stretch.n_steps]
    charged_kw = np.minimum(stage.schedule.charge_kw, promised_kw)
    lent_kwh = question.day.hours * question.plant.by_bus(charged_kw).sum(axis=0)
    return LendingState(stored_kwh, state.lent_kwh + lent_kwh)


def _joined(stages: Sequence[Stage]) -> CsoccDay:
    """The stages of a day, one after the other."""

    def joined_kw(name: str) -> FloatArray:
        parts = [
            getattr(stage.decision, name)[: stage.stretch.n_steps] for stage in stages
        ]
        return np.vstack(parts)

    return CsoccDay(
        decisions=_largest_by_day(stages),
        reserved_kw=joined_kw("reserved_kw"),
        lent_kw=joined_kw("lent_kw"),
        borrowed_kw=joined_kw("borrowed_kw"),
        schedule=Schedule.joined([stage.schedule for stage in stages]),
    )


def _largest_by_day(stages: Sequence[Stage]) -> tuple[LoanDecision, ...]:
    """Of each calendar day the decision with the largest need."""
    largest: dict[int, LoanDecision] = {}
    for stage in stages:
        before = largest.get(stage.stretch.day_end)
        if before is None or _need_kwh(stage.decision) > _need_kwh(before):
            largest[stage.stretch.day_end] = stage.decision
    return tuple(largest.values())


def _need_kwh(decision: LoanDecision) -> float:
    return decision.loan.required_kwh
