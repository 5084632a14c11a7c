"""`choose`: a few steps of search on top of a policy: its most probable sets, judged by AC in one batch, the best of them taken.

Agents choose in turn, so a set comes about in several orders; its probability is their sum. After each agent the most probable
sets go on. Which of them is best is for the power flow to say: a policy that knows the few sets worth asking about needs no more.
With one candidate the policy decides alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.agents.leader_follower.policy import ChoicePolicy
from tieline.agents.leader_follower.region import ChoiceRegion, may_choose
from tieline.typing import FloatArray, IntArray

CANDIDATES = 16
"""Sets that are judged: the power flow solves so many side by side about as fast as one, and greedy choice asks about more."""


def choose(
    policy: ChoicePolicy,
    region: ChoiceRegion,
    games: Any,
    candidates: int = CANDIDATES,
) -> IntArray:
    """A set for each game, (game, agent).

    Args:
        policy: trained for the region.
        region: where it chooses.
        games: of the region, ready to be played.
        candidates: sets that are judged by AC; 1 leaves the choice to the policy.

    Raises:
        InputError: if the policy was trained for another region.
    """
    policy.require_fits(region)
    if candidates == 1:
        return policy.most_probable(region, games)[0]
    return best_of(region, games, probable_sets(policy, region, games, candidates))


def best_of(region: ChoiceRegion, games: Any, sets: IntArray) -> IntArray:
    """The set of lowest J on AC of those of each game, (game, set, agent) -> (game, agent)."""
    objective = region.objective(games, sets)
    # of equal sets the first one is taken, which is the more probable
    best = np.argmin(objective, axis=1)
    game = np.arange(len(sets))
    return sets[game, best]


def probable_sets(
    policy: ChoicePolicy, region: ChoiceRegion, games: Any, count: int
) -> IntArray:
    """The most probable sets of each game, (game, set, agent); the first is repeated where there are fewer."""
    n_games = len(games)
    sets = np.empty((n_games, 1, 0), dtype=np.int64)
    log_share = np.zeros((n_games, 1))
    for agent in range(policy.n_agents):
        n_sets = sets.shape[1]
        of_game = np.repeat(np.arange(n_games), n_sets)
        leaders = sets.reshape(n_games * n_sets, agent)
        rows = games.take(of_game)
        sight = region.see(rows, leaders, policy.n_agents)
        is_open = may_choose(region, rows, sight)
        step = policy.log_shares(sight, agent, is_open)
        n_ders = step.shape[1]
        total = log_share.reshape(-1, 1) + step
        extended = _extended(sets, n_ders)
        of_extended = total.reshape(n_games, -1)
        sets, log_share = _best_sets(extended, of_extended, n_ders, count)
    return sets


def _extended(sets: IntArray, n_ders: int) -> IntArray:
    """Every set with every DER added, members in order, (game, set and der, member)."""
    n_games, n_sets = sets.shape[:2]
    leaders = np.repeat(sets, n_ders, axis=1)
    ders = np.tile(np.arange(n_ders), n_sets)
    shape = (n_games, n_sets * n_ders, 1)
    followers = np.broadcast_to(ders[None, :, None], shape)
    members = np.concatenate([leaders, followers], axis=2)
    # the same set in another order is then the same row
    return np.sort(members, axis=2)


def _best_sets(
    sets: IntArray, log_share: FloatArray, n_ders: int, count: int
) -> tuple[IntArray, FloatArray]:
    """The `count` most probable sets of each game, equal ones added up, and the logarithm of their probability."""
    n_games = len(sets)
    size = sets.shape[2]
    n_codes = n_ders**size
    code = _codes(sets, n_ders)
    codes, first, kind = np.unique(code, return_index=True, return_inverse=True)
    shares = np.exp(log_share)
    share = np.bincount(kind.ravel(), shares.ravel())

    game = codes // n_codes
    order = np.lexsort((-share, game))
    starts = np.searchsorted(game, np.arange(n_games))
    game_in_order = game[order]
    place = np.arange(len(order)) - starts[game_in_order]
    is_kept = place < count
    survivors = order[is_kept]
    row = game[survivors]
    column = place[is_kept]
    width = int(column.max()) + 1

    # rows without so many sets repeat their best one, which changes no choice
    best = order[starts]
    picked = np.repeat(best[:, None], width, axis=1)
    picked[row, column] = survivors
    # but with no probability, or the next agent would count it twice
    is_repeated = np.ones((n_games, width), dtype=bool)
    is_repeated[row, column] = False
    with np.errstate(divide="ignore"):
        log_picked = np.log(share[picked])
    flat_sets = sets.reshape(-1, size)
    best_sets = flat_sets[first[picked]]
    return best_sets, np.where(is_repeated, -np.inf, log_picked)


def _codes(sets: IntArray, n_ders: int) -> IntArray:
    """One whole number for each game and set, (game, set): the members are its digits, the game stands before them."""
    n_games = len(sets)
    size = sets.shape[2]
    digits = n_ders ** np.arange(size)[::-1]
    first_of_game = np.arange(n_games) * n_ders**size
    return sets @ digits + first_of_game[:, None]
