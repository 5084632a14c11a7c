"""A round of episodes as what an update asks of the world: returns, and their derivatives by each number that was drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tieline.agents.constrained_update.backtracking import Returns
from tieline.agents.constrained_update.gaussian import GaussianPolicy
from tieline.agents.constrained_update.problem import Draws
from tieline.agents.cpo.episodes import Episodes, Played
from tieline.envs.compiled import Rows
from tieline.typing import FloatArray, IntArray


class EpisodeProblem:
    """Episodes from where they stand, with noise that every candidate of an update meets.

    Args:
        episodes: of the task.
        rows: where they stand.
        noise: as `Episodes.noise_shape`.
        reward_spread: unit of what is raised.
        tolerance: what the worst episodes may lie beyond each limit.

    Attributes:
        played: the round last played.
        has_slopes: whether any episode of it had a derivative.
    """

    def __init__(
        self,
        episodes: Episodes,
        rows: Rows,
        noise: Any,
        reward_spread: float,
        tolerance: float,
    ):
        self._episodes = episodes
        self._given = (rows, noise, reward_spread)
        self._noise = np.asarray(noise)
        self._tolerance = tolerance
        self._policies: tuple[GaussianPolicy, ...] = ()
        self.played: Played | None = None
        self.has_slopes = False

    @property
    def limits(self) -> FloatArray:
        """Of the tails, (limit,)."""
        n_limits = len(self._episodes.limited.columns)
        return np.full(n_limits, self._tolerance)

    def act(self, policies: Sequence[GaussianPolicy]) -> list[FloatArray]:
        """Play the round; the numbers of each agent, (sample, number)."""
        self._policies = tuple(policies)
        played = self._episodes.play(self._policies, *self._given)
        self.played = played
        return _of_each_agent(np.asarray(played.numbers))

    def draws(self) -> list[Draws]:
        """What each agent saw in the round last played, and its noise."""
        assert self.played is not None
        views = _of_each_agent(np.asarray(self.played.views))
        noise = _of_each_agent(self._noise)
        return [Draws(*pair) for pair in zip(views, noise, strict=True)]

    def returns(self, actions: Sequence[FloatArray]) -> Returns:
        """Of the round last played."""
        del actions
        assert self.played is not None
        constraints = np.asarray(self.played.constraints)
        return Returns(float(self.played.objective), constraints)

    def slopes(
        self, actions: Sequence[FloatArray], constraints: IntArray
    ) -> list[FloatArray]:
        """As of `constrained_update.problem.Problem`; episodes without a derivative teach nothing."""
        del actions
        slopes = np.asarray(self._episodes.slopes(self._policies, *self._given))
        is_known = np.isfinite(slopes)
        self.has_slopes = bool(is_known.any())
        rows = np.append(0, constraints + 1)
        finite_slopes = np.where(is_known, slopes, 0.0)[rows]
        by_agent = [_of_each_agent(row) for row in finite_slopes]
        return [np.stack(one) for one in zip(*by_agent, strict=True)]


def _of_each_agent(array: FloatArray) -> list[FloatArray]:
    """(step, episode, agent, entry) -> (sample, entry) of each agent."""
    agents_first = np.moveaxis(array, 2, 0)
    return [part.reshape(-1, part.shape[-1]) for part in agents_first]
