"""One agent of a consensus: dual ascent on multipliers that neighbours mix, with a step of its own that it keeps to itself.

Round k of agent n, with rows in agreed units and w = g - B lambda:

    lambda_bar = sum_j W_nj lambda_j                                       neighbours' multipliers, and its own
    d_n        = sqrt(2 delta) H^-1 w(lambda_bar) / |w|                    its best step at these prices
    lambda_n   <- [ lambda_bar + rho_k (b_n^T d_n - s / N) ]_+,            rho_k = rho / (1 + k / 50)

s = limit - J is split among the N agents: with the whole of it in each, as the article prints eq. 55, N times the slack would be
given away and limits stay broken for ever. rho falls: with a constant one each agent's own b_n^T d_n - s/N, whose sum alone is to
vanish, keeps multipliers apart. Constraints of its own enter like the common ones, with the whole of their slack and multipliers
that are never sent. All of it runs on the agent's Gram matrix.

The step told at the end is a mean over rounds that counts the last ones most (weights of order 3): where an agent is indifferent,
w = 0, single steps jump from one side to the other and only their mean comes to rest. A mean of steps in a ball is in the ball.

Source of the mean: O. Shamir, T. Zhang, "Stochastic gradient descent for non-smooth optimization", ICML 2013, section 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from tieline.agents.consensus.message import Inbox, Message, PrivateStep
from tieline.settings import Settings
from tieline.typing import FloatArray

LAST_COUNT_MOST = 3
"""Order of the mean over rounds: about the last quarter of them makes it."""


class ConsensusConfig(Settings):
    """Settings that all agents share."""

    rho: float = Field(
        default=0.5,
        gt=0,
        description="First step of the multipliers, in agreed units.",
    )
    rho_halves_after: float = Field(
        default=50.0,
        gt=0,
        description="Round in which the step of the multipliers is half of the first.",
    )
    tolerance: float = Field(
        default=1e-3,
        gt=0,
        description="Multipliers have settled if they move by less than this per unit of rho, in agreed units.",
    )
    most_rounds: int = Field(default=5000, ge=1, description="Rounds at most.")


@dataclass(frozen=True, eq=False)
class AgentData:
    """What an agent starts with. Arrays (problem, ...): problems side by side are independent of each other.

    Attributes:
        weights: its row of W, neighbours and itself.
        number, n_agents: which it is, and of how many.
        matrix: Gram matrix in agreed units, objective, common constraints, its own constraints, (problem, row, row).
        common_slack: limit - J of the common constraints, the whole of it, (problem, constraint).
        own_slack: of its own constraints, (problem, own constraint).
        radius: sqrt(2 delta).
        first_multipliers: to start from, (problem, constraint).
        first_round: of the schedule of rho; after a warm start later than 0, as large steps would undo it.
    """

    weights: Mapping[int, float]
    number: int
    n_agents: int
    matrix: FloatArray
    common_slack: FloatArray
    own_slack: FloatArray
    radius: float
    first_multipliers: FloatArray
    first_round: int = 0


class ConsensusAgent:
    """An agent between two rounds."""

    def __init__(self, data: AgentData, config: ConsensusConfig):
        self._data = data
        self._config = config
        self._multipliers = data.first_multipliers
        self._of_own = np.zeros_like(data.own_slack)
        # until a neighbour has been heard, what everybody starts from stands for it
        self._last_heard = dict.fromkeys(data.weights, data.first_multipliers)
        self._missed: dict[int, int] = {}
        self._coefficients = np.zeros(data.matrix.shape[:2])
        self._round = 0
        self._has_settled = False
        self._may_stop = False
        self.has_stopped = False

    def answer(self, inbox: Inbox) -> Message:
        """Read what neighbours sent in the round before, and answer."""
        if self._round > 0:
            self._hear(inbox)
        if not self.has_stopped:
            self._move()
        self._round += 1
        return Message(self._multipliers, self._may_stop)

    def private_step(self) -> PrivateStep:
        """Its step and what it knows of its neighbours."""
        return PrivateStep(
            self._coefficients, self._multipliers, self.has_stopped, self._missed
        )

    def _hear(self, inbox: Inbox) -> None:
        for neighbour in self._data.weights:
            if neighbour == self._data.number:
                continue
            message = inbox.get(neighbour)
            if message is None:
                # its last multipliers stand in; it cannot hold up the others' stop either
                self._missed[neighbour] = self._missed.get(neighbour, 0) + 1
                continue
            self._last_heard[neighbour] = message.multipliers
            self._may_stop &= message.may_stop
        self._end_stretch()

    def _end_stretch(self) -> None:
        """Flags spread by one edge a round: after as many rounds as agents, everybody's has reached everybody, also in what is
        left of the graph where some have fallen silent. All then know the same, and stop in the same round or go on.
        """
        if self._round % self._data.n_agents == 0:
            self.has_stopped = self._may_stop
            self._may_stop = self._has_settled

    def _move(self) -> None:
        """Mix, step, and move the multipliers."""
        self._last_heard[self._data.number] = self._multipliers
        mixed = np.zeros_like(self._multipliers)
        for neighbour, weight in self._data.weights.items():
            mixed += weight * self._last_heard[neighbour]
        coefficients, effect = self._best_step(mixed)
        n_common = mixed.shape[1]
        share = self._data.common_slack / self._data.n_agents
        rho = self._rho()
        excess = effect[:, :n_common] - share
        own_excess = effect[:, n_common:] - self._data.own_slack
        ascended = mixed + rho * excess
        own_ascended = self._of_own + rho * own_excess
        multipliers = np.maximum(ascended, 0.0)
        of_own = np.maximum(own_ascended, 0.0)
        move = np.abs(multipliers - self._multipliers).max(initial=0.0)
        own_move = np.abs(of_own - self._of_own).max(initial=0.0)
        # per unit of rho the mean of all agents' moves is what the limits are missed by, shared among them
        largest_move = max(float(move), float(own_move))
        self._has_settled = largest_move <= self._config.tolerance * rho
        self._multipliers = multipliers
        self._of_own = of_own
        weight = (LAST_COUNT_MOST + 1) / (self._round + LAST_COUNT_MOST + 1)
        change = coefficients - self._coefficients
        self._coefficients = self._coefficients + weight * change

    def _rho(self) -> float:
        """Step of the multipliers in this round."""
        rounds = self._data.first_round + self._round
        halves = rounds / self._config.rho_halves_after
        return self._config.rho / (1.0 + halves)

    def _best_step(self, mixed: FloatArray) -> tuple[FloatArray, FloatArray]:
        """x of the best step at these multipliers, and its effect on the constraints; no step where nothing is to be gained."""
        one = np.ones((len(mixed), 1))
        prices = np.hstack([one, -mixed, -self._of_own])
        product = np.einsum("pij,pj->pi", self._data.matrix, prices)
        square = np.sum(prices * product, axis=1)
        # rounding may leave a little less than nothing
        size = np.sqrt(np.maximum(square, 0.0))
        is_flat = size == 0
        divisor = np.where(is_flat, 1.0, size)
        length = np.where(is_flat, 0.0, self._data.radius / divisor)
        step = length[:, None] * prices
        effect = length[:, None] * product
        return step, effect[:, 1:]
