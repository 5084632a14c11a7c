"""A round of games played by all learners: regions of different sizes side by side, padded with DERs that nobody may take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from tieline.agents.leader_follower.alternatives import (
    objective_of_each,
    rewards_of_each,
)
from tieline.agents.leader_follower.learner import LeaderFollower, Learner
from tieline.agents.leader_follower.losses import Played
from tieline.agents.leader_follower.region import (
    ChoiceRegion,
    may_choose,
    rewards_of,
)
from tieline.agents.leader_follower.scale import Scale
from tieline.agents.leader_follower.seats import Seats
from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class View:
    """What all agents of one turn see, (region, seed, game, ...), padded to the largest region."""

    tokens: FloatArray
    region: FloatArray
    may_choose: BoolArray
    is_taken: BoolArray


class Table:
    """Where games are played to learn from.

    Args:
        regions: at least one, with the same tokens and features.
        n_seeds: trainings side by side.
        learner: the functions of all learners.
        seats: who learns where.
    """

    def __init__(
        self,
        regions: Sequence[ChoiceRegion],
        n_seeds: int,
        learner: LeaderFollower,
        seats: Seats,
    ):
        self._regions = regions
        self._n_seeds = n_seeds
        self._learner = learner
        self._seats = seats
        self._config = learner.config
        self._width = max(len(region.key.ders) for region in regions)

    def play(self, learners: Learner, seeds: IntArray) -> tuple[Learner, Played]:
        """Play a round.

        Args:
            learners: who plays.
            seeds: of the games, (seed, game); each region draws its own game from one.

        Returns:
            The learners, whose random keys have moved on, and the games, (learner, agent, game, ...).
        """
        games = [region.draw(seeds.ravel()) for region in self._regions]
        n_agents = self._config.agents
        shape = (len(self._regions), *seeds.shape)
        chosen = np.empty((*shape, 0), dtype=np.int64)
        views = []
        objectives = []
        with_alternatives = self._config.credit == "alternatives"
        explore = self._config.explore if with_alternatives else 0.0
        for agent in range(n_agents):
            view = self._look(games, chosen)
            learners, choice = self._learner.choose(
                learners,
                self._scaled(view),
                self._seats.seat(view.may_choose),
                agent,
                explore,
            )
            views.append(view)
            if with_alternatives:
                objectives.append(self._objectives(games, chosen, view))
            choice = self._seats.unseat(np.asarray(choice))
            chosen = np.concatenate([chosen, choice[..., None]], axis=-1)
        if with_alternatives:
            idle = [r.idle_objective(g) for r, g in self._with(games)]
            worth = [r.worth(g) for r, g in self._with(games)]
            reward, of_each = rewards_of_each(
                objectives,
                chosen,
                np.stack(idle).reshape(shape),
                np.stack(worth).reshape(shape),
            )
        else:
            reward = self._rewards(games, chosen)
            of_each = np.zeros((n_agents, *shape, self._width))
        return learners, self._as_games(views, chosen, reward, of_each)

    def _with(self, games: list[Any]) -> list[tuple[ChoiceRegion, Any]]:
        return list(zip(self._regions, games, strict=True))

    def look_around(self, seeds: IntArray) -> Scale:
        """Take the measure of what is seen, from games in which agents choose at random; play afterwards shows it in that measure.

        Args:
            seeds: of these games, (seed, game).
        """
        games = [region.draw(seeds.ravel()) for region in self._regions]
        draw = np.random.default_rng(int(seeds[0, 0]))
        chosen = np.empty((len(self._regions), *seeds.shape, 0), dtype=np.int64)
        views = []
        for _ in range(self._config.agents):
            view = self._look(games, chosen)
            views.append(view)
            lot = np.where(view.may_choose, draw.random(view.may_choose.shape), -1.0)
            choice = np.argmax(lot, axis=-1)
            chosen = np.concatenate([chosen, choice[..., None]], axis=-1)
        inputs = [self._inputs(view) for view in views]
        is_there = [self._seats.seat(view.may_choose) for view in views]
        self._scale = Scale.of(
            np.concatenate(inputs, axis=1), np.concatenate(is_there, axis=1)
        )
        return self._scale

    def _look(self, games: list[Any], chosen: IntArray) -> View:
        shape = chosen.shape[:3]
        n_agents = self._config.agents
        first_key = self._regions[0].key
        view = View(
            tokens=np.zeros((*shape, self._width, len(first_key.tokens)), np.float32),
            region=np.zeros((*shape, len(first_key.features)), np.float32),
            may_choose=np.zeros((*shape, self._width), dtype=bool),
            is_taken=np.zeros((*shape, self._width), dtype=bool),
        )
        for k, region in enumerate(self._regions):
            n_ders = len(region.key.ders)
            leaders = _rows(chosen[k])
            seen = region.see(games[k], leaders, n_agents)
            is_open = may_choose(region, games[k], seen)
            block = (*shape[1:], n_ders)
            view.tokens[k, ..., :n_ders, :] = seen.tokens.reshape(*block, -1)
            view.region[k] = seen.region.reshape(*shape[1:], -1)
            view.may_choose[k, ..., :n_ders] = is_open.reshape(block)
            view.is_taken[k, ..., :n_ders] = ~seen.may_choose.reshape(block)
        return view

    def _inputs(self, view: View) -> FloatArray:
        """Each token with the features of the region behind it, (learner, game, der, input)."""
        shape = (*view.tokens.shape[:-1], view.region.shape[-1])
        region = np.broadcast_to(view.region[..., None, :], shape)
        return self._seats.seat(np.concatenate([view.tokens, region], axis=-1))

    def _scaled(self, view: View) -> FloatArray:
        return self._scale(self._inputs(view)).astype(np.float32)

    def _objectives(self, games: list[Any], chosen: IntArray, view: View) -> FloatArray:
        """J with each DER added to the leaders' choice, (region, seed, game, der)."""
        shape = chosen.shape[:3]
        objective = np.full((*shape, self._width), np.inf)
        for k, region in enumerate(self._regions):
            n_ders = len(region.key.ders)
            is_open = view.may_choose[k, ..., :n_ders].reshape(-1, n_ders)
            of_each = objective_of_each(region, games[k], _rows(chosen[k]), is_open)
            objective[k, ..., :n_ders] = of_each.reshape(*shape[1:], n_ders)
        return objective

    def _rewards(self, games: list[Any], chosen: IntArray) -> FloatArray:
        """Rewards of the choices, (agent, region, seed, game)."""
        reward = np.empty((chosen.shape[-1], *chosen.shape[:3]))
        for k, region in enumerate(self._regions):
            choices = _rows(chosen[k])
            of_region = rewards_of(region, games[k], choices)
            reward[:, k] = of_region.T.reshape(-1, *chosen.shape[1:3])
        return reward

    def _as_games(
        self,
        views: list[View],
        chosen: IntArray,
        reward: FloatArray,
        of_each: FloatArray,
    ) -> Played:
        """The round as arrays (learner, agent, game, ...)."""

        def seated(arrays: Any, kind: Any = np.float32) -> Any:
            by_agent = [self._seats.seat(array) for array in arrays]
            return jnp.asarray(np.stack(by_agent, axis=1).astype(kind))

        return Played(
            inputs=jnp.asarray(
                np.stack([self._scaled(view) for view in views], axis=1)
            ),
            may_choose=seated([view.may_choose for view in views], bool),
            is_taken=seated([view.is_taken for view in views], bool),
            chosen=seated(np.moveaxis(chosen, -1, 0), np.int32),
            reward=seated(reward),
            alternatives=seated(of_each),
        )


def _rows(chosen: IntArray) -> IntArray:
    """Choices of a region, (seed, game, leader) -> (game, leader)."""
    n_seeds, n_games, n_leaders = chosen.shape
    return chosen.reshape(n_seeds * n_games, n_leaders)
