"""One agent of a consensus: dual ascent on multipliers that neighbours mix, with a step of its own that it keeps to itself.

Round k of agent n, with rows in agreed units and w = g - B lambda:

    lambda_bar = sum_j W_nj lambda_j                                       neighbours' multipliers, and its own
    d_n        = sqrt(2 delta) H^-1 w(lambda_bar) / |w|                    its best step at these prices
    lambda_n   <- P[ lambda_bar + rho_k (b_n^T d_n - s / N) ],             rho_k = rho / (1 + k / 50)

s = limit - J is split among the N agents: with the whole of it in each, as the article prints eq. 55, N times the slack would be
given away and limits stay broken for ever. rho falls: with a constant one each agent's own b_n^T d_n - s/N, whose sum alone is to
vanish, keeps multipliers apart. Constraints of its own enter like the common ones, with the whole of their slack and multipliers
that are never sent. All of it runs on the agent's Gram matrix.

P moves negative multipliers to 0. In a recovery, where the smallest slack of all is to be raised, the objective has no part in w
and P is the projection onto multipliers that add up to 1: the dual of  max min_m (s - B^T d)_m.

Where an agent is nearly indifferent, w about 0, single steps would jump from one side to the other: there its step is
proportional to w, over a range that vanishes with rho. The step told at the end is a mean over rounds that counts the last ones
most (weights of order 3). A mean of steps in a ball is in the ball.

Sources: of the mean, O. Shamir, T. Zhang, "Stochastic gradient descent for non-smooth optimization", ICML 2013, section 4; of the
projections, A. Nedic, A. Ozdaglar, P. A. Parrilo, "Constrained consensus and optimization in multi-agent networks", IEEE Trans.
Automatic Control 55(4), 2010, eq. 10; onto the simplex, J. Duchi et al., "Efficient projections onto the l1-ball", ICML 2008,
figure 1.
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

SMOOTHING = 0.5
"""Part of rho (largest eigenvalue of the constraints) below which w counts as nearly nothing: half of what one move of the
multipliers changes it by at most. It vanishes with rho."""


class ConsensusConfig(Settings):
    """Settings that all agents share."""

    rho: float = Field(
        default=0.5,
        gt=0,
        description="First step of the multipliers, in agreed units.",
    )
    recovery_rho: float = Field(
        default=0.05,
        gt=0,
        description="The same in a recovery, whose multipliers add up to 1.",
    )
    rho_halves_after: float = Field(
        default=50.0,
        gt=0,
        description="Round in which the step of the multipliers is half of the first.",
    )
    tolerance: float = Field(
        default=8e-4,
        gt=0,
        description="Multipliers have settled if they move by less than this per unit of rho, in agreed units. What is lost of "
        "the objective is about as much.",
    )
    most_rounds: int = Field(default=8000, ge=1, description="Rounds at most.")
    least_rounds: int = Field(
        default=100,
        ge=0,
        description="Rounds at least: before that the mean over rounds still holds the first ones.",
    )
    room_rounds: int = Field(
        default=1000,
        ge=1,
        description="Rounds at most to see whether any step obeys all limits.",
    )


@dataclass(frozen=True, eq=False)
class AgentData:
    """What an agent starts with. Arrays (problem, ...): problems side by side are independent of each other.

    Attributes:
        weights: its row of W, neighbours and itself.
        number, n_agents: which it is, and of how many.
        n_sharing: agents among whom the slack is split.
        matrix: Gram matrix in agreed units, objective, common constraints, its own constraints, (problem, row, row).
        common_slack: limit - J of the common constraints, the whole of it, (problem, constraint).
        own_slack: of its own constraints, (problem, own constraint).
        radius: sqrt(2 delta).
        first_multipliers: to start from, (problem, constraint).
        first_round: of the schedule of rho; after a warm start later than 0, as large steps would undo it.
        is_recovery: whether the smallest slack is asked for in place of the objective; no constraints of its own then.
    """

    weights: Mapping[int, float]
    number: int
    n_agents: int
    n_sharing: int
    matrix: FloatArray
    common_slack: FloatArray
    own_slack: FloatArray
    radius: float
    first_multipliers: FloatArray
    first_round: int = 0
    is_recovery: bool = False


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
        self._rounds_absent = dict.fromkeys(data.weights, 0)
        self._coefficients = np.zeros(data.matrix.shape[:2])
        self._strength = _largest_eigenvalue(data.matrix[:, 1:, 1:])
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
            coefficients=self._coefficients,
            multipliers=self._multipliers,
            own_multipliers=self._of_own,
            has_stopped=self.has_stopped,
            missed=self._missed,
        )

    def _hear(self, inbox: Inbox) -> None:
        for neighbour in self._data.weights:
            if neighbour == self._data.number:
                continue
            message = inbox.get(neighbour)
            if message is None:
                # it cannot hold up the others' stop either
                self._missed[neighbour] = self._missed.get(neighbour, 0) + 1
                self._rounds_absent[neighbour] += 1
                continue
            self._rounds_absent[neighbour] = 0
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

    def _mixed(self) -> FloatArray:
        """Mean of the multipliers that the agent knows of."""
        mixed = np.zeros_like(self._multipliers)
        for neighbour, weight in self._data.weights.items():
            mixed += weight * self._of(neighbour)
        return mixed

    def _of(self, neighbour: int) -> FloatArray:
        """A neighbour's multipliers; of one that is silent its last ones, for as many rounds as there are agents."""
        # for ever they would hold all others at what they were, whatever becomes of the limits
        is_gone = self._rounds_absent[neighbour] > self._data.n_agents
        if neighbour == self._data.number or is_gone:
            return self._multipliers
        return self._last_heard[neighbour]

    def _move(self) -> None:
        """Mix, step, and move the multipliers."""
        mixed = self._mixed()
        coefficients, effect = self._best_step(mixed)
        n_common = mixed.shape[1]
        share = self._data.common_slack / self._data.n_sharing
        rho = self._rho()
        excess = effect[:, :n_common] - share
        own_excess = effect[:, n_common:] - self._data.own_slack
        multipliers = self._projected(mixed + rho * excess)
        of_own = np.maximum(self._of_own + rho * own_excess, 0.0)
        move = np.abs(multipliers - self._multipliers).max(initial=0.0)
        own_move = np.abs(of_own - self._of_own).max(initial=0.0)
        # per unit of rho the mean of all agents' moves is what the limits are missed by, shared among them
        largest_move = max(float(move), float(own_move))
        is_small = largest_move <= self._config.tolerance * rho
        self._has_settled = is_small and self._round >= self._config.least_rounds
        self._multipliers = multipliers
        self._of_own = of_own
        weight = (LAST_COUNT_MOST + 1) / (self._round + LAST_COUNT_MOST + 1)
        change = coefficients - self._coefficients
        self._coefficients = self._coefficients + weight * change

    def _projected(self, multipliers: FloatArray) -> FloatArray:
        if self._data.is_recovery:
            return onto_simplex(multipliers)
        return np.maximum(multipliers, 0.0)

    def _rho(self) -> float:
        """Step of the multipliers in this round."""
        rounds = self._data.first_round + self._round
        halves = rounds / self._config.rho_halves_after
        config = self._config
        first = config.recovery_rho if self._data.is_recovery else config.rho
        return first / (1.0 + halves)

    def _best_step(self, mixed: FloatArray) -> tuple[FloatArray, FloatArray]:
        """x of the best step at these multipliers, and its effect on the constraints; no step where nothing is to be gained."""
        price = 0.0 if self._data.is_recovery else 1.0
        of_objective = np.full((len(mixed), 1), price)
        prices = np.hstack([of_objective, -mixed, -self._of_own])
        product = np.einsum("pij,pj->pi", self._data.matrix, prices)
        square = np.sum(prices * product, axis=1)
        # rounding may leave a little less than nothing
        size = np.sqrt(np.maximum(square, 0.0))
        # so close to indifference a step of rho moves prices across it: the step of the agent then shrinks with w
        least = SMOOTHING * self._rho() * self._data.radius * self._strength
        divisor = np.maximum(size, least)
        is_flat = divisor == 0
        divisor = np.where(is_flat, 1.0, divisor)
        length = np.where(is_flat, 0.0, self._data.radius / divisor)
        step = length[:, None] * prices
        effect = length[:, None] * product
        return step, effect[:, 1:]


def _largest_eigenvalue(matrices: FloatArray) -> FloatArray:
    """Of symmetric matrices, (problem, row, row); 0 of one without rows."""
    if matrices.shape[1] == 0:
        return np.zeros(len(matrices))
    return np.linalg.norm(matrices, ord=2, axis=(1, 2))


def onto_simplex(points: FloatArray) -> FloatArray:
    """The nearest point of each row, (row, entry), with entries of at least 0 that add up to 1; nothing stays nothing."""
    n_entries = points.shape[1]
    if n_entries == 0:
        return points
    falling = -np.sort(-points, axis=1)
    surplus = np.cumsum(falling, axis=1) - 1.0
    count = np.arange(1, n_entries + 1)
    is_positive = falling > surplus / count
    n_positive = is_positive.sum(axis=1)
    last = surplus[np.arange(len(points)), n_positive - 1]
    level = last / n_positive
    return np.maximum(points - level[:, None], 0.0)
