"""Receding horizon: solve a window, apply its first step, observe, move on; over any formulation.

Each window begins with what the steps before left: stored energy, last powers (ramps), served shares, energy used. What must hold
at the end of all steps (energy due, stored energy at the end) is asked of a window only as far as the steps after it cannot make
up for it. The decider sees `foresee(t, window)`; what is applied is limited to what the devices can really do in that step, and
replayed on AC.

Source: J. B. Rawlings, D. Q. Mayne, M. M. Diehl, Model Predictive Control: Theory, Computation, and Design, 2nd ed., ch. 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tieline.devices.apparent_power import q_room
from tieline.devices.battery import split
from tieline.errors import InputError
from tieline.opf.answer import Answer
from tieline.opf.nlp import NlpModel
from tieline.opf.problem import Problem
from tieline.opf.replay import Replay, replay
from tieline.typing import FloatArray

Solve = Callable[[Problem, Answer | None], Answer]
"""A formulation: the window's problem and the answer of the window before, to its answer."""

Foresee = Callable[[int, Problem], Problem]
"""What the decider believes of the window that begins at a step."""


@dataclass(frozen=True, eq=False)
class HorizonRun:
    """What was applied.

    Attributes:
        der_kw, der_kvar: set-points, (step, der) [kW, kvar].
        stored_kwh: after each step, (step, storage) [kWh].
        served: share of the loads, (step, load).
        replay: all steps on AC, with violations and true cost.
        solve_s: time of the solver in each window, (step,) [s].
    """

    der_kw: FloatArray
    der_kvar: FloatArray
    stored_kwh: FloatArray
    served: FloatArray
    replay: Replay
    solve_s: FloatArray


@dataclass(eq=False)
class _State:
    """What the steps so far left behind."""

    stored_kwh: FloatArray
    last_kw: FloatArray
    served: FloatArray
    used_kwh: FloatArray


def run_horizon(
    problem: Problem, window: int, solve: Solve, foresee: Foresee | None = None
) -> HorizonRun:
    """Go through all steps of a problem with windows of `window` steps.

    Args:
        problem: all steps, as they will really be.
        window: steps that a decision looks ahead, itself included.
        solve: a formulation, such as `lambda problem, before: solve_socp(problem)` or `warm_nlp()`.
        foresee: what the decider believes; None sees the truth.

    Raises:
        InputError: if the window is empty.
        InfeasibleError, NoOptimumError: if a window has no answer.
    """
    if window < 1:
        raise InputError(f"A window needs at least one step; got {window}.")
    state = _State(
        problem.storage.stored_kwh,
        problem.ders.last_kw,
        problem.flexible.served_before,
        np.zeros(problem.n_ders),
    )
    applied: list[tuple[FloatArray, ...]] = []
    answer: Answer | None = None
    solve_s = np.zeros(problem.n_steps)
    for t in range(problem.n_steps):
        ahead = _ahead(problem, t, min(t + window, problem.n_steps), state)
        answer = solve(foresee(t, ahead) if foresee else ahead, answer)
        solve_s[t] = answer.solve_s
        p, q = _feasible(problem, t, state, answer.der_kw[0], answer.der_kvar[0])
        state = _after(problem, state, p, answer.served[0])
        applied.append((p, q, state.stored_kwh, answer.served[0]))
    p, q, stored, served = (np.array(column) for column in zip(*applied, strict=True))
    return HorizonRun(p, q, stored, served, replay(problem, p, q, served), solve_s)


def warm_nlp() -> Solve:
    """The AC optimum, built once per window length and started from the window before."""
    models: dict[int, NlpModel] = {}

    def solve(problem: Problem, before: Answer | None) -> Answer:
        model = models.get(problem.n_steps)
        if model is None or not model.fits(problem):
            model = models[problem.n_steps] = NlpModel(problem)
            before = None
        same = before is not None and before.problem.n_steps == problem.n_steps
        return model.solve(problem, start=before if same else None)

    return solve


def _ahead(problem: Problem, first: int, stop: int, state: _State) -> Problem:
    """The window's problem."""
    h = problem.steps.hours
    later = problem.n_steps - stop
    units = problem.storage.batteries
    can_give = h * problem.ders.p_max_kw[stop:].sum(axis=0)
    must_give = h * problem.ders.p_min_kw[stop:].sum(axis=0)
    can_charge = later * h * units.efficiency_charge * units.charge_max_kw
    return problem.window(first, stop).replace(
        stored_kwh=state.stored_kwh,
        stored_end_kwh=np.maximum(problem.storage.stored_end_kwh - can_charge, 0.0),
        last_kw=state.last_kw,
        served_before=state.served,
        energy_min_kwh=problem.ders.energy_min_kwh - state.used_kwh - can_give,
        energy_max_kwh=problem.ders.energy_max_kwh - state.used_kwh - must_give,
    )


def _feasible(
    problem: Problem, t: int, state: _State, p_kw: FloatArray, q_kvar: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The set-points as far as the devices can follow them in this step: box, stored energy, apparent power."""
    p = np.clip(p_kw, problem.ders.p_min_kw[t], problem.ders.p_max_kw[t])
    charge, discharge = problem.storage.batteries.clip(
        p[problem.storage.der], state.stored_kwh, problem.steps.hours
    )
    p[problem.storage.der] = discharge - charge
    room = q_room(problem.ders.kva, p)
    return p, np.clip(q_kvar, -room, room)


def _after(problem: Problem, state: _State, p_kw: FloatArray, served: FloatArray) -> _State:
    charge, discharge = split(p_kw[problem.storage.der])
    units = problem.storage.batteries
    stored = units.next_stored_kwh(state.stored_kwh, charge, discharge, problem.steps.hours)
    stored = np.clip(
        stored, units.stored_min_kwh, units.stored_max_kwh
    )  # rounding of the last digit only
    return _State(stored, p_kw, served, state.used_kwh + problem.steps.hours * p_kw)
