"""`estimate_sets`: what sets are worth by the slopes of a region, before any power flow.

    money   sum u_i p_i + l0 p . curvature . p / 2 + lu s      [currency/h]
    excess  sum over limits of what is used beyond them, by their slopes, as shares of the limits

p and s are those of `fill`. Compiled, set by set: a minute asks for thousands of sets of three, and arrays of them take longer to
set up than to fill.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.envs.market.fill import NONE
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.prepared import Prepared
from tieline.powerflow.kernel.compiled import entry, leaf
from tieline.typing import FloatArray, IntArray


class Estimates(NamedTuple):
    """Money, and what is used beyond limits, of sets, (game, set) each."""

    money: FloatArray
    excess: FloatArray


def estimate_sets(
    model: ChoiceModel, prepared: Prepared, members: IntArray
) -> Estimates:
    """Estimates of sets.

    Args:
        model: the region.
        prepared: its games.
        members: sets, (game, set, member), -1 for none; a DER named twice counts once.
    """
    games = prepared.games
    rows = _rows_in_reach(model, prepared, members.shape[-1])
    by_set = members.shape[:2]
    money = np.empty(by_set)
    excess = np.empty(by_set)
    _estimate(
        np.ascontiguousarray(members),
        np.ascontiguousarray(prepared.unit_cost),
        np.ascontiguousarray(games.p_max_kw),
        np.ascontiguousarray(games.wanted_kw),
        np.ascontiguousarray(games.reference_price),
        np.ascontiguousarray(games.balancing_price),
        np.ascontiguousarray(model.slopes.curvature),
        np.ascontiguousarray(model.slopes.use[rows].T),
        prepared.use[:, rows] - 1.0,
        money,
        excess,
    )
    return Estimates(money, excess)


def _rows_in_reach(model: ChoiceModel, prepared: Prepared, size: int) -> IntArray:
    """Limits that some set of so many DERs reaches in some game; most are out of reach of all, and add nothing."""
    together = model.largest_rises[:, size]
    is_near = largest_use(prepared.use) + together > 1.0
    return np.flatnonzero(is_near)


def largest_use(use: FloatArray) -> FloatArray:
    """Largest use of each limit in any game, (game, row) -> (row,)."""
    # a game without a power flow uses NaN of everything, which is to hide no other game
    return np.fmax.reduce(use, axis=0, initial=0.0)


@entry
def _estimate(
    members,
    unit_cost,
    p_max_kw,
    wanted_kw,
    reference_price,
    balancing_price,
    curvature,
    slope_by_der,
    over_before,
    money,
    excess,
):
    n_games, n_sets, size = members.shape
    ders = np.empty(size, np.int64)
    p_kw = np.empty(size)
    for game in range(n_games):
        for k in range(n_sets):
            count = put_in_order(members[game, k], unit_cost[game], ders)
            paid, left_kw = fill_demand(
                wanted_kw[game], p_max_kw[game], unit_cost[game], ders, count, p_kw
            )
            bend_kw = bend_of(curvature, ders, count, p_kw)
            bent = reference_price[game] * bend_kw
            bought = balancing_price[game] * left_kw
            money[game, k] = paid + bent + bought
            excess[game, k] = sum_beyond(
                over_before[game], slope_by_der, ders, count, p_kw
            )


@leaf
def put_in_order(members, unit_cost, ders):
    """Write the DERs of a set that count, the cheapest first, those of one cost as they come; how many they are."""
    count = 0
    for member in members:
        is_new = member != NONE
        for i in range(count):
            is_new = is_new and ders[i] != member
        if not is_new:
            continue
        place = count
        while place > 0 and unit_cost[ders[place - 1]] > unit_cost[member]:
            ders[place] = ders[place - 1]
            place -= 1
        ders[place] = member
        count += 1
    return count


@leaf
def fill_demand(wanted_kw, p_max_kw, unit_cost, ders, count, p_kw):
    """Write what each gives; what all cost by u, and what is left of the demand."""
    left_kw = wanted_kw
    paid = 0.0
    for i in range(count):
        der = ders[i]
        p_kw[i] = min(p_max_kw[der], left_kw)
        left_kw -= p_kw[i]
        paid += unit_cost[der] * p_kw[i]
    return paid, left_kw


@leaf
def bend_of(curvature, ders, count, p_kw):
    """p . curvature . p / 2."""
    bend_kw = 0.0
    for i in range(count):
        of_row = curvature[ders[i]]
        bend_kw += of_row[ders[i]] * p_kw[i] * p_kw[i] / 2.0
        for j in range(i):
            bend_kw += of_row[ders[j]] * p_kw[i] * p_kw[j]
    return bend_kw


@leaf
def sum_beyond(over_before, slope_by_der, ders, count, p_kw):
    """What is used beyond all limits."""
    beyond = 0.0
    for row in range(len(over_before)):
        over = over_before[row]
        for i in range(count):
            over += slope_by_der[ders[i], row] * p_kw[i]
        # NaN, where there is no power flow, is no number below 0 and stays
        if not over <= 0.0:
            beyond += over
    return beyond
