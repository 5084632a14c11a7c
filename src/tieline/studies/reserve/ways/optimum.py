"""The best allocation on the AC model, found by search: the measure that every decider is held against.

The objective has kinks and jumps where regulators change a tap, so no derivative is trusted. For many requests at once:

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
from math import factorial

import numpy as np

from tieline.envs.reserve.task import ReserveState
from tieline.studies.reserve.ways.rules import by_capacity, in_order
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
    bids = np.repeat(state.bid_cents, n_starts, axis=0)
    value = counted(starts.reshape(-1, n), bids).reshape(count, n_starts)
    # Kinks and jumps may hide the best corner's valley: the search begins from a few.
    best = np.argsort(value, axis=1)[:, :KEPT]
    n_best = best.shape[1]
    rows = np.arange(count)[:, None]
    allocation, value = _exchange(
        counted,
        starts[rows, best].reshape(-1, n),
        value[rows, best].ravel(),
        np.repeat(state.capacity_kw, n_best, axis=0),
        np.repeat(state.bid_cents, n_best, axis=0),
    )
    winner = value.reshape(count, n_best).argmin(axis=1)
    flat = np.arange(count) * n_best + winner
    return Optimum(allocation[flat], value[flat], counted.n_rows)


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
    capacity = state.capacity_kw[0]
    axes = [_grid_axis(limit, step_kw) for limit in capacity[:-1]]
    points = list(product(*axes))
    # a single DER has no axis, and one point
    grid = np.array(points).reshape(-1, len(axes))
    # What the others leave of the request is the last one's.
    last = state.request_kw[0] - grid.sum(axis=1)
    allowed = (last >= 0) & (last <= capacity[-1])
    allocation = np.column_stack([grid, last])[allowed]
    bids = np.broadcast_to(state.bid_cents, allocation.shape)
    value = _Counted(objective)(allocation, bids)
    return allocation[value.argmin()], float(value.min())


def _grid_axis(limit_kw: float, step_kw: float) -> FloatArray:
    """Multiples of a step up to a limit, and the limit [kW]."""
    return np.unique(np.append(np.arange(0.0, limit_kw, step_kw), limit_kw))


class _Counted:
    """The objective in blocks of rows; allocations without a power flow are never best."""

    def __init__(self, objective: Objective):
        self._objective = objective
        self.n_rows = 0

    def __call__(self, allocation: FloatArray, bid: FloatArray) -> FloatArray:
        self.n_rows += len(allocation)
        values = []
        for first in range(0, len(allocation), ROWS_AT_ONCE):
            block = slice(first, first + ROWS_AT_ONCE)
            values.append(self._objective(allocation[block], bid[block]))
        # NaN would win every argmin
        return np.nan_to_num(np.concatenate(values), nan=np.inf)


def _starts(state: ReserveState, seed: int) -> FloatArray:
    """Corners and the even split, (episode, start, der)."""
    capacity = state.capacity_kw
    request = state.request_kw
    count, n = capacity.shape
    orders = [np.tile(order, (count, 1)) for order in _orders(n, seed)]
    # beyond `MOST_ORDERED` DERs the order of the bids may not be among those drawn
    by_bid = np.argsort(state.bid_cents, axis=1, kind="stable")
    corners = [in_order(capacity, request, order) for order in [*orders, by_bid]]
    even = by_capacity(capacity, request)
    return np.stack([*corners, even], axis=1)


def _orders(n: int, seed: int) -> IntArray:
    """Orders of the DERs, (order, der)."""
    if n <= MOST_ORDERED:
        orders = list(permutations(range(n)))
        return np.array(orders)
    random = np.random.default_rng(seed)
    drawn_orders = [random.permutation(n) for _ in range(factorial(MOST_ORDERED))]
    return np.array(drawn_orders)


def _exchange(
    objective: Objective,
    allocation: FloatArray,
    value: FloatArray,
    capacity: FloatArray,
    bid: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Move power between pairs while it helps; each row has a step of its own, which halves when no move does."""
    n = allocation.shape[1]
    pairs = np.array([(i, j) for i in range(n) for j in range(n) if i != j]).reshape(
        -1, 2
    )
    step = capacity.max(axis=1) / 2.0
    allocation = allocation.copy()
    value = value.copy()
    if len(pairs) == 0:  # a single DER has nobody to exchange with
        return allocation, value
    active = np.flatnonzero(step > FINEST_KW)
    while active.size:
        candidates = _candidates(
            allocation[active], capacity[active], step[active], pairs
        )
        bids = np.repeat(bid[active], len(pairs), axis=0)
        values = objective(candidates.reshape(-1, n), bids).reshape(
            -1,
            len(pairs),
        )
        best = values.argmin(axis=1)
        best_value = values[np.arange(len(active)), best]
        # A row that gains goes there with the same step; one that does not looks nearer by.
        gains = best_value < value[active]
        allocation[active[gains]] = candidates[gains, best[gains]]
        value[active[gains]] = best_value[gains]
        step[active[~gains]] /= 2.0
        active = np.flatnonzero(step > FINEST_KW)
    return allocation, value


def _candidates(
    allocation: FloatArray, capacity: FloatArray, step: FloatArray, pairs: IntArray
) -> FloatArray:
    """Every row with `step` moved from the first DER of a pair to the second, as far as there is room, (row, pair, der)."""
    giver, taker = pairs.T
    given_kw = allocation[:, giver]
    unused_kw = (capacity - allocation)[:, taker]
    room = np.minimum(given_kw, unused_kw)
    amount = np.minimum(room, step[:, None])
    candidates = np.repeat(allocation[:, None, :], len(pairs), axis=1)
    pair = np.arange(len(pairs))
    candidates[:, pair, giver] -= amount
    candidates[:, pair, taker] += amount
    return candidates
