"""Which rows of a step's question agents share, which are one agent's own, and how a joint step is put together again.

A constraint that one agent alone moves, a limit of its own device, is its own: nobody else has to know its multiplier. One that
nobody moves stands in no question. In a recovery all that anybody moves are shared, as the smallest slack of all is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tieline.agents.consensus.agreement import Agreement
from tieline.agents.consensus.question import Question
from tieline.agents.constrained_update.trust_region import (
    JointStep,
    StepQuestion,
    are_moved,
)
from tieline.typing import BoolArray, FloatArray, IntArray

Goal = Literal["objective", "room", "smallest slack"]
"""What agents raise: the objective within all limits; the smallest slack as a part of what they can change it by, to see whether
there is room within all limits; or the smallest slack as it is, where there is none.
"""


@dataclass(frozen=True, eq=False)
class Rows:
    """Constraints of a question by who moves them.

    Attributes:
        whole: the question of the step.
        reach: what all agents together change each constraint by at most, as root of the sum of squares, (constraint,).
        common: those that are shared, (shared constraint,).
        own: those of each agent alone.
    """

    whole: StepQuestion
    reach: FloatArray
    common: IntArray
    own: Sequence[IntArray]

    @classmethod
    def of(cls, whole: StepQuestion) -> Rows:
        """Constraints that one agent alone moves are its own."""
        moves, reach = _moves(whole)
        n_movers = moves.sum(axis=0)
        has_one_mover = n_movers == 1
        of_agents = [np.flatnonzero(row & has_one_mover) for row in moves]
        common = np.flatnonzero(n_movers > 1)
        return cls(whole, reach, common, of_agents)

    @classmethod
    def of_recovery(cls, whole: StepQuestion) -> Rows:
        """All that anybody moves are shared."""
        moves, reach = _moves(whole)
        shared = np.flatnonzero(moves.any(axis=0))
        none = np.array([], dtype=np.int64)
        of_agents = [none for _ in whole.grams]
        return cls(whole, reach, shared, of_agents)

    @property
    def is_beyond_influence(self) -> BoolArray:
        """Constraints that nobody moves, (constraint,)."""
        beyond = np.ones(len(self.whole.slack), dtype=bool)
        beyond[self.common] = False
        for constraints in self.own:
            beyond[constraints] = False
        return beyond

    @property
    def some_are_broken(self) -> bool:
        """Whether a constraint that somebody moves has no slack."""
        return bool((self.whole.slack[~self.is_beyond_influence] <= 0).any())

    def question(self, absent: frozenset[int], goal: Goal) -> Question:
        """What agents are asked; `absent` are known not to answer."""
        slack = self.whole.slack
        matrices = []
        for agent, gram in enumerate(self.whole.grams):
            rows = self._rows_of(agent)
            matrices.append(gram.matrix[np.ix_(rows, rows)][None])
        return Question(
            matrices=matrices,
            slack=slack[self.common][None],
            delta=self.whole.delta,
            own_slack=[slack[constraints][None] for constraints in self.own],
            is_recovery=goal != "objective",
            has_one_unit=goal == "smallest slack",
            absent=absent,
        )

    def joint_step(self, agreement: Agreement, *, is_recovery: bool) -> JointStep:
        """The step of all agents, with all rows in their places again."""
        n_rows = len(self.whole.slack) + 1
        changes = np.zeros(n_rows)
        multipliers = np.zeros(n_rows - 1)
        multipliers[self.common] = agreement.multipliers[0]
        coefficients = []
        for agent, gram in enumerate(self.whole.grams):
            x = np.zeros(n_rows)
            x[self._rows_of(agent)] = agreement.coefficients[agent][0]
            multipliers[self.own[agent]] = agreement.own_multipliers[agent][0]
            changes += gram.matrix @ x
            coefficients.append(x)
        return JointStep(
            coefficients=tuple(coefficients),
            objective=float(changes[0]),
            constraints=changes[1:],
            multipliers=multipliers,
            is_recovery=is_recovery,
            is_beyond_influence=self.is_beyond_influence,
        )

    def smallest_slack(self, step: JointStep) -> float:
        """After a step, of constraints that somebody moves, each as a part of its reach."""
        is_moved = ~self.is_beyond_influence
        after = self.whole.slack - step.constraints
        parts = after[is_moved] / self.reach[is_moved]
        return float(parts.min(initial=np.inf))

    def _rows_of(self, agent: int) -> IntArray:
        """Of the whole Gram matrix, the objective first."""
        constraints = np.concatenate([self.common, self.own[agent]])
        return np.append(0, constraints + 1)


def _moves(whole: StepQuestion) -> tuple[BoolArray, FloatArray]:
    """Whether each agent moves each constraint, (agent, constraint), and the reach of all of them, (constraint,)."""
    of_agents = np.array([gram.reach[1:] for gram in whole.grams])
    radius = np.sqrt(2.0 * whole.delta)
    reach = radius * np.linalg.norm(of_agents, axis=0)
    is_moved = are_moved(reach, whole.slack)
    moves = (of_agents > 0) & is_moved
    return moves, reach
