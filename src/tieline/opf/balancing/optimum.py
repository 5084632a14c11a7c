"""The optimum of a minute around one AC solution: the linear program, cut and limited until its linear feeder agrees.

Each round solves the program, works out loss, voltages and flows at its set-points, and adds what it missed: a tangent of the
loss, a row for each limit that is past. The objective of the program is a lower bound of the cost, the cost at its set-points
an upper one; rounds end when they meet.

Source: J. E. Kelley, "The cutting-plane method for solving convex programs", J. SIAM 8(4), 1960.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tieline.opf.balancing.broken import LimitKind, LimitRow
from tieline.opf.balancing.linearised import Linearised
from tieline.opf.balancing.minute import Minute
from tieline.opf.balancing.program import Program
from tieline.opf.infeasible import NoOptimumError
from tieline.opf.replay import FEASIBLE_PU
from tieline.typing import BoolArray, FloatArray, IntArray

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

ROWS_AT_ONCE = 20
"""Limits that get a row together, worst first: neighbours say nearly the same, so the worst usually settle the others."""

ROW_ROOM = FEASIBLE_PU / 10
"""How far past its limit a value gets a row, relative to it: well below what a replay calls a violation."""


KINDS: tuple[LimitKind, ...] = ("low", "high", "flow")


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
        loss_kw, slope = feeder.loss(feeder.inputs)
        program.add_loss_cut(beyond, loss_kw, slope)
        at_start = feeder.unknowns(feeder.inputs)
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
        loss_kw, slope = feeder.loss(inputs)
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
            program.add_loss_cut(beyond, loss_kw, slope)
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


class LinearLimit(NamedTuple):
    """slope (inputs beyond the schedule) <= room: a limit around an AC solution, slope (input,)."""

    row: LimitRow
    slope: FloatArray
    room: float


def past_limits(
    minute: Minute,
    feeder: Linearised,
    x: FloatArray,
    inputs: FloatArray,
    has_row: Collection[LimitRow],
) -> list[LinearLimit]:
    """Watched limits that are past at some inputs beyond the schedule, those left out that have a row already.

    Args:
        minute, feeder: what is asked, around which solution.
        x: unknowns of the feeder there.
        inputs: (input,) [kW, kvar].
        has_row: limits not to look at.
    """
    if not (minute.watched_points.any() or minute.watched_flows.any()):
        return []
    voltage = feeder.voltages(x)
    flow = feeder.flows(x)
    rows: list[LimitRow] = []
    for kind in KINDS:
        room, scale, is_watched = _room(minute, kind, voltage, flow)
        is_past = is_watched & (-room > ROW_ROOM * scale)
        is_past[_places(kind, has_row)] = False
        worst = _worst(-room / scale, is_past)
        rows += [LimitRow(kind, place) for place in worst.tolist()]
    return linear_limits(minute, feeder, x, inputs, rows)


def linear_limits(
    minute: Minute,
    feeder: Linearised,
    x: FloatArray,
    inputs: FloatArray,
    rows: Collection[LimitRow],
) -> list[LinearLimit]:
    """Some limits as linear ones, kind by kind; arguments as in `past_limits`."""
    if not rows:
        return []
    voltage = feeder.voltages(x)
    flow = feeder.flows(x)
    limits: list[LinearLimit] = []
    for kind in KINDS:
        places = np.array(_places(kind, rows), dtype=np.int64)
        if not len(places):
            continue
        room, _, _ = _room(minute, kind, voltage, flow)
        slopes = _slopes(feeder, kind, places)
        at_zero = room[places] + slopes @ inputs
        for place, slope, left in zip(places, slopes, at_zero, strict=True):
            row = LimitRow(kind, int(place))
            limits.append(LinearLimit(row, slope, float(left)))
    return limits


def _places(kind: LimitKind, rows: Collection[LimitRow]) -> list[int]:
    return [row.place for row in rows if row.kind == kind]


def _room(
    minute: Minute, kind: LimitKind, voltage: FloatArray, flow: FloatArray
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """What is left of each limit of a kind, what it is measured by, and whether a region keeps it, (place,) each."""
    limits = minute.limits
    if kind == "flow":
        flows = limits.flows
        room = flows.limit - flow
        return room, flows.scale, minute.watched_flows
    room = voltage - limits.v_min_pu
    if kind == "high":
        room = limits.v_max_pu - voltage
    # voltages are per unit already
    scale = np.ones(len(room))
    return room, scale, minute.watched_points


def _slopes(feeder: Linearised, kind: LimitKind, places: IntArray) -> FloatArray:
    """Derivative of what some limits hold down, (place, der)."""
    if kind == "flow":
        return feeder.flow_slopes(places)
    sign = 1.0 if kind == "high" else -1.0
    return sign * feeder.voltage_slopes(places)


def _worst(excess: FloatArray, is_past: BoolArray) -> IntArray:
    """Places that are past their limit, worst first, not more than get rows together."""
    past = np.flatnonzero(is_past)
    order = np.argsort(-excess[past])
    return past[order[:ROWS_AT_ONCE]]


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


def limit_prices(
    minute: Minute, price_of: Mapping[LimitRow, float]
) -> tuple[FloatArray, FloatArray]:
    """What limits cost, from what one unit less of each does: per pu at each point, and per unit of each row of branch limits."""
    limits = minute.limits
    voltage_price = np.zeros(len(limits.points.names))
    flow_price = np.zeros(len(limits.flows))
    for row, price in price_of.items():
        if row.kind == "flow":
            flow_price[row.place] += price
        else:
            sign = 1.0 if row.kind == "high" else -1.0
            voltage_price[row.place] += sign * price
    return voltage_price, flow_price
