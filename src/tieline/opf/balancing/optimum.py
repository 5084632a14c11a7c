"""The optimum of a minute around one AC solution: the linear program, cut and limited until its linear feeder agrees.

Each round solves the program, works out loss, voltages and flows at its set-points, and adds what it missed: a tangent of the
loss, a row for each limit that is past. The objective of the program is a lower bound of the cost, the cost at its set-points
an upper one; rounds end when they meet.

Source: J. E. Kelley, "The cutting-plane method for solving convex programs", J. SIAM 8(4), 1960.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.opf.balancing.broken import LimitKind, LimitRow
from tieline.opf.balancing.linearised import Linearised
from tieline.opf.balancing.minute import Minute
from tieline.opf.balancing.program import Program
from tieline.opf.infeasible import NoOptimumError
from tieline.opf.replay import FEASIBLE_PU
from tieline.typing import BoolArray, FloatArray, IntArray

GAP = 2e-6
"""Distance of the bounds at which rounds end, relative to what the demand costs at the balancing price: a tenth of what AC is
asked to confirm."""

ROUNDS = 200
"""Rounds at most: 3 to 30 do on the bundled feeders."""

ROWS_AT_ONCE = 20
"""Limits that get a row together, worst first: neighbours say nearly the same, so the worst usually settle the others."""

ROW_ROOM = FEASIBLE_PU / 10
"""How far past its limit a value gets a row, relative to it: well below what a replay calls a violation."""


KINDS: tuple[LimitKind, ...] = ("low", "high", "flow")


@dataclass(frozen=True, eq=False)
class Optimum:
    """Set-points with the prices of balances and limits.

    Attributes:
        share_kw, bought_kw, relief_kw, exchange_kw: as in `Clearing`.
        objective: of the program [currency/h], or what all limits miss [kW].
        balance_price: (region,) [currency/kWh].
        voltage_price: per pu at each point, above zero where the upper limit binds, below where the lower does, (point,).
        flow_price: per A, kVA or kW of each row of branch limits, (row,).
        rounds: programs solved.
    """

    share_kw: FloatArray
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
    return max(float(demand_kw), 1.0) * max(minute.balancing_price, minute.export_price)


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
    gap = GAP * money_scale(minute)
    p_kw = feeder.p_kw - minute.injected_kw
    for rounds in range(ROUNDS):
        x = feeder.unknowns(p_kw + minute.injected_kw)
        loss_kw = feeder.loss_kw(x)
        has_new_rows = _add_limits(minute, feeder, program, x, p_kw)
        missed_loss = np.inf
        if rounds:
            missed_loss = loss_kw - program.x[program.columns.loss]
        has_new_cut = not is_elastic and missed_loss * minute.reference_price > gap
        if rounds and not has_new_rows and not has_new_cut:
            return _read(minute, program, rounds)
        if has_new_cut:
            program.add_loss_cut(p_kw, loss_kw, feeder.loss_slope(x))
        if not program.solve():
            return None
        p_kw = program.share_kw.sum(axis=0)
    raise NoOptimumError(
        f"{minute.label}: the program did not settle in {ROUNDS} rounds. Fewer DERs, or offers further apart, settle sooner."
    )


def _add_limits(
    minute: Minute,
    feeder: Linearised,
    program: Program,
    x: FloatArray,
    p_kw: FloatArray,
) -> bool:
    """Rows for the watched limits that are past at p_kw; whether any was new."""
    voltage = feeder.voltages(x)
    flow = feeder.flows(x)
    before = len(program.limit_rows)
    for kind in KINDS:
        room, scale, is_watched = _room(minute, kind, voltage, flow)
        is_past = is_watched & (-room > ROW_ROOM * scale)
        # A limit that has its row is kept to the solver's tolerance; a second would say the same.
        is_past[program.places(kind)] = False
        places = _worst(-room / scale, is_past)
        slopes = _slopes(feeder, kind, places)
        room_at_zero = room[places] + slopes @ p_kw
        for k, place in enumerate(places.tolist()):
            row = LimitRow(kind, place)
            program.add_limit(row, slopes[k], float(room_at_zero[k]))
    return len(program.limit_rows) > before


def _room(
    minute: Minute, kind: LimitKind, voltage: FloatArray, flow: FloatArray
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """What is left of each limit of a kind, what it is measured by, and whether a region keeps it, (place,) each."""
    limits = minute.limits
    if kind == "flow":
        flows = limits.flows
        return flows.limit - flow, flows.scale, minute.watched_flows
    room = voltage - limits.v_min_pu
    if kind == "high":
        room = limits.v_max_pu - voltage
    return room, np.ones(len(room)), minute.watched_points


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


def _read(minute: Minute, program: Program, rounds: int) -> Optimum:
    limits = minute.limits
    voltage_price = np.zeros(len(limits.points.names))
    flow_price = np.zeros(len(limits.flows))
    for row, price in program.limit_prices().items():
        if row.kind == "flow":
            flow_price[row.place] += price
        else:
            sign = 1.0 if row.kind == "high" else -1.0
            voltage_price[row.place] += sign * price
    return Optimum(
        share_kw=program.share_kw,
        bought_kw=program.x[program.columns.bought],
        relief_kw=program.x[program.columns.relief],
        exchange_kw=program.exchange_kw,
        objective=program.objective,
        balance_price=program.balance_price,
        voltage_price=voltage_price,
        flow_price=flow_price,
        rounds=rounds,
    )
