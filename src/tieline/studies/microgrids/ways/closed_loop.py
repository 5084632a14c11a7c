"""Step after step: what a decider wishes, what devices can follow, what a safety step makes of it, and what that leaves.

    wish        set-points of all DERs, from what the steps so far left behind
    proposal    the wish within boxes, ramps, stored energy and apparent power of this step; P goes before Q
    applied     the proposal, or what the safety step makes of it

The next step begins with what the applied set-points leave: stored energy, last powers, the voltage at each meter.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tieline.devices.apparent_power import q_room
from tieline.devices.battery import split
from tieline.envs.microgrids.day import Day, problem_of
from tieline.envs.microgrids.plant import Plant
from tieline.opf import Problem
from tieline.typing import BoolArray, FloatArray

Powers = tuple[FloatArray, FloatArray]
"""P and Q of all DERs, (der,) each [kW, kvar]."""


@dataclass(frozen=True, eq=False)
class State:
    """What the steps so far left behind.

    Attributes:
        stored_kwh: (battery,).
        last_kw, last_kvar: what was applied in the step before, (der,); P is NaN and Q 0 where there was none.
    """

    stored_kwh: FloatArray
    last_kw: FloatArray
    last_kvar: FloatArray


Wish = Callable[[int, State], Powers]
"""A decider: the number of a step and the state before it, to what it wishes."""

Guard = Callable[[Problem, FloatArray, FloatArray], Powers]
"""A safety step: the problem of one step and what is proposed, to what keeps its limits; the same arrays if they do."""


@dataclass(frozen=True, eq=False)
class Course:
    """What became of a day.

    Attributes:
        problem: of all steps.
        proposed_kw, proposed_kvar, applied_kw, applied_kvar: (step, der) each.
        is_touched: steps that the safety step changed, (step,).
        wish_s, guard_s: time of the decider and of the safety step, (step,) each [s].
    """

    problem: Problem
    proposed_kw: FloatArray
    proposed_kvar: FloatArray
    applied_kw: FloatArray
    applied_kvar: FloatArray
    is_touched: BoolArray
    wish_s: FloatArray
    guard_s: FloatArray


def play(plant: Plant, day: Day, wish: Wish, guard: Guard | None = None) -> Course:
    """Go through the steps of a day.

    Raises:
        InfeasibleError: if a safety step finds no set-points that keep all limits; it names them.
    """
    problem = problem_of(plant, day)
    course = _empty(problem)
    state = State(
        stored_kwh=day.stored_kwh,
        last_kw=problem.ders.last_kw,
        last_kvar=np.zeros(problem.n_ders),
    )
    for t in range(problem.n_steps):
        question = _ask(problem, t, state)
        began = time.perf_counter()
        wished_kw, wished_kvar = wish(t, state)
        decided = time.perf_counter()
        proposal = within_devices(question, wished_kw, wished_kvar)
        applied = proposal
        if guard is not None:
            applied = guard(question, *proposal)
        course.wish_s[t] = decided - began
        course.guard_s[t] = time.perf_counter() - decided
        course.proposed_kw[t], course.proposed_kvar[t] = proposal
        course.applied_kw[t], course.applied_kvar[t] = applied
        course.is_touched[t] = applied is not proposal and _differ(proposal, applied)
        state = _after(question, applied)
    return course


def _empty(problem: Problem) -> Course:
    shape = (problem.n_steps, problem.n_ders)
    return Course(
        problem=problem,
        proposed_kw=np.zeros(shape),
        proposed_kvar=np.zeros(shape),
        applied_kw=np.zeros(shape),
        applied_kvar=np.zeros(shape),
        is_touched=np.zeros(problem.n_steps, dtype=bool),
        wish_s=np.zeros(problem.n_steps),
        guard_s=np.zeros(problem.n_steps),
    )


def _ask(problem: Problem, step: int, state: State) -> Problem:
    """One step as a problem of its own."""
    return problem.window(step, step + 1).replace(
        stored_kwh=state.stored_kwh, last_kw=state.last_kw
    )


def within_devices(question: Problem, p_kw: FloatArray, q_kvar: FloatArray) -> Powers:
    """Set-points as far as devices can follow them in one step, (der,) each."""
    ders = question.ders
    p = np.clip(p_kw, ders.p_min_kw[0], ders.p_max_kw[0])
    has_last = np.isfinite(ders.last_kw)
    last_kw = np.where(has_last, ders.last_kw, p)
    p = np.clip(p, last_kw - ders.ramp_kw, last_kw + ders.ramp_kw)
    storage = question.storage
    charge, discharge = storage.batteries.clip(
        p[storage.der], storage.stored_kwh, question.steps.hours
    )
    p[storage.der] = discharge - charge
    q = np.clip(q_kvar, ders.q_min_kvar[0], ders.q_max_kvar[0])
    room = q_room(ders.kva, p)
    return p, np.clip(q, -room, room)


def _differ(proposal: Powers, applied: Powers) -> bool:
    pairs = zip(proposal, applied, strict=True)
    return any(not np.array_equal(before, after) for before, after in pairs)


def _after(question: Problem, applied: Powers) -> State:
    p_kw, q_kvar = applied
    storage = question.storage
    units = storage.batteries
    charge, discharge = split(p_kw[storage.der])
    stored = units.next_stored_kwh(
        storage.stored_kwh, charge, discharge, question.steps.hours
    )
    # the last digit only: the next step would call it a contradiction
    stored_kwh = np.clip(stored, units.stored_min_kwh, units.stored_max_kwh)
    return State(stored_kwh, p_kw, q_kvar)
