"""The best allocation on the AC model, found by search: the measure that every decider is held against.

The objective has kinks and jumps where regulators change a tap, so that no derivative is trusted. For many requests at once:

1. Starts are the corners of the feasible set: one DER after the other is used up, in every order (or, for more than
   `MOST_ORDERED` DERs, in random ones), beside the two rules. Without taps the objective is nearly linear in the allocation, and
   a linear one is least at a corner.
2. From the best few, power is moved from one DER to another while that helps, in steps that halve (a pattern search over
   exchanges; R. Hooke, T. A. Jeeves, J. ACM 8, 1961).

`enumerate_grid` is the proof beside it: all allocations on a grid.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations, product

import numpy as np

from tieline.envs.reserve.task import ReserveState
from tieline.studies.reserve.rules import by_capacity, in_order
from tieline.typing import FloatArray, IntArray

Objective = Callable[[FloatArray, FloatArray], FloatArray]
"""Objective of allocations (row, der) [kW] at bids (row, der) [cents/kWh]: (row,)."""

MOST_ORDERED = 4
"""DERs whose orders are all tried (24); beyond, as many random orders."""

KEPT = 3
"""Starts that are searched from."""

FINEST_KW = 0.05
"""Step at which the search ends [kW]: far below what any objective here can tell."""

ROWS_AT_ONCE = 8192


@dataclass(frozen=True, eq=False)
class Optimum:
    """Best allocations found, (episode, der) [kW], their objective, (episode,), and how many power flows that took."""

    allocation_kw: FloatArray
    objective: FloatArray
    n_power_flows: int


def find_optimum(objective: Objective, state: ReserveState, seed: int = 0) -> Optimum:
    """Search the best allocation of every request.

    Args:
        objective: what is minimised.
        state: the requests.
        seed: of the random orders, where there are too many for all.
    """
    counted = _Counted(objective)
    starts = _starts(state, seed)
    count, n_starts, n = starts.shape
    value = counted(starts.reshape(-1, n), np.repeat(state.bid_cents, n_starts, axis=0)).reshape(
        count, n_starts
    )
    best = np.argsort(value, axis=1)[:, :KEPT]
    kept = best.shape[1]
    rows = np.arange(count)[:, None]
    allocation, reached = _exchange(
        counted,
        starts[rows, best].reshape(-1, n),
        value[rows, best].ravel(),
        np.repeat(state.capacity_kw, kept, axis=0),
        np.repeat(state.bid_cents, kept, axis=0),
    )
    winner = reached.reshape(count, kept).argmin(axis=1)
    flat = np.arange(count) * kept + winner
    return Optimum(allocation[flat], reached[flat], counted.n_rows)


def enumerate_grid(
    objective: Objective, state: ReserveState, step_kw: float
) -> tuple[FloatArray, float]:
    """Best allocation of one request among all on a grid: every DER but the last at a multiple of `step_kw` or full.

    Args:
        objective: what is minimised.
        state: a single request, (1, der).
        step_kw: spacing of the grid [kW].

    Returns:
        The allocation, (der,) [kW], and its objective.
    """
    capacity, request = state.capacity_kw[0], state.request_kw[0]
    axes = [np.unique(np.append(np.arange(0.0, limit, step_kw), limit)) for limit in capacity[:-1]]
    grid = np.array(list(product(*axes))).reshape(-1, len(axes))
    last = request - grid.sum(axis=1)
    allowed = (last >= 0) & (last <= capacity[-1])
    allocation = np.column_stack([grid, last])[allowed]
    value = _Counted(objective)(allocation, np.broadcast_to(state.bid_cents, allocation.shape))
    return allocation[value.argmin()], float(value.min())


class _Counted:
    """The objective in blocks of rows; allocations without a power flow are never best."""

    def __init__(self, objective: Objective):
        self._objective = objective
        self.n_rows = 0

    def __call__(self, allocation: FloatArray, bid: FloatArray) -> FloatArray:
        self.n_rows += len(allocation)
        blocks = (
            slice(first, first + ROWS_AT_ONCE) for first in range(0, len(allocation), ROWS_AT_ONCE)
        )
        values = [self._objective(allocation[block], bid[block]) for block in blocks]
        return np.nan_to_num(np.concatenate(values), nan=np.inf)


def _starts(state: ReserveState, seed: int) -> FloatArray:
    """Corners and the even split, (episode, start, der)."""
    count, n = state.capacity_kw.shape
    orders = _orders(n, seed)
    corners = [
        in_order(state.capacity_kw, state.request_kw, np.tile(order, (count, 1)))
        for order in orders
    ]
    cheap = in_order(
        state.capacity_kw, state.request_kw, np.argsort(state.bid_cents, axis=1, kind="stable")
    )
    return np.stack([*corners, cheap, by_capacity(state.capacity_kw, state.request_kw)], axis=1)


def _orders(n: int, seed: int) -> IntArray:
    if n <= MOST_ORDERED:
        return np.array(list(permutations(range(n))))
    random = np.random.default_rng(seed)
    return np.array(
        [random.permutation(n) for _ in range(len(list(permutations(range(MOST_ORDERED)))))]
    )


def _exchange(
    objective: Objective,
    allocation: FloatArray,
    value: FloatArray,
    capacity: FloatArray,
    bid: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Move power between pairs while it helps; each row has a step of its own, which halves when no move does."""
    n = allocation.shape[1]
    pairs = np.array([(i, j) for i in range(n) for j in range(n) if i != j]).reshape(-1, 2)
    step = capacity.max(axis=1) / 2.0
    allocation, value = allocation.copy(), value.copy()
    while len(pairs) and (active := np.flatnonzero(step > FINEST_KW)).size:
        moved = _moves(allocation[active], capacity[active], step[active], pairs)
        tried = objective(moved.reshape(-1, n), np.repeat(bid[active], len(pairs), axis=0)).reshape(
            -1, len(pairs)
        )
        best = tried.argmin(axis=1)
        gained = tried[np.arange(len(active)), best]
        better = gained < value[active]
        allocation[active[better]] = moved[better, best[better]]
        value[active[better]] = gained[better]
        step[active[~better]] /= 2.0
    return allocation, value


def _moves(
    allocation: FloatArray, capacity: FloatArray, step: FloatArray, pairs: IntArray
) -> FloatArray:
    """Every row with `step` moved from the first DER of a pair to the second, as far as there is room, (row, pair, der)."""
    giver, taker = pairs[:, 0], pairs[:, 1]
    amount = np.minimum(
        np.minimum(allocation[:, giver], (capacity - allocation)[:, taker]), step[:, None]
    )
    moved = np.repeat(allocation[:, None, :], len(pairs), axis=1)
    pair = np.arange(len(pairs))
    moved[:, pair, giver] -= amount
    moved[:, pair, taker] += amount
    return moved
