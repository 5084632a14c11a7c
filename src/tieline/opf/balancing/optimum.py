"""The optimum of a minute around one AC solution: the linear program, cut and limited until its linear feeder agrees.

Each round solves the program, works out loss, voltages and flows at its set-points, and adds what it missed: a tangent of the
loss, a row for each limit that is past. The objective of the program is a lower bound of the cost, the cost at its set-points
an upper one; rounds end when they meet.

Source: J. E. Kelley, "The cutting-plane method for solving convex programs", J. SIAM 8(4), 1960.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.opf.balancing.linear_limits import limit_prices, past_limits
from tieline.opf.balancing.linearised import Linearised
from tieline.opf.balancing.minute import Minute
from tieline.opf.balancing.program import Program
from tieline.opf.infeasible import NoOptimumError
from tieline.typing import FloatArray

GAP = 1e-5
"""Distance of the bounds at which rounds end, relative to what the demand costs at the balancing price."""

PATIENCE = 30
WIDE_GAP = 1e-4
"""The distance that does after so many rounds. Up to a few hundred DERs none gets there; with thousands the last digits are
those of the proof, not of the set-points, and cost ten times the rounds."""

ROUNDS = 300
"""Rounds at most: 2 to 10 do for a hundred DERs, 30 to 60 for ten thousand."""

FREE_ROUNDS = 8
BOXED_ROUNDS = 10
"""The first rounds have no box, nor has every tenth: programs of few DERs end before, and the lower bound needs them."""

FIRST_REACH = 1 / 8
"""The first box, relative to the largest DER; it grows and shrinks by what its programs promise and hold."""


@dataclass(frozen=True, eq=False)
class Optimum:
    """Set-points with the prices of balances and limits.

    Attributes:
        share_kw, q_kvar, bought_kw, relief_kw, exchange_kw: as in `Clearing`.
        objective: cost by the linearised feeder [currency/h], or what all limits miss [kW].
        balance_price: (region,) [currency/kWh].
        voltage_price: per pu at each point, above zero where the upper limit binds, below where the lower does, (point,).
        flow_price: per A, kVA or kW of each row of branch limits, (row,).
        rounds: programs solved.
    """

    share_kw: FloatArray
    q_kvar: FloatArray
    bought_kw: FloatArray
    relief_kw: FloatArray
    exchange_kw: FloatArray
    objective: float
    balance_price: FloatArray
    voltage_price: FloatArray
    flow_price: FloatArray
    rounds: int

    @property
    def p_kw(self) -> FloatArray:
        """What is bought of each DER, (der,)."""
        return self.share_kw.sum(axis=0)


def money_scale(minute: Minute) -> float:
    """What the demand costs at the balancing price, the measure of all tolerances [currency/h]."""
    demand_kw = np.abs(minute.covered_kw).sum()
    # Without demand there is nothing to cover, yet limits may be relieved: one kW is the smallest of demands.
    measure_kw = max(float(demand_kw), 1.0)
    price = max(minute.balancing_price, minute.export_price)
    return measure_kw * price


def optimum(
    minute: Minute, feeder: Linearised, is_elastic: bool = False
) -> Optimum | None:
    """The optimum around an AC solution; None if no set-points keep the linearised limits.

    Args:
        minute: what is asked.
        feeder: the feeder around that solution.
        is_elastic: minimise what limits miss instead of the cost.

    Raises:
        NoOptimumError: if rounds do not end.
    """
    program = Program(minute, is_elastic)
    bundle = close_bounds(minute, feeder, program, money_scale(minute))
    if bundle is None:
        return None
    return _read(minute, program, bundle)


def close_bounds(
    minute: Minute, feeder: Linearised, program: Program, scale: float
) -> Bundle | None:
    """Rounds of a program until its bounds have met; None if no set-points keep the limits. Raises as `optimum`.

    Args:
        minute, feeder, program: what is asked, around which solution, and its program, which may have rows already.
        scale: what tolerances are relative to [currency/h].
    """
    scheduled = minute.injected
    if not program.has_cuts:
        beyond = feeder.inputs - scheduled
        at_start = feeder.unknowns(feeder.inputs)
        loss_kw = feeder.loss_kw(at_start)
        program.add_loss_cut(beyond, loss_kw, feeder.loss_slope(at_start))
        _add_limits(minute, feeder, program, at_start, beyond)
    bundle = Bundle(scale)
    for _ in range(ROUNDS):
        bundle.rounds += 1
        if not program.solve():
            if not bundle.is_boxed:
                return None
            # A new limit may leave nothing of the box.
            bundle.free(program)
            continue
        trial = program.x
        beyond = program.inputs_at(trial)
        inputs = beyond + scheduled
        x = feeder.unknowns(inputs)
        loss_kw = feeder.loss_kw(x)
        has_new_rows = _add_limits(minute, feeder, program, x, beyond)
        missed_kw = loss_kw - trial[program.columns.loss]
        missed_cost = minute.reference_price * missed_kw
        bundle.meet(program, missed_cost, breaks_limits=has_new_rows)
        if bundle.is_closed:
            if not bundle.is_boxed:
                return bundle
            # Only a program without a box has the prices of the question.
            bundle.free(program)
            continue
        if missed_kw > 0:
            program.add_loss_cut(beyond, loss_kw, feeder.loss_slope(x))
        bundle.next_box(program)
    raise NoOptimumError(
        f"{minute.label}: the program did not settle in {ROUNDS} rounds. Fewer DERs, or offers further apart, settle sooner."
    )


class Bundle:
    """The best set-points so far between their bounds, and the box that trials stay in around them.

    Attributes:
        best: all columns there; empty before any trial that keeps the limits.
        cost, lowest: cost there, and what no set-points can be below [currency/h].
        is_boxed: whether the last program had a box.
        rounds: programs so far.
    """

    def __init__(self, scale: float):
        self.best = np.empty(0)
        self.cost = np.inf
        self.lowest = -np.inf
        self.is_boxed = False
        self.rounds = 0
        self._scale = scale
        self._reach = np.nan

    def meet(self, program: Program, missed_cost: float, breaks_limits: bool) -> None:
        """Take in a solved program: by what its loss is dearer, and whether it breaks a limit."""
        foreseen = program.objective
        if not self.is_boxed:
            self.lowest = max(self.lowest, foreseen)
        cost = foreseen + max(missed_cost, 0.0)
        is_better = not breaks_limits and cost < self.cost
        if self.is_boxed:
            # A step that holds half of what it promised was short enough; one that helps nothing was too long.
            promised = self.cost - foreseen
            holds = is_better and self.cost - cost >= promised / 2
            factor = 2.0 if holds else 1.0
            self._reach *= factor if is_better else 0.5
        if is_better:
            self.cost = cost
            self.best = program.x

    @property
    def is_closed(self) -> bool:
        """Whether the bounds have met as closely as is asked after so many rounds."""
        return self.cost - self.lowest <= self._tolerance

    def next_box(self, program: Program) -> None:
        """The box of the next trial, or none."""
        is_promising = self.cost - program.objective > self._tolerance / 2
        is_turn = self.rounds > FREE_ROUNDS and self.rounds % BOXED_ROUNDS != 0
        has_best = len(self.best) > 0
        if not (is_turn and has_best and (is_promising or not self.is_boxed)):
            self.free(program)
            return
        if np.isnan(self._reach):
            self._reach = FIRST_REACH * program.largest_share_kw
        program.stay_near(self.best, self._reach)
        self.is_boxed = True

    def free(self, program: Program) -> None:
        """No box."""
        if self.is_boxed:
            program.stay_near(self.best, np.inf)
        self.is_boxed = False

    @property
    def _tolerance(self) -> float:
        relative = GAP if self.rounds <= PATIENCE else WIDE_GAP
        return relative * self._scale


def _add_limits(
    minute: Minute,
    feeder: Linearised,
    program: Program,
    x: FloatArray,
    inputs: FloatArray,
) -> bool:
    """Rows for the watched limits that are past at some inputs beyond the schedule; whether any was new."""
    # A limit that has its row is kept to the solver's tolerance; a second would say the same.
    new = past_limits(minute, feeder, x, inputs, set(program.limit_rows))
    for limit in new:
        program.add_limit(limit.row, limit.slope, limit.room)
    return len(new) > 0


def _read(minute: Minute, program: Program, bundle: Bundle) -> Optimum:
    voltage_price, flow_price = limit_prices(minute, program.limit_prices())
    # last, since it may solve the program anew
    balance_price = program.balance_price()
    best = bundle.best
    return Optimum(
        share_kw=program.columns.share_kw(best, minute.n_ders),
        q_kvar=program.columns.q_kvar(best, minute.n_ders),
        bought_kw=best[program.columns.bought],
        relief_kw=best[program.columns.relief],
        exchange_kw=program.columns.exchange_kw(best),
        objective=bundle.cost,
        balance_price=balance_price,
        voltage_price=voltage_price,
        flow_price=flow_price,
        rounds=bundle.rounds,
    )
