"""One agent of a consensus: it hears its neighbours' multipliers, takes the step that is best beside them, and sends its own.

Round k of agent n, with neighbours j, rows in agreed units and w = g - B lambda (dual consensus ADMM):

    p_nj     <- p_nj + rho W_nj (lambda_n - lambda_j)                         what the two have disagreed by so far
    centre    = mean over j, by W_nj, of (lambda_n + lambda_j) / 2
    d_n       = argmax over the ball of  g^T d - D |P[ centre + (b_n^T d - s/N - sum_j p_nj) / 2D ]|^2,    D = rho sum_j W_nj
    lambda_n <- P[ centre + (b_n^T d_n - s/N - sum_j p_nj) / 2D ]

s = limit - J is split among the N agents: with the whole of it in each, as the article prints eq. 55, N times the slack would be
given away and limits stay broken for ever. Where all lambda agree and rest, the p of an edge cancel each other, so that the sum
of b_n^T d_n - s/N says whether limits are kept: then d and lambda are those of the central solution. The article's own round,
lambda <- [mean + rho_k (b^T d_n - s/N)]_+, has no p: it needs a rho_k that falls, and ten times the rounds.

P moves negative multipliers to 0. In a recovery, where the smallest slack of all is to be raised, the objective has no part in w
and P is the projection onto multipliers that add up to 1: the dual of  max min_m (s - B^T d)_m. Constraints of its own have the
whole of their slack and multipliers that are never sent; these depart from what they were. All of it runs on the Gram matrix.

A neighbour that does not answer is stood for by its last multipliers for as many rounds as there are agents, then left out with
its edge. A channel must not lose messages of one that answers: the two ends of an edge would know of different p.

Sources: T.-H. Chang, M. Hong, X. Wang, "Multi-agent distributed optimization via inexact consensus ADMM", IEEE Trans. Signal
Processing 63(2), 2015, algorithm 2; G. Banjac, F. Rey, P. Goulart, J. Lygeros, "Decentralized resource allocation via dual
consensus ADMM", ACC 2019; of the projection onto the simplex, J. Duchi et al., "Efficient projections onto the l1-ball", ICML
2008, figure 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from tieline.agents.consensus.damped_step import DampedStep
from tieline.agents.consensus.message import Inbox, Message, PrivateStep
from tieline.settings import Settings
from tieline.typing import FloatArray

PART = 0.05
"""Of how much multipliers still move: so near a step has to come to the one asked for, as a part of its ball."""


class ConsensusConfig(Settings):
    """Settings that all agents share."""

    rho: float = Field(
        default=2.0,
        gt=0,
        description="How strongly multipliers are held to those of neighbours, in agreed units.",
    )
    tolerance: float = Field(
        default=1e-4,
        gt=0,
        description="Multipliers have settled if they move, and differ from those of neighbours, by less than this, in agreed "
        "units. What is lost of the objective is less.",
    )
    most_rounds: int = Field(default=4000, ge=1, description="Rounds at most.")


@dataclass(frozen=True, eq=False)
class AgentData:
    """What an agent starts with. Arrays (problem, ...): problems side by side are independent of each other.

    Attributes:
        weights: of its neighbours, W_nj.
        number, n_agents: which it is, and of how many.
        n_sharing: agents among whom the slack is split.
        matrix: Gram matrix in agreed units, objective, common constraints, its own constraints, (problem, row, row).
        common_slack: limit - J of the common constraints, the whole of it, (problem, constraint).
        own_slack: of its own constraints, (problem, own constraint).
        radius: sqrt(2 delta).
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
    is_recovery: bool = False


class ConsensusAgent:
    """An agent between two rounds."""

    def __init__(self, data: AgentData, config: ConsensusConfig):
        self._data = data
        self._config = config
        zeros = np.zeros_like(data.common_slack)
        self._multipliers = zeros
        self._of_own = np.zeros_like(data.own_slack)
        # until a neighbour has been heard, what everybody starts from stands for it
        self._last_heard = dict.fromkeys(data.weights, zeros)
        self._pulls = dict.fromkeys(data.weights, zeros)
        self._missed: dict[int, int] = {}
        self._rounds_absent = dict.fromkeys(data.weights, 0)
        # in a recovery the objective has no part
        price = 0.0 if data.is_recovery else 1.0
        self._step = DampedStep(data.matrix, data.radius, price, self._projected)
        self._round = 0
        self._unrest = 0.0
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
            coefficients=self._step.step.x,
            multipliers=self._multipliers,
            own_multipliers=self._of_own,
            has_stopped=self.has_stopped,
            missed=self._missed,
        )

    def _hear(self, inbox: Inbox) -> None:
        for neighbour in self._data.weights:
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

    def _neighbours(self) -> list[int]:
        """Those who answer, or did a short while ago."""
        # for ever their last multipliers would hold all others, whatever becomes of the limits
        return [
            neighbour
            for neighbour, rounds in self._rounds_absent.items()
            if rounds <= self._data.n_agents
        ]

    def _move(self) -> None:
        """Step beside the multipliers of neighbours, and move its own."""
        neighbours = self._neighbours()
        for neighbour in neighbours:
            apart = self._multipliers - self._last_heard[neighbour]
            weight = self._config.rho * self._data.weights[neighbour]
            self._pulls[neighbour] = self._pulls[neighbour] + weight * apart
        damping = 2.0 * self._config.rho * self._weight_of(neighbours)
        resting = self._resting(neighbours, damping)
        # while multipliers still move a lot a step need not be exact
        closeness = PART * max(self._unrest, self._config.tolerance)
        prices = self._step.find(resting, damping, closeness)
        multipliers, of_own = np.split(prices, [self._multipliers.shape[1]], axis=1)
        self._unrest = self._unrest_of(neighbours, multipliers, of_own)
        is_at_rest = self._unrest <= self._config.tolerance
        self._has_settled = is_at_rest and self._step.is_found
        self._multipliers = multipliers
        self._of_own = of_own

    def _weight_of(self, neighbours: list[int]) -> float:
        weight = sum(self._data.weights[neighbour] for neighbour in neighbours)
        # one that is by itself is held to what it was
        return weight if weight > 0 else 1.0

    def _resting(self, neighbours: list[int], damping: float) -> FloatArray:
        """Multipliers that it would have if it took no step, common ones and its own, before P, (problem, constraint)."""
        centre = self._multipliers
        if neighbours:
            centre = (self._multipliers + self._mean_of(neighbours)) / 2.0
        share = self._data.common_slack / self._data.n_sharing
        pull = sum(self._pulls[neighbour] for neighbour in neighbours)
        common = centre - (share + pull) / damping
        of_own = self._of_own - self._data.own_slack / damping
        return np.hstack([common, of_own])

    def _mean_of(self, neighbours: list[int]) -> FloatArray:
        """Mean of neighbours' multipliers by their weights."""
        total = np.zeros_like(self._multipliers)
        for neighbour in neighbours:
            total += self._data.weights[neighbour] * self._last_heard[neighbour]
        return total / self._weight_of(neighbours)

    def _unrest_of(
        self, neighbours: list[int], multipliers: FloatArray, of_own: FloatArray
    ) -> float:
        """How much multipliers move, or differ from those of neighbours."""
        moves = [multipliers - self._multipliers, of_own - self._of_own]
        apart = [multipliers - self._last_heard[neighbour] for neighbour in neighbours]
        # a move counts by what it does to the step, which is as many times stronger as rho
        largest_move = self._config.rho * _largest(moves)
        return max(largest_move, _largest(apart))

    def _projected(self, multipliers: FloatArray) -> FloatArray:
        if self._data.is_recovery:
            return onto_simplex(multipliers)
        return np.maximum(multipliers, 0.0)


def _largest(arrays: list[FloatArray]) -> float:
    """Largest size of any entry; 0 where there is none."""
    return max((float(np.abs(array).max(initial=0.0)) for array in arrays), default=0.0)


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
