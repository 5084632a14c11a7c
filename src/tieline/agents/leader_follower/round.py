"""`Round`: games of all regions and seeds while agents choose in turn.

Regions of different sizes stand side by side in arrays of one size, padded with DERs that nobody may take.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.agents.leader_follower.alternatives import (
    objective_of_each,
    rewards_of_each,
)
from tieline.agents.leader_follower.region import ChoiceRegion, may_choose, rewards_of
from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class View:
    """What the agents whose turn it is see.

    Attributes:
        inputs: each token with the features of the region behind it, (region, seed, game, der, input).
        may_choose, is_taken: DERs that are open, and those of leaders, (region, seed, game, der).
    """

    inputs: FloatArray
    may_choose: BoolArray
    is_taken: BoolArray


class Round:
    """A round of games.

    Args:
        regions: with the same tokens and features.
        seeds: of the games, (seed, game); each region draws its own game from one.
        n_agents: how many choose.
    """

    def __init__(self, regions: Sequence[ChoiceRegion], seeds: IntArray, n_agents: int):
        self._regions = regions
        flat_seeds = seeds.ravel()
        self._games = [region.draw(flat_seeds) for region in regions]
        self._n_agents = n_agents
        self._width = max(len(region.key.ders) for region in regions)
        n_regions = len(regions)
        self.shape = (n_regions, *seeds.shape)
        # nobody has chosen yet: the axis of agents grows by one with every `take`
        self.choices = np.empty((*self.shape, 0), dtype=np.int64)

    def take(self, choice: IntArray) -> None:
        """The next agents take a DER each, (region, seed, game)."""
        column = choice[..., None]
        self.choices = np.concatenate([self.choices, column], axis=-1)

    def look(self) -> View:
        """What the next agents see."""
        key = self._regions[0].key
        n_inputs = len(key.tokens) + len(key.features)
        shape = (*self.shape, self._width)
        view = View(
            inputs=np.zeros((*shape, n_inputs)),
            may_choose=np.zeros(shape, dtype=bool),
            is_taken=np.zeros(shape, dtype=bool),
        )
        for place, region, games in self._places():
            leaders = self._leaders(place)
            sight = region.see(games, leaders, self._n_agents)
            is_open = may_choose(region, games, sight)
            n_ders = len(region.key.ders)
            repeated = np.repeat(sight.region[:, None], n_ders, axis=1)
            inputs = np.concatenate([sight.tokens, repeated], axis=2)
            self._put(view.inputs, place, inputs)
            self._put(view.may_choose, place, is_open)
            self._put(view.is_taken, place, ~sight.may_choose)
        return view

    def objectives(self, view: View) -> FloatArray:
        """J with each open DER added to the leaders' choice, (region, seed, game, der); infinite elsewhere."""
        shape = (*self.shape, self._width)
        objective = np.full(shape, np.inf)
        for place, region, games in self._places():
            n_ders = len(region.key.ders)
            # padding is nobody's DER: a region's judge must not be asked about it
            may_choose = view.may_choose[place, ..., :n_ders]
            is_open = may_choose.reshape(-1, n_ders)
            leaders = self._leaders(place)
            of_each = objective_of_each(region, games, leaders, is_open)
            self._put(objective, place, of_each)
        return objective

    def rewards(self) -> FloatArray:
        """Rewards of the choices, (agent, region, seed, game)."""
        n_agents = self.choices.shape[-1]
        reward = np.empty((*self.shape, n_agents))
        shape = reward.shape[1:]
        for place, region, games in self._places():
            choices = self._leaders(place)
            of_region = rewards_of(region, games, choices)
            reward[place] = of_region.reshape(shape)
        return np.moveaxis(reward, -1, 0)

    def rewards_of_each(
        self, objectives: list[FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """Rewards of the choices, (agent, region, seed, game), and of every DER, (agent, region, seed, game, der)."""
        idle = np.empty(self.shape)
        worth = np.empty(self.shape)
        shape = self.shape[1:]
        for place, region, games in self._places():
            idle_objective = region.idle_objective(games)
            idle[place] = idle_objective.reshape(shape)
            region_worth = region.worth(games)
            worth[place] = region_worth.reshape(shape)
        return rewards_of_each(objectives, self.choices, idle, worth)

    def _places(self) -> Iterator[tuple[int, ChoiceRegion, Any]]:
        """Place, region and its games."""
        for place, region in enumerate(self._regions):
            yield place, region, self._games[place]

    def _leaders(self, place: int) -> IntArray:
        """What was chosen in a region, (seed and game, agent)."""
        n_seeds, n_games = self.shape[1:]
        choices = self.choices[place]
        n_agents = choices.shape[-1]
        # the number of rows is written out: from an array without agents it cannot be inferred
        return choices.reshape(n_seeds * n_games, n_agents)

    def _put(self, array: np.ndarray, place: int, values: np.ndarray) -> None:
        """Write values of a region, (seed and game, der, ...), where it stands."""
        n_ders = values.shape[1]
        shape = (*self.shape[1:], *values.shape[1:])
        array[place, :, :, :n_ders] = values.reshape(shape)
