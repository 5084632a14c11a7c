"""The optimum of a minute with free reactive power around one AC solution: one cone program in place of many linear ones.

P and Q of the DERs that are called move all voltages by A, so that the loss of lines and transformers is quadratic in them,

    loss(u) = loss(u0) + g (u - u0) + (u - u0)' H (u - u0) / 2,        H = A' L A,   g its slope at u0

and the circle of a DER is a cone of second order, P^2 + Q^2 <= S^2. Tangents of both would say the same in hundreds of programs:
many directions of P and Q cost nearly the same. Limits come as rows where set-points are past them, as in the linear program.

H has a row for each P and Q: a few thousand DERs, not more. Prices are the duals, as the linear program's are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy import sparse

from tieline.linear.blocks import (
    assemble,
    beside,
    down_the_diagonal,
    selection,
    times_rows,
)
from tieline.opf.balancing.columns import Columns
from tieline.opf.balancing.linear_limits import (
    LinearLimit,
    limit_prices,
    past_limits,
)
from tieline.opf.balancing.linearised import Linearised
from tieline.opf.balancing.minute import FIRST_KW, Minute
from tieline.opf.balancing.optimum import Optimum
from tieline.opf.balancing.reactive import ReactiveRange
from tieline.opf.cones.blocks import Block, interleave, interleave_right
from tieline.opf.cones.interior_point import Accuracy, Solved, solve_cones
from tieline.opf.infeasible import NoOptimumError
from tieline.typing import FloatArray

ACCURACY = Accuracy(tolerance=1e-9)
"""A thousandth of what a replay calls a violation."""

ROUNDS = 20
"""Programs at most, each with the rows of the limits that the one before was past: 1 to 3 do."""


def cone_optimum(
    minute: Minute, feeder: Linearised, is_elastic: bool = False
) -> Optimum | None:
    """The optimum around an AC solution; None if no set-points keep the linearised limits.

    Args:
        minute: what is asked, with the reactive power of its DERs free.
        feeder: the feeder around that solution.
        is_elastic: minimise what limits miss instead of the cost.

    Raises:
        NoOptimumError: if Clarabel gave up, or limits go on coming up.
    """
    program = _ConeProgram(minute, feeder, is_elastic)
    # those that the last set-points were past are likely to bind
    at_start = feeder.unknowns(feeder.inputs)
    start = feeder.inputs - minute.injected
    limits = past_limits(minute, feeder, at_start, start, has_row=())
    for rounds in range(1, ROUNDS + 1):
        solved = program.solve(limits)
        if solved.is_infeasible:
            return None
        if not solved.is_optimal:
            raise NoOptimumError(
                f"{minute.label}: Clarabel ended with '{solved.status}'. Scale offers and powers to ordinary numbers."
            )
        beyond = program.moves @ solved.x[: program.n_columns]
        x = feeder.unknowns(beyond + minute.injected)
        rows = [limit.row for limit in limits]
        new = past_limits(minute, feeder, x, beyond, rows)
        if not new:
            best = program.read(solved, limits, rounds)
            return replace(best, balance_price=program.balance_price(solved, limits))
        limits += new
    raise NoOptimumError(
        f"{minute.label}: limits went on coming up in {ROUNDS} programs. Loosen limits that only just hold."
    )


class _ConeProgram:
    """Objective and rows that all rounds have in common.

    Attributes:
        n_columns: the minute's variables, before slacks.
        moves: what moves the network by them, (input, column).
    """

    def __init__(self, minute: Minute, feeder: Linearised, is_elastic: bool):
        assert minute.reactive is not None  # the linear program does without
        self._minute = minute
        self._feeder = feeder
        self._is_elastic = is_elastic
        self._columns = Columns.of_pairs(minute, minute.chosen)
        self.n_columns = self._columns.loss
        self.moves = _moves(minute, self._columns)
        self._curved, self._linear = self._objective()
        self._blocks = list(self._common_blocks(minute.reactive))

    def solve(self, limits: list[LinearLimit]) -> Solved:
        """The program with rows for some limits."""
        n_slacks = len(limits) if self._is_elastic else 0
        blocks = [_padded(block, n_slacks) for block in self._blocks]
        blocks += self._limit_blocks(limits, n_slacks)
        linear = np.append(self._linear, np.ones(n_slacks))
        no_curve = sparse.csr_array((n_slacks, n_slacks))
        curved = sparse.csc_array(down_the_diagonal([self._curved, no_curve]))
        needed_for = "A minute with free reactive power"
        return solve_cones(blocks, curved, linear, ACCURACY, needed_for)

    def balance_price(self, solved: Solved, limits: list[LinearLimit]) -> FloatArray:
        """As `Program.balance_price`: a region without demand has the price of its first watt."""
        idle_regions = self._minute.without_demand
        if not len(idle_regions):
            return -solved.duals["balances"]
        demand_kw = self._minute.covered_kw.copy()
        demand_kw[idle_regions] = FIRST_KW
        balances = replace(self._blocks[0], right=demand_kw)
        before = self._blocks
        self._blocks = [balances, *before[1:]]
        first_watt = self.solve(limits)
        self._blocks = before
        priced = first_watt if first_watt.is_optimal else solved
        return -priced.duals["balances"]

    def read(self, solved: Solved, limits: list[LinearLimit], rounds: int) -> Optimum:
        """Set-points and prices of a solved program."""
        minute = self._minute
        c = self._columns
        x = solved.x[: self.n_columns]
        share_kw = c.share_kw(x, minute.n_ders)
        by_unit = solved.duals["limits"] if limits else np.empty(0)
        worth = by_unit / _steepest(limits, self.moves)
        rows = [limit.row for limit in limits]
        price_of = dict(zip(rows, worth.tolist(), strict=True))
        voltage_price, flow_price = limit_prices(minute, price_of)
        return Optimum(
            share_kw=share_kw,
            q_kvar=self._inside(share_kw, c.q_kvar(x, minute.n_ders)),
            bought_kw=np.maximum(x[c.bought], 0.0),
            relief_kw=np.maximum(x[c.relief], 0.0),
            exchange_kw=np.maximum(c.exchange_kw(x), 0.0),
            objective=self._cost(solved, x),
            balance_price=np.zeros(minute.n_regions),
            voltage_price=voltage_price,
            flow_price=flow_price,
            rounds=rounds,
        )

    def _cost(self, solved: Solved, x: FloatArray) -> float:
        """Cost by the linearised feeder [currency/h], or what all limits miss [kW]."""
        if self._is_elastic:
            return solved.objective
        minute = self._minute
        at = self._feeder.unknowns(self.moves @ x + minute.injected)
        loss_cost = minute.reference_price * self._feeder.loss_kw(at)
        return float(self._columns.cost(minute) @ x) + loss_cost

    def _inside(self, share_kw: FloatArray, q_kvar: FloatArray) -> FloatArray:
        """Q inside circles, which an interior point keeps to its tolerance only, (der,)."""
        minute = self._minute
        assert minute.reactive is not None
        p_kw = minute.injected_kw + share_kw.sum(axis=0)
        total_kvar = minute.injected_kvar + q_kvar
        return minute.reactive.inside(p_kw, total_kvar) - minute.injected_kvar

    def _objective(self) -> tuple[sparse.csc_array, FloatArray]:
        """Curved and linear part over the minute's variables."""
        minute = self._minute
        if self._is_elastic:
            empty = sparse.csc_array((self.n_columns, self.n_columns))
            return empty, np.zeros(self.n_columns)
        feeder = self._feeder
        places = np.flatnonzero(np.diff(self.moves.indptr))
        moves = self.moves[places]
        hessian = feeder.loss_curvature(places)
        at_solution = feeder.unknowns(feeder.inputs)
        slope = feeder.loss_slope(at_solution)[places]
        # from the AC solution to where nothing is bought, whence the variables count
        to_idle = (minute.injected - feeder.inputs)[places]
        slope_at_idle = slope + hessian @ to_idle
        price = minute.reference_price
        half = sparse.csr_array(price / 2 * hessian)
        curved = sparse.csc_array(moves.T @ half @ moves)
        lost = price * (moves.T @ slope_at_idle)
        return curved, self._columns.cost(minute) + lost

    def _common_blocks(self, reactive: ReactiveRange) -> Iterator[Block]:
        minute = self._minute
        c = self._columns
        yield Block(c.balances(), minute.covered_kw, "zero", name="balances")
        yield from _bound_blocks(minute, c)
        yield _shared_block(minute, c)
        yield _circle_block(minute, reactive, self.moves)

    def _limit_blocks(
        self, limits: list[LinearLimit], n_slacks: int
    ) -> Iterator[Block]:
        """slope (moves x) - slack <= room, per what the DER that moves the limit most moves it by; slack >= 0."""
        if not limits:
            return
        steepest = _steepest(limits, self.moves)
        slopes = np.array([limit.slope for limit in limits])
        rooms = np.array([limit.room for limit in limits])
        by_column = times_rows(1 / steepest, sparse.csr_array(slopes @ self.moves))
        slacks = sparse.eye_array(len(limits), n_slacks)
        matrix = beside(by_column, -slacks)
        yield Block(matrix, rooms / steepest, "nonnegative", name="limits")
        if n_slacks:
            no_columns = sparse.csr_array((n_slacks, self.n_columns))
            rows = beside(no_columns, -sparse.eye_array(n_slacks))
            yield Block(rows, np.zeros(n_slacks), "nonnegative")


def _moves(minute: Minute, c: Columns) -> sparse.csr_array:
    """Which variables make up what each input of the feeder is beyond the schedule, (input, column)."""
    # inputs are P of every DER, then Q of every DER
    q_inputs = minute.n_ders + c.q_der
    inputs = np.concatenate([c.der, q_inputs])
    share_columns = np.arange(c.shares.stop)
    q_columns = np.arange(c.q.start, c.q.stop)
    columns = np.concatenate([share_columns, q_columns])
    ones = np.ones(len(columns))
    shape = (minute.n_inputs, c.loss)
    return assemble(inputs, columns, ones, shape)


def _steepest(limits: list[LinearLimit], moves: sparse.csr_array) -> FloatArray:
    """What the variable that moves each limit most moves it by, (limit,); one where none does."""
    if not limits:
        return np.empty(0)
    slopes = np.array([limit.slope for limit in limits])
    largest = np.abs(slopes @ moves).max(axis=1, initial=0.0)
    return np.where(largest > 0, largest, 1.0)


def _bound_blocks(minute: Minute, c: Columns) -> Iterator[Block]:
    """Lowest and highest of all variables; where they are one there is no interior, on which the method rests."""
    low = np.zeros(c.loss)
    high = np.full(c.loss, np.inf)
    p_max_kw = np.asarray(minute.p_max_kw, dtype=float)
    high[c.shares] = p_max_kw[c.der]
    q_low, q_high = c.q_bounds(minute)
    low[c.q] = q_low
    high[c.q] = q_high
    is_fixed = low == high
    has_high = ~is_fixed & np.isfinite(high)
    fixed = np.flatnonzero(is_fixed)
    free = np.flatnonzero(~is_fixed)
    limited = np.flatnonzero(has_high)
    at_value = selection(fixed, c.loss)
    up_to = selection(limited, c.loss)
    down_to = selection(free, c.loss)
    yield Block(at_value, low[fixed], "zero")
    yield Block(up_to, high[limited], "nonnegative")
    yield Block(-down_to, -low[free], "nonnegative")


def _shared_block(minute: Minute, c: Columns) -> Block:
    """The shares of a DER that several regions call are together within its limit."""
    calls = np.bincount(c.der, minlength=minute.n_ders)
    shared = np.flatnonzero(calls > 1)
    moves = _moves(minute, c)
    # P of a DER is the input of its number
    by_share = moves[shared]
    limit_kw = np.asarray(minute.p_max_kw, dtype=float)
    return Block(by_share, limit_kw[shared], "nonnegative")


def _circle_block(
    minute: Minute, reactive: ReactiveRange, moves: sparse.csr_array
) -> Block:
    """P^2 + Q^2 <= S^2 of every DER that is called, relative to S; a circle of no size holds Q at zero by its bounds already."""
    is_called = minute.chosen.any(axis=0)
    kva = np.asarray(reactive.kva, dtype=float)
    has_circle = is_called & np.isfinite(kva) & (kva > 0)
    ders = np.flatnonzero(has_circle)
    size = kva[ders]
    by_p = times_rows(-1 / size, moves[ders])
    by_q = times_rows(-1 / size, moves[minute.n_ders + ders])
    # The first row of a cone bounds the others; no variable is in it, so that its right-hand side is the radius.
    bound = sparse.csr_array(by_p.shape)
    scheduled_p = minute.injected_kw[ders] / size
    scheduled_q = minute.injected_kvar[ders] / size
    return Block(
        interleave([bound, by_p, by_q]),
        interleave_right([np.ones(len(ders)), scheduled_p, scheduled_q]),
        "second order",
        size=3,
    )


def _padded(block: Block, n_slacks: int) -> Block:
    """A block with columns for slacks, in none of its rows."""
    if not n_slacks:
        return block
    height = len(block.right)
    matrix = beside(block.matrix, sparse.csr_array((height, n_slacks)))
    return Block(matrix, block.right, block.cone, block.name, block.size)
