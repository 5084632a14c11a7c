"""A round of games played by all learners, and what they can learn from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

from tieline.agents.leader_follower.learner import LeaderFollower, Learner
from tieline.agents.leader_follower.losses import Played
from tieline.agents.leader_follower.region import ChoiceRegion
from tieline.agents.leader_follower.round import Round, View
from tieline.agents.leader_follower.scale import Scale
from tieline.agents.leader_follower.seats import Seats
from tieline.typing import FloatArray, IntArray


def look_around(
    regions: Sequence[ChoiceRegion], seeds: IntArray, n_agents: int, seats: Seats
) -> Scale:
    """The measure of what is seen, from games in which agents choose at random.

    Args:
        regions: where is played.
        seeds: of these games, (seed, game).
        n_agents: how many choose.
        seats: who learns where.
    """
    games = Round(regions, seeds, n_agents)
    draw = np.random.default_rng(int(seeds[0, 0]))
    inputs = []
    is_there = []
    for _ in range(n_agents):
        view = games.look()
        inputs.append(seats.seat(view.inputs))
        is_there.append(seats.seat(view.may_choose))
        lots = draw.random(view.may_choose.shape)
        # below every lot: a DER that is closed is never the highest
        open_lots = np.where(view.may_choose, lots, -1.0)
        choice = np.argmax(open_lots, axis=-1)
        games.take(choice)
    all_inputs = np.concatenate(inputs, axis=1)
    all_there = np.concatenate(is_there, axis=1)
    return Scale.of(all_inputs, all_there)


class Table:
    """Where games are played to learn from.

    Args:
        regions: at least one, with the same tokens and features.
        learner: the functions of all learners.
        seats: who learns where.
        scale: the measure in which learners see.
    """

    def __init__(
        self,
        regions: Sequence[ChoiceRegion],
        learner: LeaderFollower,
        seats: Seats,
        scale: Scale,
    ):
        self._regions = regions
        self._learner = learner
        self._seats = seats
        self._scale = scale
        self._config = learner.config

    def play(self, learners: Learner, seeds: IntArray) -> tuple[Learner, Played]:
        """Play a round.

        Args:
            learners: who plays.
            seeds: of the games, (seed, game).

        Returns:
            The learners, whose random keys have moved on, and the games, (learner, agent, game, ...).
        """
        config = self._config
        games = Round(self._regions, seeds, config.agents)
        seats = self._seats
        asks_all = config.credit == "alternatives"
        # the other credits learn from what the policy itself does, and stray choices are not its own
        explore = config.explore if asks_all else 0.0
        views = []
        objectives = []
        for agent in range(config.agents):
            view = games.look()
            views.append(view)
            if asks_all:
                objectives.append(games.objectives(view))
            inputs = self._scaled(view)
            is_open = seats.seat(view.may_choose)
            learners, choice = self._learner.choose(
                learners, inputs, is_open, agent, explore
            )
            choices = np.asarray(choice)
            games.take(seats.unseat(choices))
        if asks_all:
            reward, of_each = games.rewards_of_each(objectives)
        else:
            reward = games.rewards()
            of_each = np.zeros((len(views), *views[0].may_choose.shape))
        return learners, self._as_played(views, games, reward, of_each)

    def _scaled(self, view: View) -> np.ndarray:
        seated = self._seats.seat(view.inputs)
        inputs = self._scale(seated)
        return inputs.astype(np.float32)

    def _as_played(
        self, views: list[View], games: Round, reward: FloatArray, of_each: FloatArray
    ) -> Played:
        """The round as arrays (learner, agent, game, ...)."""
        scaled = [self._scaled(view) for view in views]
        inputs = np.stack(scaled, axis=1)
        may_choose = [view.may_choose for view in views]
        is_taken = [view.is_taken for view in views]
        choices = np.moveaxis(games.choices, -1, 0)
        return Played(
            inputs=jnp.asarray(inputs),
            may_choose=self._seated(may_choose, bool),
            is_taken=self._seated(is_taken, bool),
            choices=self._seated(choices, np.int32),
            reward=self._seated(reward, np.float32),
            alternatives=self._seated(of_each, np.float32),
        )

    def _seated(self, of_agents: Any, kind: Any) -> Array:
        """Arrays of agents, each (region, seed, game, ...), as (learner, agent, game, ...)."""
        seated = [self._seats.seat(array) for array in of_agents]
        stack = np.stack(seated, axis=1)
        return jnp.asarray(stack.astype(kind))
