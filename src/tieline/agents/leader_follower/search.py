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
    sets = probable_sets(policy, region, games, candidates)
    best = np.argmin(region.objective(games, sets), axis=1)
    return sets[np.arange(len(sets)), best]


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
        total = log_share.reshape(-1, 1) + step
        sets, log_share = _best_sets(
            _extended(sets, step.shape[1]),
            total.reshape(n_games, -1),
            step.shape[1],
            count,
        )
    return sets


def _extended(sets: IntArray, n_ders: int) -> IntArray:
    """Every set with every DER added, members in order, (game, set and der, member)."""
    n_games, n_sets = sets.shape[:2]
    leaders = np.repeat(sets, n_ders, axis=1)
    ders = np.tile(np.arange(n_ders), n_sets)
    added = np.broadcast_to(ders[None, :, None], (n_games, n_sets * n_ders, 1))
    # the same set in another order is then the same row
    return np.sort(np.concatenate([leaders, added], axis=2), axis=2)


def _best_sets(
    sets: IntArray, log_share: FloatArray, n_ders: int, count: int
) -> tuple[IntArray, FloatArray]:
    """The `count` most probable sets of each game, equal ones added up, and the logarithm of their probability."""
    n_games = len(sets)
    size = sets.shape[2]
    digits = n_ders ** np.arange(size)[::-1]
    code = sets @ digits + np.arange(n_games)[:, None] * n_ders**size
    codes, first, kind = np.unique(code, return_index=True, return_inverse=True)
    share = np.bincount(kind.ravel(), np.exp(log_share).ravel())
    game = codes // n_ders**size
    order = np.lexsort((-share, game))
    starts = np.searchsorted(game, np.arange(n_games))
    place = np.arange(len(order)) - starts[game[order]]
    survivors = order[place < count]
    column = place[place < count]
    width = int(column.max()) + 1
    # rows without so many sets repeat their best one, which changes no choice
    picked = np.repeat(order[starts][:, None], width, axis=1)
    picked[game[survivors], column] = survivors
    is_repeated = np.ones((n_games, width), dtype=bool)
    is_repeated[game[survivors], column] = False
    with np.errstate(divide="ignore"):
        log_picked = np.where(is_repeated, -np.inf, np.log(share[picked]))
    return sets.reshape(-1, size)[first[picked]], log_picked
