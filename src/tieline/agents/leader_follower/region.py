"""What a learner asks of a region, `ChoiceRegion`, and the market's regions, `MarketRegion`.

Agents choose in turn. What an agent sees is a token for each DER and features of the region; what a set is worth is the objective
J(S) to be kept low [currency/h], and the reward of an agent is what its choice takes off it:

    r_k = [ J(S_k-1) - J(S_k) ] / worth,        worth = J of choosing nothing: lu D, and what limits are broken already

With lu D alone, as in the source, a game whose limits are broken before any choice would count a hundred times.

Source: the article on distributed optimal power flow with dynamic microgrids, eq. 22, where the sign is that of a cost.
"""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from tieline.agents.leader_follower.region_key import RegionKey
from tieline.envs.market.draws import RANGES, GameRanges, Kind, draw_games
from tieline.envs.market.fill import NONE
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.objective import idle_objective
from tieline.envs.market.prepared import Prepared
from tieline.envs.market.tokens import REGION_NAMES, TOKEN_NAMES, Seen, see
from tieline.typing import BoolArray, FloatArray, IntArray


class DrawnGames(Sized, Protocol):
    """Games of a region, ready to be played."""

    def take(self, rows: Any) -> Any:
        """Some of the games."""
        ...


class ChoiceRegion(Protocol):
    """Where agents choose DERs. Games are whatever `draw` returns; they have a length and give some of them with `take`."""

    @property
    def key(self) -> RegionKey:
        """Which region it is."""
        ...

    def draw(self, seeds: IntArray, /) -> Any:
        """A game per seed; the same seed gives the same game in any company."""
        ...

    def see(self, games: Any, choices: IntArray, n_agents: int, /) -> Seen:
        """What the next agent sees after its leaders' choice, (game, leader)."""
        ...

    def is_there(self, games: Any, /) -> BoolArray:
        """DERs that can give anything, (game, der), (game, der)."""
        ...

    def objective(self, games: Any, sets: IntArray, /) -> FloatArray:
        """J of sets, (game, set, member) -> (game, set), -1 for no DER; infinite where it does not exist [currency/h],
        (game,).
        """
        ...

    def idle_objective(self, games: Any, /) -> FloatArray:
        """J of choosing nothing, (game,) [currency/h], (game,)."""
        ...

    def worth(self, games: Any, /) -> FloatArray:
        """What rewards are measured in, above 0, (game,) [currency/h], (game,)."""
        ...


@dataclass(frozen=True, eq=False)
class MarketRegion:
    """A region of the market; a `ChoiceRegion`.

    Attributes:
        model: the region, judged by AC.
        ranges: what its games are drawn from.
        key: which region it is.
    """

    model: ChoiceModel
    ranges: GameRanges = RANGES["open"]
    key: RegionKey = field(init=False)

    def __post_init__(self) -> None:
        feeder = self.model.network.feeder
        rated_kw = tuple(round(float(kw), 3) for kw in self.model.rated_kw)
        all_ders = feeder.ders
        ders = [all_ders[k] for k in self.model.ders]
        key = RegionKey(
            feeder=feeder.name,
            buses=self.model.buses,
            ders=tuple(der.name for der in ders),
            rated_kw=rated_kw,
            tokens=TOKEN_NAMES,
            features=REGION_NAMES,
        )
        object.__setattr__(self, "key", key)

    def draw(self, seeds: IntArray) -> Prepared:
        """A game per seed, solved as it is before any choice."""
        games = draw_games(self.model, seeds, self.ranges)
        return self.model.prepare(games)

    def see(self, games: Prepared, choices: IntArray, n_agents: int) -> Seen:
        """Tokens and features, see `envs.market.tokens`."""
        share = choices.shape[1] / n_agents
        return see(self.model, games, choices, share)

    def is_there(self, games: Prepared) -> BoolArray:
        """DERs that can inject."""
        return games.games.p_max_kw > 0

    def objective(self, games: Prepared, sets: IntArray) -> FloatArray:
        """J by AC."""
        outcomes = self.model.evaluate(games, sets)
        return outcomes.objective

    def idle_objective(self, games: Prepared) -> FloatArray:
        """J without any DER."""
        return idle_objective(games)

    def worth(self, games: Prepared) -> FloatArray:
        """J without any DER, at least the price of one kW: a game without demand has nothing to choose."""
        idle = idle_objective(games)
        return np.maximum(idle, games.games.balancing_price)


def ranges_for(kind: Kind, model: ChoiceModel, n_agents: int) -> GameRanges:
    """What games of a region are drawn from: the demand is between a sixth and all of what its largest DERs give, one per agent.

    For three DERs of 100 kW, as published, it is 50 to 300 kW.
    """
    most_kw = n_agents * float(model.rated_kw.max())
    return replace(RANGES[kind], demand_kw=(most_kw / 6, most_kw))


def rewards_of(region: ChoiceRegion, games: Any, choices: IntArray) -> FloatArray:
    """Reward of each agent for its choice, (game, agent), from choices (game, agent).

    Where a power flow has no solution the agent loses the worth of the game.
    """
    n_agents = choices.shape[1]
    # row k of the triangle is what stands after agent k: all steps of a game are judged in one batch
    is_made = np.tri(n_agents, dtype=bool)
    sets = np.where(is_made, choices[:, None, :], NONE)
    after = region.objective(games, sets)
    before = region.idle_objective(games)
    objective = np.column_stack([before, after])
    gain = -np.diff(objective, axis=1)
    worth = region.worth(games)
    saved = gain / worth[:, None]
    is_solved = np.isfinite(saved)
    return np.where(is_solved, saved, NO_SOLUTION)


NO_SOLUTION = -1.0
"""Reward of a choice without a power flow: the whole worth of the game is lost."""


def may_choose(region: ChoiceRegion, games: Any, sight: Seen) -> BoolArray:
    """DERs that the next agent may take: free ones that can give something; where none can, any free one, (game, der)."""
    useful = sight.may_choose & region.is_there(games)
    has_useful = useful.any(axis=1, keepdims=True)
    return np.where(has_useful, useful, sight.may_choose)
