"""What an update asks of the world: true returns, and their derivatives by the actions drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tieline.agents.constrained_update.backtracking import Returns
from tieline.typing import FloatArray, IntArray


class Problem(Protocol):
    """What an update asks of the world."""

    @property
    def limits(self) -> FloatArray:
        """Of the constraints, (constraint,)."""
        ...

    def returns(self, actions: Sequence[FloatArray]) -> Returns:
        """True returns where each agent acts so, (sample, action) each."""
        ...

    def slopes(
        self, actions: Sequence[FloatArray], constraints: IntArray
    ) -> Sequence[FloatArray]:
        """Of each agent, derivative of the objective and of some constraints by its action at each sample.

        (1 + chosen constraint, sample, action), the objective first.
        """
        ...


@dataclass(frozen=True, eq=False)
class Draws:
    """What one agent's actions are drawn with: `observation` (sample, observation), `noise` (sample, action)."""

    observation: FloatArray
    noise: FloatArray
