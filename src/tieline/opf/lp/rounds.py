"""Rounds of the linear program: solve, replay on AC, linearise there, until program and AC agree.

A round whose set-points have no AC solution goes back halfway to the last that have one. Where no set-points keep the linearised
limits, rounds minimise the sum of what they miss; if that comes to rest above zero, the limits that AC misses there are the
smallest relaxation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.arguments import whole_number_of
from tieline.errors import InputError
from tieline.opf.answer import Answer, Duals
from tieline.opf.infeasible import InfeasibleError, NoOptimumError, relaxations_of
from tieline.opf.lp.model import LpModel
from tieline.opf.lp.program import Optimum
from tieline.opf.lp.voltages import LinearModelName
from tieline.opf.meters import require_bought_at_source
from tieline.opf.problem import Problem, require_problem
from tieline.opf.replay import FEASIBLE_PU, Replay
from tieline.typing import FloatArray

ROUNDS = 20
"""Rounds at most: 4 to 12 do on the bundled feeders."""

COST_TOLERANCE = 1e-5
"""Relative difference between the cost foreseen and on AC at which rounds end."""

NEARLY = 1e-4
"""Relative difference below which rounds change little any more."""

TINY = 1e-9
"""Costs below this are nothing [currency]."""

SHRINK = 0.1
"""Steps that mend limits against the step before: what limits miss falls with the square, a hundredfold."""

STALLED = 0.5
"""Of what limits miss, left after a round: the square of a miss is far less, so more says that steps are too long."""

MENDING = 3
"""Last rounds, kept for that: from 1e-3 pu to below what counts as a violation."""


def solve_lp(
    problem: Problem,
    voltages: LinearModelName = "lindistflow",
    rounds: int = ROUNDS,
    start: Answer | None = None,
) -> Answer:
    """Optimum of the linear program.

    Args:
        problem: what is asked.
        voltages: linear model to begin with where one round is asked, or AC has no solution with DERs idle; `lpf` is for
            single-phase equivalents.
        rounds: linearisations at most; 1 is the linear model alone, which AC may find breaking limits. How many were made, and
            what they left, stands in the answer.
        start: an answer to a similar problem; rounds begin with the AC solution at its set-points in place of idle DERs.

    Raises:
        InputError: if the problem has meters, a price is below zero, `rounds` is, or a linear model is needed that does not take
            the feeder (meshed for LinDistFlow, phases for LPF).
        InfeasibleError: if no set-points keep the limits; it holds the smallest relaxation of them.
        NoOptimumError: if Clarabel gave up.
    """
    require_problem(problem, "solve_lp")
    require_bought_at_source(problem.meters, "The LP")
    if whole_number_of("rounds", rounds) < 1:
        raise InputError(f"The LP needs at least one round; got {rounds}.")
    if (problem.steps.price < 0).any() or (problem.ders.cost_square < 0).any():
        raise InputError(
            "The LP needs prices and quadratic costs of zero or more: use the NLP where energy has a price below zero."
        )
    model = LpModel(problem)
    # One round alone is the linear model; more begin nearer to the optimum around the AC solution of idle DERs.
    is_linear_alone = start is None and rounds == 1
    if is_linear_alone or not _begin_near(model, start):
        model.begin_with(voltages)
    return _answer(model, _run(model, rounds))


def _begin_near(model: LpModel, start: Answer | None) -> bool:
    """Whether there is an AC solution to begin with: that at the answer given, or with DERs idle."""
    if start is None:
        return model.begin_at(model.u)
    v_pu = start.replay.solution.v_pu
    shape = (model.problem.n_steps, model.problem.network.n_nodes)
    # the answer may be to a problem of another feeder or time, whose decisions alone are alike
    if v_pu.shape != shape:
        return model.begin_at(start.u)
    return model.begin_at(start.u, v_pu)


@dataclass(frozen=True, eq=False)
class _Outcome:
    """What rounds came to.

    Attributes:
        u: set-points of the last round that found some.
        optimum, replay: of the same round.
        free_objective: of the last round whose steps were free [currency].
    """

    u: FloatArray
    optimum: Optimum
    replay: Replay
    free_objective: float


def _run(model: LpModel, rounds: int) -> _Outcome:
    """Rounds until program and AC agree: first on the cost, then in small steps on the limits."""
    outcome = None
    reach = np.inf
    free_objective = np.nan
    last_miss = np.inf
    for rounds_left in reversed(range(rounds)):
        optimum = model.optimum()
        if optimum is None:
            _widen(model, reach)
            reach = np.inf
            continue
        before = model.u
        replay = model.to_ac(optimum)
        if np.isinf(reach):
            free_objective = optimum.objective
        outcome = _Outcome(model.u, optimum, replay, free_objective)
        if _is_settled(outcome, reach) or not rounds_left:
            break
        model.linearise(replay)
        is_mending_time = rounds_left <= min(MENDING, rounds // 2)
        # From a place that keeps all limits the first step past one is no sign of trouble.
        is_stalled = FEASIBLE_PU < STALLED * last_miss < replay.worst_miss
        last_miss = replay.worst_miss
        is_near = _gap(optimum.objective, replay) <= NEARLY
        if np.isfinite(reach) or (is_near and is_stalled) or is_mending_time:
            # Free steps trade one broken limit for another, or time runs out: small ones mend them.
            step_length = np.abs(model.u - before)[model.decisions.network_columns]
            reach = SHRINK * float(step_length.max(initial=0.0))
            model.stay_near(model.u, reach)
    if outcome is None:
        raise NoOptimumError(
            f"The LP of feeder '{model.problem.network.feeder.name}' found no set-points in {rounds} rounds, although limits "
            "can just be kept. Loosen those that only just hold, or use the NLP."
        )
    return outcome


def _is_settled(outcome: _Outcome, reach: float) -> bool:
    """Whether AC keeps the limits, at the cost foreseen, and leaves nothing of those that have a price."""
    if outcome.replay.worst_miss > FEASIBLE_PU:
        return False
    # A step kept small is settled by the limits alone.
    if np.isfinite(reach):
        return True
    unused = _unused(outcome.optimum.duals, outcome.replay)
    is_used = unused <= COST_TOLERANCE * abs(outcome.replay.objective)
    return is_used and _cost_agrees(outcome.optimum, outcome.replay)


def _unused(duals: Duals, replay: Replay) -> float:
    """What AC leaves of the limits, by their prices [currency]: what another round may gain."""
    limits = replay.problem.limits
    v_room = np.where(
        duals.voltage > 0,
        limits.v_max_pu - replay.vm_pu,
        replay.vm_pu - limits.v_min_pu,
    )
    flow_room = limits.flows.limit - replay.flow
    rooms = (np.abs(duals.voltage) * v_room, np.abs(duals.flow) * flow_room)
    return float(sum(np.maximum(room, 0.0).sum() for room in rooms))


def _widen(model: LpModel, reach: float) -> None:
    """No set-points were found: free the step, or if it was, restore the limits."""
    if np.isfinite(reach):
        model.stay_near(model.u, np.inf)
    elif model.replays == 0:
        # The linear model to begin with may be far off where a feeder is long: AC says first what holds.
        model.linearise(model.move_to(model.u))
    else:
        _restore(model)


@dataclass(frozen=True, eq=False)
class _Best:
    """Set-points of a restoration that miss least so far, their replay, and the sum of what they miss."""

    u: FloatArray
    replay: Replay
    missed: float


def _restore(model: LpModel) -> None:
    """To set-points at which the linearised limits can be kept; raises if limits have to give.

    Steps are free until one after which AC misses more than before: it was too long for its linearisation. Then the next begins
    at the best set-points again and goes a quarter as far; one that AC confirms lets the next go twice as far.
    """
    model.is_elastic = True
    last_foreseen = np.inf
    reach = np.inf
    best = None
    for _ in range(ROUNDS):
        optimum = model.optimum()
        if optimum is None:
            # Every limit of the network may give, so it is the devices that contradict each other.
            raise InfeasibleError(model.problem, "linear program", ())
        before = model.u
        replay = model.to_ac(optimum)
        step_length = float(
            np.abs(model.u - before)[model.decisions.network_columns].max(initial=0.0)
        )
        missed = _total_miss(replay)
        if best is not None and missed > best.missed * (1 + NEARLY):
            reach = step_length / 4
            model.u = best.u
            model.linearise(best.replay)
            model.stay_near(best.u, reach)
            continue
        is_confirmed = (
            best is not None and missed <= (best.missed + optimum.objective) / 2
        )
        best = _Best(model.u, replay, missed)
        model.linearise(replay)
        if replay.worst_miss <= FEASIBLE_PU:
            break
        relaxations = relaxations_of(model.problem, *_misses(replay))
        # At rest above zero: another linearisation would miss as much.
        is_at_rest = (
            abs(optimum.objective - last_foreseen) <= NEARLY * optimum.objective
        )
        if relaxations and is_at_rest:
            raise InfeasibleError(model.problem, "linear program", relaxations)
        if is_confirmed:
            reach = 2 * reach
        model.stay_near(model.u, reach)
        last_foreseen = optimum.objective
    model.stay_near(model.u, np.inf)
    model.is_elastic = False


def _total_miss(replay: Replay) -> float:
    """What all limits are missed by together on AC, as the slacks of the program add it up."""
    limits = replay.problem.limits
    misses = (
        limits.v_min_pu - replay.vm_pu,
        replay.vm_pu - limits.v_max_pu,
        limits.flows.over(replay.flow),
    )
    return float(sum(np.maximum(miss, 0.0).sum() for miss in misses))


def _misses(replay: Replay) -> tuple[FloatArray, FloatArray, FloatArray]:
    """By how much squares miss the lowest and highest voltages [pu], and what branches miss, (step, limit) each."""
    limits = replay.problem.limits
    vm_square = replay.vm_pu**2
    return (
        np.maximum(limits.v_min_pu**2 - vm_square, 0.0),
        np.maximum(vm_square - limits.v_max_pu**2, 0.0),
        limits.flows.misses(replay.flow),
    )


def _cost_agrees(optimum: Optimum, replay: Replay) -> bool:
    return _gap(optimum.objective, replay) <= COST_TOLERANCE


def _gap(foreseen: float, replay: Replay) -> float:
    """Cost foreseen against that on AC, relative."""
    return abs(foreseen - replay.objective) / max(abs(replay.objective), TINY)


def _answer(model: LpModel, outcome: _Outcome) -> Answer:
    optimum = outcome.optimum
    how = ", then ".join(dict.fromkeys(model.sources))
    return Answer(
        method="lp",
        status=optimum.status,
        problem=model.problem,
        u=outcome.u,
        decisions=model.decisions,
        objective=optimum.objective,
        duals=optimum.duals,
        vm_pu=optimum.vm_pu,
        start=None,
        iterations=model.iterations,
        solve_s=model.solve_s,
        rounds=model.replays,
        approximations=(
            f"voltages, flows and losses linear, {how}",
            *_disagreement(outcome.free_objective, outcome.replay),
        ),
        replay_at_hand=outcome.replay,
    )


def _disagreement(free_objective: float, replay: Replay) -> list[str]:
    """What AC says otherwise than the last program whose steps were free, in words."""
    missed = replay.worst_miss
    gap = _gap(free_objective, replay)
    texts = []
    if missed > FEASIBLE_PU:
        texts.append(f"on AC a limit is missed by {missed:.1e} (pu, or relative to it)")
    if gap > COST_TOLERANCE:
        texts.append(
            f"on AC the cost differs from the linear optimum by {gap:.1e} (relative)"
        )
    return texts
