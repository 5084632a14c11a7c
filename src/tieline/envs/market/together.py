"""Games of several regions of one feeder side by side: one batch of power flows where each region alone would ask for a few.

A minute of a market has one game for each region. The answers are those of `ChoiceModel`, region by region.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tieline.envs.market.fill import NONE
from tieline.envs.market.flows import solved_together
from tieline.envs.market.games import Games
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.objective import Outcomes
from tieline.envs.market.prepared import Prepared
from tieline.envs.market.rules import best_follower, require_enough_ders
from tieline.envs.market.shortlist import Shortlist
from tieline.errors import InputError
from tieline.network.network import Network
from tieline.powerflow.derivatives.gradients import loss_factors
from tieline.typing import FloatArray, IntArray


def prepare_together(
    models: Sequence[ChoiceModel], games: Sequence[Games]
) -> list[Prepared]:
    """`ChoiceModel.prepare` of several regions.

    Args:
        models: regions of one network.
        games: of each region.

    Raises:
        InputError: if the regions are not of one network, or games do not fit.
    """
    network = _network_of(models)
    requests = []
    for model, of_region in zip(models, games, strict=True):
        model.require(of_region)
        requests.append(model.idle_requests(of_region))
    solution, shares = solved_together(network, requests)
    factor = loss_factors(solution)
    prepared = []
    for model, of_region, rows in zip(models, games, shares, strict=True):
        factor_of_region = factor[rows, model.ders]
        part = solution.of_scenarios(rows)
        prepared.append(model.prepared(of_region, part, factor_of_region))
    return prepared


def evaluate_together(
    models: Sequence[ChoiceModel],
    prepared: Sequence[Prepared],
    sets: Sequence[IntArray],
) -> list[Outcomes]:
    """`ChoiceModel.evaluate` of several regions; sets of each are members, (game, set, member), -1 for none."""
    network = _network_of(models)
    requests = []
    for model, of_region, members in zip(models, prepared, sets, strict=True):
        requests.append(model.set_requests(of_region, members))
    solution, shares = solved_together(network, requests)
    outcomes = []
    regions = zip(models, prepared, sets, shares, strict=True)
    for model, of_region, members, rows in regions:
        part = solution.of_scenarios(rows)
        outcomes.append(model.judged(of_region, members, part))
    return outcomes


def greedy_together(
    models: Sequence[ChoiceModel],
    prepared: Sequence[Prepared],
    size: int,
    most: Sequence[int] = (),
) -> list[IntArray]:
    """`rules.greedy` of several regions: sets of each, (game, member).

    Args:
        models, prepared: regions and their games.
        size: agents that choose in every region.
        most: agents that a region has at most, (region,); those beyond `size` choose while the DERs of their leaders cannot give
            the demand of some game. `size` if left out.
    """
    leaders = []
    for model, of_region in zip(models, prepared, strict=True):
        require_enough_ders(model, size)
        n_games = len(of_region.games)
        leaders.append(np.empty((n_games, 0), dtype=np.int64))
    for turn in range(max([size, *most])):
        asking = list(range(len(models)))
        if turn >= size:
            short = [k for k in asking if missing_kw(prepared[k], leaders[k]).max() > 0]
            asking = [k for k in short if turn < min(most[k], models[k].n_ders)]
        followers = _followers(
            [models[k] for k in asking],
            [prepared[k] for k in asking],
            [leaders[k] for k in asking],
        )
        for k, follower in zip(asking, followers, strict=True):
            leaders[k] = np.hstack([leaders[k], follower[:, None]])
    return leaders


def missing_kw(prepared: Prepared, members: IntArray) -> FloatArray:
    """Demand less what the DERs of a set can give together, below 0 where they can give more, (game,).

    Args:
        prepared: the games.
        members: a set of each, (game, member), no DER twice; -1 for none.
    """
    games = prepared.games
    limit_kw = np.take_along_axis(games.p_max_kw, members, axis=1)
    usable_kw = np.where(members == NONE, 0.0, limit_kw)
    return games.wanted_kw - usable_kw.sum(axis=1)


def _followers(
    models: Sequence[ChoiceModel],
    prepared: Sequence[Prepared],
    leaders: Sequence[IntArray],
) -> list[IntArray]:
    """The next DER of each region, (game,)."""
    regions = list(zip(models, prepared, leaders, strict=True))
    shortlists = [Shortlist(*region) for region in regions]
    _look(models, prepared, shortlists)
    followers = []
    for (model, of_region, chain), shortlist in zip(regions, shortlists, strict=True):
        objective = shortlist.objective
        followers.append(best_follower(model, of_region, objective, chain))
    return followers


def _look(
    models: Sequence[ChoiceModel],
    prepared: Sequence[Prepared],
    shortlists: Sequence[Shortlist],
) -> None:
    """Let AC look at the candidates of all regions until none that is left can be the best."""
    while True:
        asking = [k for k, shortlist in enumerate(shortlists) if not shortlist.is_done]
        if not asking:
            return
        outcomes = evaluate_together(
            [models[k] for k in asking],
            [prepared[k] for k in asking],
            [shortlists[k].next_sets() for k in asking],
        )
        for k, outcome in zip(asking, outcomes, strict=True):
            shortlists[k].take(outcome.objective)


def _network_of(models: Sequence[ChoiceModel]) -> Network:
    """The one network of all regions."""
    network = models[0].network
    if any(model.network is not network for model in models):
        raise InputError(
            "Regions that are solved together must be of one network: make their models of the same `Network`."
        )
    return network
