"""Receding horizon: solve a window, apply its first step, observe, move on; over any formulation.

Each window begins with what the steps before left: stored energy, last powers (ramps), served shares, energy used, shifted energy
that is under way. What a window shifts past its end costs what energy costs in the steps in which it returns. What must hold at
the end of all steps (energy due, stored energy at the end) is asked of a window only as far as the steps after it cannot make up
for it. The decider sees `foresee(t, window)`; what is applied is limited to what the devices can really do in that step, and
replayed on AC.

Source: J. B. Rawlings, D. Q. Mayne, M. M. Diehl, Model Predictive Control: Theory, Computation, and Design, 2nd ed., ch. 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tieline.devices import Reduction
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
        reduction: what was taken off loads with a rebound, (step, device) each [kW].
        replay: all steps on AC, with violations and true cost.
        solve_s: time of the solver in each window, (step,) [s].
    """

    der_kw: FloatArray
    der_kvar: FloatArray
    stored_kwh: FloatArray
    served: FloatArray
    reduction: Reduction
    replay: Replay
    solve_s: FloatArray


@dataclass(eq=False)
class _State:
    """What the steps so far left behind."""

    stored_kwh: FloatArray
    last_kw: FloatArray
    served: FloatArray
    used_kwh: FloatArray
    owed_kw: FloatArray


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
    state = _first_state(problem)
    answer: Answer | None = None
    states: list[_State] = []
    reductions: list[Reduction] = []
    q_kvar = np.zeros((problem.n_steps, problem.n_ders))
    solve_s = np.zeros(problem.n_steps)
    for t in range(problem.n_steps):
        # the window shrinks where the horizon ends
        end = min(t + window, problem.n_steps)
        ahead = _ahead(problem, t, end, state)
        if foresee is not None:
            ahead = foresee(t, ahead)
        answer = solve(ahead, answer)
        solve_s[t] = answer.solve_s
        # The decider may have believed in more sun, load or energy than there is: devices do what they can.
        p_kw, q_kvar[t] = _feasible(
            problem, t, state, answer.der_kw[0], answer.der_kvar[0]
        )
        step_reduction = _reduction_within_load(problem, t, state, answer)
        state = _after(problem, state, p_kw, answer.served[0], step_reduction)
        states.append(state)
        reductions.append(step_reduction)
    der_kw = np.array([step.last_kw for step in states])
    served = np.array([step.served for step in states])
    reduction = Reduction(
        np.array([step.curtailed_kw for step in reductions]),
        np.array([step.shifted_kw for step in reductions]),
    )
    return HorizonRun(
        der_kw=der_kw,
        der_kvar=q_kvar,
        stored_kwh=np.array([step.stored_kwh for step in states]),
        served=served,
        reduction=reduction,
        replay=replay(problem, der_kw, q_kvar, served, reduction=reduction),
        solve_s=solve_s,
    )


def _first_state(problem: Problem) -> _State:
    return _State(
        stored_kwh=problem.storage.stored_kwh,
        last_kw=problem.ders.last_kw,
        served=problem.flexible.served_before,
        used_kwh=np.zeros(problem.n_ders),
        owed_kw=problem.rebounds.owed_kw,
    )


def warm_nlp() -> Solve:
    """The AC optimum, built once per window length and started from the window before."""
    models: dict[int, NlpModel] = {}

    def solve(problem: Problem, before: Answer | None) -> Answer:
        model = models.get(problem.n_steps)
        if model is None or not model.fits(problem):
            # An answer of the model that is replaced has other variables.
            model = NlpModel(problem)
            models[problem.n_steps] = model
            before = None
        if before is not None and before.problem.n_steps != problem.n_steps:
            before = None
        return model.solve(problem, start=before)

    return solve


def _ahead(problem: Problem, first: int, stop: int, state: _State) -> Problem:
    """The window's problem."""
    ders = problem.ders
    storage = problem.storage
    units = storage.batteries
    h = problem.steps.hours
    steps_after = problem.n_steps - stop
    # Of what is due at the end, the window must leave no more than the steps after it can still do.
    can_give = h * ders.p_max_kw[stop:].sum(axis=0)
    must_give = h * ders.p_min_kw[stop:].sum(axis=0)
    can_charge = steps_after * h * units.efficiency_charge * units.charge_max_kw
    stored_end = storage.stored_end_kwh - can_charge
    return problem.window(first, stop).replace(
        stored_kwh=state.stored_kwh,
        stored_end_kwh=np.maximum(stored_end, 0.0),
        last_kw=state.last_kw,
        served_before=state.served,
        energy_min_kwh=ders.energy_min_kwh - state.used_kwh - can_give,
        energy_max_kwh=ders.energy_max_kwh - state.used_kwh - must_give,
        owed_kw=state.owed_kw,
        after_cost=_after_cost(problem, stop),
    )


def _after_cost(problem: Problem, stop: int) -> FloatArray:
    """Cost of what returns after a window that ends at `stop`: energy in the steps that follow, then as after the last step."""
    after_last = problem.rebounds.after_cost
    price = problem.steps.price[stop:]
    n_devices, n_lags = after_last.shape
    in_steps = np.broadcast_to(price, (n_devices, len(price)))
    return np.hstack([in_steps, after_last])[:, :n_lags]


def _feasible(
    problem: Problem, t: int, state: _State, p_kw: FloatArray, q_kvar: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The set-points as far as the devices can follow them in this step: box, stored energy, apparent power."""
    ders = problem.ders
    storage = problem.storage
    storages = storage.der
    hours = problem.steps.hours
    batteries = storage.batteries
    p = np.clip(p_kw, ders.p_min_kw[t], ders.p_max_kw[t])
    charge, discharge = batteries.clip(p[storages], state.stored_kwh, hours)
    p[storages] = discharge - charge
    # P goes first: what is left of the apparent power is there for Q.
    room = q_room(ders.kva, p)
    return p, np.clip(q_kvar, -room, room)


def _reduction_within_load(
    problem: Problem, t: int, state: _State, answer: Answer
) -> Reduction:
    """What a window wants taken off the loads in its first step, as far as there is that load."""
    rebounds = problem.rebounds
    load_kw = problem.steps.load_kw[t, rebounds.load]
    wish = answer.reduction
    return rebounds.at(t).clip(
        wish.curtailed_kw[0], wish.shifted_kw[0], load_kw, state.owed_kw
    )


def _after(
    problem: Problem,
    state: _State,
    p_kw: FloatArray,
    served: FloatArray,
    reduction: Reduction,
) -> _State:
    storage = problem.storage
    units = storage.batteries
    hours = problem.steps.hours
    charge, discharge = split(p_kw[storage.der])
    stored = units.next_stored_kwh(state.stored_kwh, charge, discharge, hours)
    # Rounding of the last digit only: the next window would call it a contradiction.
    stored = np.clip(stored, units.stored_min_kwh, units.stored_max_kwh)
    used = state.used_kwh + hours * p_kw
    owed = problem.rebounds.devices.next_owed_kw(state.owed_kw, reduction.shifted_kw)
    return _State(stored, p_kw, served, used, owed)
