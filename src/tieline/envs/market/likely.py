"""`likely_sets`: the sets that look best by the slopes of a region, before any power flow.

    J(S) ~ sum u_i p_i + l0 p . curvature . p / 2 + lu s + rho x what is used beyond limits by their slopes      (`estimates`)

Sets grow by one DER at a time, and the `count` cheapest go on: with one it is the greedy rule on estimates. The estimate is no
judge: near a limit it errs by more than good sets differ by. It costs no power flow, and what it takes for good AC can look at.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from tieline.envs.market.estimates import estimate_sets
from tieline.envs.market.fill import with_each_der
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.objective import PENALTY, of_members
from tieline.envs.market.prepared import Prepared
from tieline.envs.market.shortlist import spare_cost, tie_tolerance
from tieline.typing import BoolArray, FloatArray, IntArray

SETS_AT_ONCE = 65536
"""Sets that are held together, which bounds the memory."""

MARKS_SEED = 0
"""Of the numbers that stand for DERs: any will do, but the same sets must come out every time."""

MARKS_KEPT = 64
"""Numbers of DERs met, one for each region of a feeder and a few unions."""


def likely_sets(
    model: ChoiceModel, prepared: Prepared, size: int, count: int
) -> IntArray:
    """The sets of lowest estimated J of each game.

    Args:
        model: the region, with at least `size` DERs.
        prepared: its games.
        size: DERs of a set.
        count: sets of each game; there are fewer where fewer exist.

    Returns:
        (game, set, member), the cheapest first, members in rising order.
    """
    games_at_once = max(SETS_AT_ONCE // (count * model.n_ders), 1)
    blocks = []
    for first in range(0, len(prepared), games_at_once):
        rows = slice(first, first + games_at_once)
        block = prepared.take(rows)
        blocks.append(_of_block(model, block, size, count))
    return np.concatenate(blocks)


def _of_block(
    model: ChoiceModel, prepared: Prepared, size: int, count: int
) -> IntArray:
    sets = np.empty((len(prepared), 1, 0), dtype=np.int64)
    for _ in range(size):
        longer = _with_each_der(sets, model.n_ders)
        estimates = estimate(model, prepared, longer)
        # a game without a power flow has none; its sets are as good as any, and the others of the batch keep theirs
        objective = np.nan_to_num(estimates, nan=0.0)
        objective[_is_in_vain(longer, model.n_ders)] = np.inf
        order = _cheapest_first(model, prepared, longer, objective)
        in_order = np.take_along_axis(objective, order, axis=1)
        # games of a batch keep the same number of sets: as many as every one of them has
        n_existing = np.isfinite(in_order).sum(axis=1)
        n_kept = min(count, int(n_existing.min()))
        survivors = order[:, :n_kept]
        sets = np.take_along_axis(longer, survivors[..., None], axis=1)
    return sets


def estimate(model: ChoiceModel, prepared: Prepared, sets: IntArray) -> FloatArray:
    """J of sets by the slopes of the region, (game, set, member) -> (game, set) [currency/h]."""
    money, excess = estimate_sets(model, prepared, sets)
    return money + PENALTY * excess


def _cheapest_first(
    model: ChoiceModel, prepared: Prepared, sets: IntArray, objective: FloatArray
) -> IntArray:
    """Order of the sets by estimate, and of those that tie by what all their members would cost, (game, set).

    Once the demand is covered further members tie; to the program, and to the neighbours, the cheapest are worth most.
    """
    unit_cost = of_members(spare_cost(prepared), sets)
    noise = tie_tolerance(model, prepared)[:, None]
    step = np.round(objective / noise)
    return np.lexsort((unit_cost.sum(axis=2), step), axis=1)


def _with_each_der(sets: IntArray, n_ders: int) -> IntArray:
    """Every set with every DER added, members in rising order, (game, set and der, member)."""
    n_games, n_sets, size = sets.shape
    leaders = sets.reshape(n_games * n_sets, size)
    longer = with_each_der(leaders, n_ders)
    of_game = longer.reshape(n_games, n_sets * n_ders, size + 1)
    return np.sort(of_game, axis=2)


def _is_in_vain(sets: IntArray, n_ders: int) -> BoolArray:
    """Sets that name a DER twice, or that stand further to the front already, (game, set)."""
    steps = np.diff(sets, axis=2)
    names_twice = (steps == 0).any(axis=2)
    # a sum of random marks tells sets apart, where numbers of DERs as digits would pass the largest whole number
    code = _marks(n_ders)[sets].sum(axis=2)
    order = np.argsort(code, axis=1, kind="stable")
    in_order = np.take_along_axis(code, order, axis=1)
    is_same = np.zeros(code.shape, dtype=bool)
    is_same[:, 1:] = in_order[:, 1:] == in_order[:, :-1]
    is_repeated = np.empty_like(is_same)
    np.put_along_axis(is_repeated, order, is_same, axis=1)
    return names_twice | is_repeated


@lru_cache(maxsize=MARKS_KEPT)
def _marks(n_ders: int) -> IntArray:
    """A number for each DER, drawn alike every time."""
    return np.random.default_rng(MARKS_SEED).integers(2**62, size=n_ders)
