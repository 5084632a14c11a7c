"""`clear`: one minute's linear program and its AC replay, in rounds until they agree.

A round linearises the feeder at the last AC solution with the taps of that replay, finds the optimum there, and replays it on
AC with all controls acting. Rounds end when AC costs what the program foresaw, keeps every limit, and moved no tap. They begin at
what DERs are likely to give, the set-points of the minute before, or what fills the demand at the lowest offers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tieline.errors import InputError
from tieline.opf.balancing.clearing import Clearing, LimitPrices
from tieline.opf.balancing.corrections import Corrections
from tieline.opf.balancing.joint_optimum import joint_optimum
from tieline.opf.balancing.linearised import Linearised
from tieline.opf.balancing.minute import Minute
from tieline.opf.balancing.optimum import Optimum, money_scale
from tieline.opf.balancing.start import Warm, first_setpoints
from tieline.opf.balancing.unmet import UnmetLimitsError
from tieline.opf.infeasible import NoOptimumError
from tieline.powerflow import Solution, solve
from tieline.typing import ComplexArray, FloatArray

COST_TOLERANCE = 1e-5
"""Difference of the linearised cost from that on AC at which rounds end, relative to the demand at the balancing price."""

ROUNDS = 12
"""Linearisations at most: 1 or 2 do from what is likely, or from minute to minute."""

FREE_ROUNDS = 4
"""After so many rounds limits are corrected by what AC went past them: steps are short then, and corrections cost nothing.
Sooner, a step from idle DERs leaves a limit a thousandth of itself unused."""

TAP_ROUNDS = 3
"""How often set-points are worked out again because taps moved. After that they stand if AC keeps the limits."""


Decide = Callable[[Minute, Linearised], Optimum | None]
"""How set-points are found around an AC solution: by the joint program, or by `consensus`."""


def clear(
    minute: Minute, warm: Warm | None = None, decide: Decide = joint_optimum
) -> Clearing:
    """The optimum of a minute over the chosen DERs, confirmed by AC.

    Args:
        minute: what is asked; the DERs it has chosen, the limits it watches.
        warm: the clearing of the minute before: its set-points are where the first linearisation is made.
        decide: how set-points are found around an AC solution; the joint program if left out.

    Returns:
        The clearing. Its replay may break a limit that nobody watches: `keeps_limits` says so, and `clear_surely` mends it.

    Raises:
        InputError: if the reference price is below zero.
        UnmetLimitsError: if the chosen DERs cannot keep the watched limits; names each with what could be met.
        NoOptimumError: if there is no AC solution, or rounds do not end.
    """
    _require_convex(minute)
    p_kw, q_kvar = first_setpoints(minute, warm)
    start_pu = None if warm is None else warm.v_pu
    search = _Search(minute, p_kw, q_kvar, decide, start_pu)
    # prices are slopes where the feeder was linearised: what fills the demand is a guess, too far for 1e-4 of a price
    is_guess = warm is None and minute.likely_kw is None
    least_rounds = 2 if is_guess else 1
    tap_rounds = 0
    for rounds in range(1, ROUNDS + 1):
        before = search.solution
        best = search.round()
        if best is None:
            # limits are not kept yet: the replay has moved to where the next linearisation may keep them
            continue
        taps_moved = not _has_positions_of(search.solution, before)
        clearing = search.clearing(best, rounds, tap_rounds)
        if taps_moved and tap_rounds < TAP_ROUNDS:
            tap_rounds += 1
            continue
        # Taps that go back and forth change the cost by their own step: then limits decide.
        stands = taps_moved and not clearing.watched_violations
        is_near = rounds >= least_rounds
        if is_near and (stands or search.agrees(clearing)):
            return clearing
        if rounds >= FREE_ROUNDS:
            search.correct(clearing)
    raise NoOptimumError(
        f"{minute.label}: program and AC did not agree in {ROUNDS} rounds. Loosen limits that only just hold, or use "
        "`AcOptimum`."
    )


def _require_convex(minute: Minute) -> None:
    """Raise `InputError` where losses are rewarded: the cost is no longer convex in P."""
    if minute.reference_price < 0:
        raise InputError(
            f"{minute.label}: the reference price is {minute.reference_price:g}. Below zero losses are rewarded, which no cut of "
            "a linear program can bound: use `AcOptimum`, from a clearing at a price of zero."
        )


def replay_setpoints(
    minute: Minute,
    p_kw: FloatArray,
    q_kvar: FloatArray,
    start_pu: ComplexArray | None = None,
) -> Solution:
    """AC with controls at what is bought of DERs and what Q they add, (scenario, der) each.

    Args:
        minute: what is asked.
        p_kw, q_kvar: as said.
        start_pu: first voltages, (node,); flat if left out.

    Raises:
        NoOptimumError: if there is no solution.
    """
    injected_kw = np.atleast_2d(p_kw) + minute.injected_kw
    injected_kvar = np.atleast_2d(q_kvar) + minute.injected_kvar
    solution = solve(
        minute.network,
        load_kw=minute.load_kw,
        load_kvar=minute.load_kvar,
        der_kw=injected_kw,
        der_kvar=injected_kvar,
        controls=minute.controls,
        start_pu=start_pu,
        **minute.positions,
    )
    if not solution.converged.all():
        raise NoOptimumError(
            f"{minute.label}: no AC solution on feeder '{minute.network.feeder.name}': {solution.failures[0]}"
        )
    return solution


@dataclass(eq=False)
class _Search:
    """Rounds of one minute: where the feeder is linearised now, and what AC said last.

    Attributes:
        minute: what is asked.
        p_kw, q_kvar: set-points of the last replay, (der,).
        decide: how the next ones are found.
        start_pu: voltages to begin with, (node,); none for a flat start.
        solution: that replay, one scenario.
        replays, programs: work so far.
    """

    minute: Minute
    p_kw: FloatArray
    q_kvar: FloatArray
    decide: Decide
    start_pu: ComplexArray | None
    solution: Solution = dataclasses.field(init=False)
    base_loss_kw: float = dataclasses.field(init=False)
    replays: int = 1
    programs: int = 0
    _corrections: Corrections | None = None
    _last_miss_kw: float = np.inf

    def __post_init__(self) -> None:
        idle = np.zeros(self.minute.n_ders)
        p_kw = np.stack([idle, self.p_kw])
        q_kvar = np.stack([idle, self.q_kvar])
        idle_and_start = replay_setpoints(self.minute, p_kw, q_kvar, self.start_pu)
        self.base_loss_kw = float(idle_and_start.loss_kw[0])
        self.solution = idle_and_start.of_scenarios(slice(1, 2))

    def round(self) -> Optimum | None:
        """Program and replay; None where limits could not be kept yet and the replay is the way to where they can.

        Raises:
            UnmetLimitsError: if another linearisation would miss as much.
        """
        minute = self.minute
        beyond = self.p_kw
        if minute.reactive is not None:
            beyond = np.concatenate([self.p_kw, self.q_kvar])
        inputs = beyond + minute.injected
        question = minute
        if self._corrections is not None:
            limits = self._corrections.off(minute.limits)
            question = dataclasses.replace(minute, limits=limits)
        feeder = Linearised(self.solution, inputs, question.limits)
        best = self.decide(question, feeder)
        if best is None:
            self._approach(feeder)
            return None
        self._move_to(best)
        return best

    def correct(self, clearing: Clearing) -> None:
        """Let the next program take off its limits what this one's set-points went past them."""
        limits = self.minute.limits
        last = self._corrections or Corrections.none(limits)
        self._corrections = last.after(limits, clearing.vm_pu, clearing.flow)

    def agrees(self, clearing: Clearing) -> bool:
        """Whether AC costs what the program foresaw and keeps the limits that it holds."""
        gap = abs(clearing.cost.total - clearing.objective)
        tolerance = COST_TOLERANCE * money_scale(self.minute)
        has_cost = gap <= tolerance
        return has_cost and not clearing.watched_violations

    def clearing(self, best: Optimum, rounds: int, tap_rounds: int) -> Clearing:
        """The clearing at the last replay."""
        minute = self.minute
        # The program counts the whole loss, the cost what departs from that of idle DERs.
        base_cost = minute.reference_price * self.base_loss_kw
        prices = LimitPrices(best.balance_price, best.voltage_price, best.flow_price)
        return Clearing(
            minute=minute,
            share_kw=best.share_kw,
            q_kvar=best.q_kvar,
            bought_kw=best.bought_kw,
            relief_kw=best.relief_kw,
            exchange_kw=best.exchange_kw,
            prices=prices,
            solution=self.solution,
            base_loss_kw=self.base_loss_kw,
            objective=best.objective - base_cost,
            rounds=rounds,
            replays=self.replays,
            programs=self.programs,
            tap_rounds=tap_rounds,
        )

    def _approach(self, feeder: Linearised) -> None:
        """To the set-points that miss least, where AC may say that limits can be kept; raises if it did so before."""
        minute = self.minute
        nearest = joint_optimum(minute, feeder, is_elastic=True)
        if nearest is None:
            raise NoOptimumError(
                f"{minute.label}: balances and limits of DERs contradict each other."
            )
        self._move_to(nearest)
        # what is missed has to fall from replay to replay, or another linearisation would not help
        least_progress_kw = self._last_miss_kw * (1 - COST_TOLERANCE)
        is_at_rest = nearest.objective > least_progress_kw
        self._last_miss_kw = nearest.objective
        missed = self.clearing(nearest, 0, 0)
        if is_at_rest:
            raise UnmetLimitsError(missed)

    def _move_to(self, best: Optimum) -> None:
        self.p_kw = best.p_kw
        self.q_kvar = best.q_kvar
        # set-points move little from round to round: on large feeders a flat start takes most of the time
        start_pu = self.solution.v_pu[0]
        self.solution = replay_setpoints(self.minute, self.p_kw, self.q_kvar, start_pu)
        self.replays += 1
        self.programs += best.rounds


def _has_positions_of(solution: Solution, before: Solution) -> bool:
    """Whether taps and capacitor steps are those of another solution."""
    return bool(np.array_equal(solution.state, before.state))
