"""Step after step: what a decider wishes, what devices can follow, what a safety step makes of it, and what that leaves.

    wish        set-points of all DERs, from what the steps so far left behind
    proposal    the wish within boxes, ramps, stored energy and apparent power of this step; P goes before Q
    applied     the proposal, or what the safety step makes of it

The next step begins with what the applied set-points leave: stored energy, last powers, the voltage at each meter.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from tieline.devices.apparent_power import q_room
from tieline.devices.battery import split
from tieline.envs.microgrids.before import state_before
from tieline.envs.microgrids.day import Day, problem_of
from tieline.envs.microgrids.observe import Observer
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.windows import DayStack
from tieline.opf import Problem, replay
from tieline.studies.microgrids.ways.dispatch import Dispatch
from tieline.typing import BoolArray, FloatArray

Powers = tuple[FloatArray, FloatArray]
"""P and Q of all DERs, (der,) each [kW, kvar]."""


@dataclass(frozen=True, eq=False)
class State:
    """What the steps so far left behind.

    Attributes:
        observer: of the plant.
        stored_kwh: (battery,).
        last_kw: power of generators in the step before, (generator,).
        first_pu: voltage at each meter before the first step, (microgrid,) [pu].
        before: the step before, as a problem of one step, and what was applied in it; None before the first.
    """

    observer: Observer
    stored_kwh: FloatArray
    last_kw: FloatArray
    first_pu: FloatArray
    before: tuple[Problem, Powers] | None = None

    @cached_property
    def pcc_pu(self) -> FloatArray:
        """Voltage at each meter in the step before, (microgrid,) [pu].

        A power flow, for those alone who look at it.
        """
        if self.before is None:
            return self.first_pu
        question, powers = self.before
        p_kw, q_kvar = powers
        # a replay takes all steps of a problem: here (1, der)
        solution = replay(question, p_kw[None], q_kvar[None]).solution
        return self.observer.pcc_pu(solution)[0]


Wish = Callable[[int, State], Powers]
"""A decider: the number of a step and the state before it, to what it wishes."""


Guard = Callable[[Problem, FloatArray, FloatArray], Powers]
"""A safety step: one step and what is proposed, to what keeps its limits; the same arrays where the proposal does."""

GuardMaker = Callable[[Problem], Guard]
"""From the problem of all steps to the safety step of each."""


@dataclass(frozen=True, eq=False)
class Course:
    """What became of a day.

    Attributes:
        plant, problem: of all steps.
        proposed_kw, proposed_kvar, applied_kw, applied_kvar: (step, der) each.
        is_touched: steps that the safety step changed, (step,).
        wish_s, guard_s: time of the decider and of the safety step, (step,) each [s].
    """

    plant: Plant
    problem: Problem
    proposed_kw: FloatArray = field(init=False)
    proposed_kvar: FloatArray = field(init=False)
    applied_kw: FloatArray = field(init=False)
    applied_kvar: FloatArray = field(init=False)
    is_touched: BoolArray = field(init=False)
    wish_s: FloatArray = field(init=False)
    guard_s: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        """Room for all steps, filled while they are played."""
        n_steps = self.problem.n_steps
        shape = (n_steps, self.problem.n_ders)
        # the course is frozen, what its arrays hold is not
        rooms: dict[str, Any] = {name: np.zeros(shape) for name in _POWERS}
        rooms["wish_s"] = np.zeros(n_steps)
        rooms["guard_s"] = np.zeros(n_steps)
        rooms["is_touched"] = np.zeros(n_steps, dtype=bool)
        for name, room in rooms.items():
            object.__setattr__(self, name, room)

    @property
    def proposed(self) -> Dispatch:
        """What the decider wanted, as far as devices can follow."""
        return Dispatch(self.plant, self.problem, self.proposed_kw, self.proposed_kvar)

    @property
    def applied(self) -> Dispatch:
        """What was done."""
        return Dispatch(self.plant, self.problem, self.applied_kw, self.applied_kvar)


_POWERS = ("proposed_kw", "proposed_kvar", "applied_kw", "applied_kvar")


def play(
    plant: Plant,
    day: Day,
    wish: Wish,
    make_guard: GuardMaker | None = None,
    measures: bool = False,
) -> Course:
    """Go through the steps of a day.

    Args:
        plant, day: what is decided.
        wish: who decides.
        make_guard: makes the safety step; without one what is proposed is applied.
        measures: whether the decider looks at voltages; they are there before its time is taken, as from a meter.
    """
    course = Course(plant, problem_of(plant, day))
    guard = make_guard(course.problem) if make_guard is not None else None
    state = _first_state(course, day)
    for step in range(course.problem.n_steps):
        question = _ask(course.problem, step, state)
        if measures:
            # worked out once and kept
            _ = state.pcc_pu
        proposal = _propose(course, step, state, question, wish)
        applied = proposal
        if guard is not None:
            applied = _keep(course, step, question, proposal, guard)
        course.applied_kw[step], course.applied_kvar[step] = applied
        # the next step begins with what this one leaves
        state = _after(state, question, applied)
    return course


def _first_state(course: Course, day: Day) -> State:
    observer = Observer.of(course.plant)
    stack = DayStack.of([day], [course.problem.positions])
    start = state_before(observer, stack)
    return State(observer, day.stored_kwh, day.last_kw, start.pcc_pu[0])


def _propose(
    course: Course, step: int, state: State, question: Problem, wish: Wish
) -> Powers:
    began = time.perf_counter()
    wished_kw, wished_kvar = wish(step, state)
    course.wish_s[step] = time.perf_counter() - began
    proposal = within_devices(question, wished_kw, wished_kvar)
    course.proposed_kw[step], course.proposed_kvar[step] = proposal
    return proposal


def _keep(
    course: Course, step: int, question: Problem, proposal: Powers, guard: Guard
) -> Powers:
    began = time.perf_counter()
    applied = guard(question, *proposal)
    course.guard_s[step] = time.perf_counter() - began
    course.is_touched[step] = applied[0] is not proposal[0]
    return applied


def _ask(problem: Problem, step: int, state: State) -> Problem:
    """One step as a problem of its own."""
    last_kw = problem.ders.last_kw.copy()
    last_kw[state.observer.plant.generator_ders] = state.last_kw
    return problem.window(step, step + 1).replace(
        stored_kwh=state.stored_kwh, last_kw=last_kw
    )


def within_devices(question: Problem, p_kw: FloatArray, q_kvar: FloatArray) -> Powers:
    """Set-points as far as devices can follow them in one step, (der,) each."""
    ders = question.ders
    p = _within_ramps(question, p_kw)
    p = np.clip(p, ders.p_min_kw[0], ders.p_max_kw[0])
    storage = question.storage
    batteries = storage.der
    charge, discharge = storage.batteries.clip(
        p[batteries], storage.stored_kwh, question.steps.hours
    )
    p[batteries] = discharge - charge
    q = np.clip(q_kvar, ders.q_min_kvar[0], ders.q_max_kvar[0])
    room = q_room(ders.kva, p)
    return p, np.clip(q, -room, room)


def _within_ramps(question: Problem, p_kw: FloatArray) -> FloatArray:
    ders = question.ders
    # a DER without a power before is free in its first step
    last_kw = np.where(np.isfinite(ders.last_kw), ders.last_kw, p_kw)
    lowest_kw = last_kw - ders.ramp_kw
    highest_kw = last_kw + ders.ramp_kw
    return np.clip(p_kw, lowest_kw, highest_kw)


def _after(state: State, question: Problem, applied: Powers) -> State:
    p_kw, _ = applied
    storage = question.storage
    units = storage.batteries
    charge, discharge = split(p_kw[storage.der])
    stored = units.next_stored_kwh(
        storage.stored_kwh, charge, discharge, question.steps.hours
    )
    # the last digit only: the next step would call it a contradiction
    stored_kwh = np.clip(stored, units.stored_min_kwh, units.stored_max_kwh)
    observer = state.observer
    last_kw = p_kw[observer.plant.generator_ders]
    return State(observer, stored_kwh, last_kw, state.first_pu, (question, applied))
