"""What AC still asks for after a loan is kept: the charge that would bring the voltages down that are above the limit.

Reverse power at the critical buses is only a stand-in for their voltages. Lenders far away lower these less than the batteries of
the region would, and a bus without load of its own has no reverse power however high its voltage is. So the plan is replayed, and
in each step with a voltage above the limit lenders owe more than they gave, by

    (voltage - limit) / (fall of the voltage per kW that the lenders charge together)

at the highest voltage that they can lower, with the derivative of the AC power flow, but never more than the whole feeder has too
much. What that misses, because it is of first order, because other voltages are too high as well or because batteries use their
freedom otherwise, the next replay shows.

tieline's own; the thesis stops at the loan for the reverse power.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tieline.opf.battery_mpc import Schedule
from tieline.powerflow import Solution
from tieline.powerflow.derivatives.gradients import tangent
from tieline.studies.battery.ways.loan_decision import (
    LendingState,
    LoanDecision,
    cover,
    decide_loan,
)
from tieline.studies.battery.ways.local_control import control
from tieline.studies.battery.world.plant import Plant
from tieline.studies.battery.world.question import Question
from tieline.typing import FloatArray, IntArray

ROUNDS = 20
"""Most loans that a decision tries; a few are enough where the limit can be kept."""

NOTICED_KW = 1e-3
"""Change of a battery's loan that counts as one [kW]."""


@dataclass(frozen=True, eq=False)
class Trial:
    """A loan and what AC says of it.

    Attributes:
        decision: the loan.
        schedule: what the batteries do with it.
        unjudged_steps: steps without a power-flow solution.
        violations: bus-steps above the limit.
        violating_steps: steps with one, (violating step,).
        highest_pu: the highest voltage [pu].
    """

    decision: LoanDecision
    schedule: Schedule
    unjudged_steps: int
    violations: int
    violating_steps: IntArray
    highest_pu: float

    @property
    def badness(self) -> tuple[int, int, float]:
        """The less the better: a step that nobody can judge is worse than any violation."""
        return self.unjudged_steps, self.violations, self.highest_pu


def decide_on_ac(question: Question, state: LendingState) -> LoanDecision:
    """The loan that keeps the limit on AC on a day that is known, or the best of those tried.

    Args:
        question: plant, day and limits.
        state: where the batteries stand at the first step.
    """
    decision: LoanDecision | None = decide_loan(question, question.replay_idle(), state)
    trials: list[Trial] = []
    # a larger loan may fill batteries earlier and be worse, so the best is kept and not the last
    while decision is not None and len(trials) < ROUNDS:
        schedule = control(question, decision.reserved_kw, state.stored_kwh)
        trial = judge(question, decision, schedule)
        trials.append(trial)
        decision = with_larger_need(question, trial)
    return min(trials, key=lambda trial: trial.badness).decision


def judge(question: Question, decision: LoanDecision, schedule: Schedule) -> Trial:
    """What AC says of a loan and of what the batteries do with it."""
    solution = question.replay(schedule.injection_kw)
    too_high = question.too_high(solution)
    bus_pu = question.plant.bus_voltage_pu(solution)
    return Trial(
        decision=decision,
        schedule=schedule,
        unjudged_steps=int((~solution.converged).sum()),
        violations=int(too_high.sum()),
        violating_steps=np.flatnonzero(too_high.any(axis=1)),
        highest_pu=float(np.fmax.reduce(bus_pu, axis=None)),
    )


def with_larger_need(question: Question, trial: Trial) -> LoanDecision | None:
    """The loan for what AC asks for beyond a trial; None if no voltage is too high, or nobody can lend more against it."""
    plant = question.plant
    decision = trial.decision
    steps = trial.violating_steps
    share = _shares(plant, decision)
    if not len(steps) or not share.any():
        return None
    solution = question.only(steps).replay(trial.schedule.injection_kw[steps])
    lent_kw = decision.loan.lent_kw[steps].sum(axis=1)
    owed_kw = lent_kw + _more_kw(plant, solution, share, question.limit_pu)
    # charge beyond the feeder's surplus would come from the source, and lower no voltage that PV lifts
    feeder_surplus_kw = np.maximum(question.surplus_kw[steps], 0.0).sum(axis=1)
    least_kw = decision.need.least_kw.copy()
    least_kw[steps] = np.minimum(owed_kw, feeder_surplus_kw)
    need = replace(decision.need, least_kw=least_kw)
    larger = cover(plant, decision.regions, need, decision.offers)
    is_as_before = np.allclose(
        larger.lent_kw, decision.lent_kw, rtol=0, atol=NOTICED_KW
    )
    return None if is_as_before else larger


def _shares(plant: Plant, decision: LoanDecision) -> FloatArray:
    """Part of one kW more that each battery charges, (battery,): as lent so far, else by who is asked first; 0 if nobody is."""
    part = decision.lent_kw.sum(axis=0)
    if not part.any() and decision.offers:
        first_bus = decision.offers[0].bus
        is_first = plant.battery_bus == plant.positions([first_bus])
        part = plant.battery_share * is_first
    if not part.any():
        return part
    return part / part.sum()


def _more_kw(
    plant: Plant, solution: Solution, share: FloatArray, limit_pu: float
) -> FloatArray:
    """Charge that brings the highest voltage to the limit that can be lowered, (step,) [kW]."""
    fall = fall_together(plant, solution, share)
    # a voltage that the lenders would raise (another phase) is none that they can be asked for
    excess_pu = np.where(
        fall > 0, plant.points.magnitude_pu(solution.v_pu) - limit_pu, 0.0
    )
    steps = np.arange(len(excess_pu))
    highest = excess_pu.argmax(axis=1)
    highest_pu = excess_pu[steps, highest]
    more_kw = np.zeros(len(steps))
    return np.divide(
        highest_pu, fall[steps, highest], out=more_kw, where=highest_pu > 0
    )


def fall_together(plant: Plant, solution: Solution, share: FloatArray) -> FloatArray:
    """Fall of all voltages per kW that batteries charge together, (step, point) [pu/kW]; `share` is that of each, (battery,)."""
    direction = np.zeros(len(plant.network.feeder.ders))
    direction[plant.battery_der] = -share
    v_change = tangent(solution, der_kw=direction)
    one_direction = v_change[:, None, :]
    rise = plant.points.magnitude_slopes(solution.v_pu, one_direction)[..., 0]
    return -rise
