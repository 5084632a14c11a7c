"""Choices without learning that a policy is held against. Each returns sets, (game, member), -1 for none.

exhaustive   the best of all C(n, k) sets
greedy       each agent the best DER given its leaders, judged by AC
cheapest     the lowest u_i = c_i + l0 LF_i among the DERs that are there
constant     the one set with the lowest mean J over other games
random       any set
"""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np

from tieline.effort import require_power_flows
from tieline.envs.draws import uniform
from tieline.envs.market.fill import NONE
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.objective import of_members
from tieline.envs.market.prepared import Prepared
from tieline.envs.market.shortlist import Shortlist, spare_cost, tie_tolerance
from tieline.errors import InputError
from tieline.typing import BoolArray, FloatArray, IntArray

SETS_AT_ONCE = 65536
"""Sets of several games that are held together, where one game has fewer."""


def require_enough_ders(model: ChoiceModel, size: int) -> None:
    """Raise `InputError` if a region has fewer DERs than agents that choose one each."""
    if size < 1:
        raise InputError(f"{size} agents choose nothing. Ask for at least one.")
    if model.n_ders < size:
        raise InputError(
            f"{size} agents choose a DER each, but the region has {model.n_ders}. Ask for fewer agents, attach DERs, or merge "
            "the region with another."
        )


def all_sets(n_ders: int, size: int) -> IntArray:
    """Every set of so many DERs, (set, member)."""
    sets = list(combinations(range(n_ders), size))
    return np.array(sets, dtype=np.int64)


def objective_of_all(
    model: ChoiceModel, prepared: Prepared, size: int
) -> tuple[FloatArray, IntArray]:
    """J of every set of `size` DERs, (game, set), and the sets, (set, member).

    Raises:
        InputError: if the region has fewer DERs, or there are more sets than could be solved.
    """
    require_enough_ders(model, size)
    n_games = len(prepared.games)
    n_sets = comb(model.n_ders, size)
    # asked before the sets are listed: too many of them would fill the memory first
    require_power_flows(
        f"All sets of {size} DERs of {model.n_ders} in {n_games} games",
        n_sets * n_games,
        "Choose fewer agents or play fewer games.",
    )
    sets = all_sets(model.n_ders, size)
    # whole games at a time: their sets share loads, and memory holds all J but not all power flows
    objective = np.empty((n_games, n_sets))
    games_at_once = max(SETS_AT_ONCE // n_sets, 1)
    for first in range(0, n_games, games_at_once):
        end = min(first + games_at_once, n_games)
        rows = slice(first, end)
        block = prepared.take(rows)
        outcomes = model.evaluate(block, sets[None])
        objective[rows] = outcomes.objective
    return objective, sets


def greedy(model: ChoiceModel, prepared: Prepared, size: int) -> IntArray:
    """Each agent takes the DER with which J is lowest, given what its leaders took, (game, member)."""
    require_enough_ders(model, size)
    n_games = len(prepared.games)
    leaders = np.empty((n_games, 0), dtype=np.int64)
    for _ in range(size):
        shortlist = Shortlist(model, prepared, leaders)
        while not shortlist.is_done:
            outcomes = model.evaluate(prepared, shortlist.next_sets())
            shortlist.take(outcomes.objective)
        follower = best_follower(model, prepared, shortlist.objective, leaders)
        leaders = np.hstack([leaders, follower[:, None]])
    return leaders


def best_follower(
    model: ChoiceModel, prepared: Prepared, objective: FloatArray, leaders: IntArray
) -> IntArray:
    """The DER with the lowest J beside its leaders, the cheapest of those that tie, (game,).

    Once the demand is covered all further DERs tie here; to the neighbours of a region the cheapest is worth most.

    Args:
        model, prepared: region and games.
        objective: J with each DER added to the leaders, (game, der) [currency/h].
        leaders: (game, leader); no DER is chosen twice.
    """
    objective = objective.copy()
    game = np.arange(len(leaders))[:, None]
    objective[game, leaders] = np.inf
    games = prepared.games
    ties = _ties(model, prepared, objective)
    # one that is away ties as well, where nothing is left to cover
    is_first_choice = ties & (games.p_max_kw > 0)
    has_first_choice = is_first_choice.any(axis=1, keepdims=True)
    candidates = np.where(has_first_choice, is_first_choice, ties)
    cost = np.where(candidates, prepared.unit_cost, np.inf)
    return np.argmin(cost, axis=1)


def best_of_ties(
    model: ChoiceModel, prepared: Prepared, sets: IntArray, objective: FloatArray
) -> IntArray:
    """The set with the lowest J; of those that tie the one whose members cost least, and of these the first.

    Args:
        model, prepared: region and games.
        sets: (game, set, member).
        objective: J of each, (game, set) [currency/h].

    Returns:
        (game, member).
    """
    ties = _ties(model, prepared, objective)
    cost = of_members(spare_cost(prepared), sets).sum(axis=2)
    best = np.argmin(np.where(ties, cost, np.inf), axis=1)
    game = np.arange(len(sets))
    return sets[game, best]


def _ties(model: ChoiceModel, prepared: Prepared, objective: FloatArray) -> BoolArray:
    """Which differ from the lowest of a game by no more than the power flow does, (game, set)."""
    lowest = objective.min(axis=1, keepdims=True)
    tolerance = tie_tolerance(model, prepared)
    return objective <= lowest + tolerance[:, None]


def cheapest(model: ChoiceModel, prepared: Prepared, size: int) -> IntArray:
    """The DERs with the lowest u among those that can inject, (game, member); `NONE` where fewer can."""
    require_enough_ders(model, size)
    is_there = prepared.games.p_max_kw > 0
    cost = np.where(is_there, prepared.unit_cost, np.inf)
    order = np.argsort(cost, axis=1, kind="stable")
    members = order[:, :size]
    can_inject = np.take_along_axis(is_there, members, axis=1)
    return np.where(can_inject, members, NONE)


def constant(model: ChoiceModel, prepared: Prepared, size: int) -> IntArray:
    """The one set with the lowest mean J over games that are not those it is judged on, (member,)."""
    objective, sets = objective_of_all(model, prepared, size)
    mean = objective.mean(axis=0)
    return sets[np.argmin(mean)]


def random(model: ChoiceModel, seeds: IntArray, size: int) -> IntArray:
    """Any set for each seed, (game, member)."""
    require_enough_ders(model, size)
    draw = uniform(seeds, model.n_ders)
    order = np.argsort(draw, axis=1)
    return order[:, :size]
