"""`DampedStep`: the step of an agent whose multipliers follow its own step.

    maximise over d^T H d <= radius^2     c g^T d - damping / 2 |P[ resting + B^T d / damping ]|^2

with P a projection onto a convex set of multipliers (for the simplex a distance and a constant belong to the square). Its slope
by d is  c g - B P[...]:  the objective less the limits at the multipliers that the step itself leads to. Moves go along H^-1 of
that slope with a momentum that is dropped where it leads back, and what leaves the ball is moved to its edge. All of it runs on
the Gram matrix: d = H^-1 [g B] x.

Source: B. O'Donoghue, E. Candes, "Adaptive restart for accelerated gradient schemes", Found. Comput. Math. 15, 2015, section 3.2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tieline.typing import FloatArray

MOST_MOVES = 50
"""In a round; one that needs more goes on in the next, beside multipliers that have come nearer meanwhile."""

Project = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class Step:
    """A step of an agent, problems side by side.

    Attributes:
        x: coordinates, (problem, row).
        effect: on objective and constraints, (problem, row).
    """

    x: FloatArray
    effect: FloatArray

    def plus(self, step: Step, part: float | FloatArray = 1.0) -> Step:
        """This step and a part of another, (problem, 1)."""
        return Step(self.x + part * step.x, self.effect + part * step.effect)

    def times(self, step: Step) -> FloatArray:
        """Product of two steps in the metric, (problem, 1)."""
        return np.sum(self.x * step.effect, axis=1, keepdims=True)

    @property
    def size(self) -> FloatArray:
        """Length in the metric, (problem, 1)."""
        # rounding may leave a little less than nothing
        return np.sqrt(np.maximum(self.times(self), 0.0))


class DampedStep:
    """Steps of one agent, problems side by side.

    Args:
        matrix: Gram matrix in agreed units, the objective first, (problem, row, row).
        radius: of the ball.
        price: c, of the objective.
        project: P.

    Attributes:
        step: the last one; zero before the first.
        is_found: whether it was found, not merely approached.
    """

    def __init__(
        self, matrix: FloatArray, radius: float, price: float, project: Project
    ):
        self._matrix = matrix
        self._radius = radius
        self._price = price
        self._project = project
        diagonal = np.diagonal(matrix, axis1=1, axis2=2)
        # rows that the agent does not move have no part in its step
        self._moves = diagonal > 0
        self._strength = _largest_eigenvalue(matrix[:, 1:, 1:])
        # a move along the slope of the objective alone ends at the edge, not far beyond it
        self._least = np.sqrt(np.maximum(diagonal[:, 0], 0.0)) / radius
        zeros = np.zeros(diagonal.shape)
        self.step = Step(zeros, zeros)
        self.is_found = False

    def find(self, resting: FloatArray, damping: float, closeness: float) -> FloatArray:
        """Go on from the last step.

        Args:
            resting: multipliers without a step, before P, (problem, constraint).
            damping: what multipliers are held with.
            closeness: part of the radius by which a last move is shorter.

        Returns:
            Multipliers beside the step, (problem, constraint).
        """
        strength = np.maximum(self._strength / damping, self._least)
        move = 1.0 / np.where(strength > 0, strength, 1.0)[:, None]
        momentum = np.ones_like(move)
        step = self.step
        ahead = step
        for _ in range(MOST_MOVES):
            prices = self._prices(ahead, resting, damping)
            next_step = self._within(ahead.plus(self._slope(prices), move))
            change = next_step.plus(step, -1.0)
            self.is_found = bool((change.size <= closeness * self._radius).all())
            if self.is_found:
                break
            # a momentum against the slope has gone too far: begin anew from here
            leads_back = ahead.plus(next_step, -1.0).times(change) > 0
            momentum = np.where(leads_back, 1.0, momentum)
            grown = (1.0 + np.sqrt(1.0 + 4.0 * momentum**2)) / 2.0
            ahead = next_step.plus(change, (momentum - 1.0) / grown)
            momentum = grown
            step = next_step
        self.step = next_step
        return self._prices(next_step, resting, damping)

    def _prices(self, step: Step, resting: FloatArray, damping: float) -> FloatArray:
        """Multipliers that a step leads to."""
        return self._project(resting + step.effect[:, 1:] / damping)

    def _slope(self, prices: FloatArray) -> Step:
        of_objective = np.full((len(prices), 1), self._price)
        x = np.hstack([of_objective, -prices]) * self._moves
        return Step(x, (self._matrix @ x[:, :, None])[:, :, 0])

    def _within(self, step: Step) -> Step:
        part = self._radius / np.maximum(step.size, self._radius)
        return Step(step.x * part, step.effect * part)


def _largest_eigenvalue(matrices: FloatArray) -> FloatArray:
    """Of symmetric matrices, (problem, row, row); 0 of one without rows."""
    if matrices.shape[1] == 0:
        return np.zeros(len(matrices))
    return np.linalg.norm(matrices, ord=2, axis=(1, 2))
