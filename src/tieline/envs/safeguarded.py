"""`Safeguarded`: what a task offers so that actions can be corrected before they are carried out.

    limited(state, actions)      quantities that limits apply to, by an AC replay, with their derivatives by the action
    carried_out(state, actions)  the action that the task makes of an action, where several stand for the same
    kept(state)                  sums over the action that a correction must not change

Limited quantities are in per unit of what they are compared with (a voltage of its base, a current of its rating), so that their
violations can be compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from tieline.envs.box import Box
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Limited:
    """Limited quantities of some episodes at some actions.

    Attributes:
        names: of the quantities.
        value: (episode, quantity) [pu]; NaN where the power flow has no solution.
        low, high: limits, (quantity,) [pu]; infinite where there is none.
        slopes: derivative by the action of chosen episodes, (chosen,) -> (chosen, quantity, action) [pu per unit of the action].
    """

    names: tuple[str, ...]
    value: FloatArray
    low: FloatArray
    high: FloatArray
    slopes: Callable[[IntArray], FloatArray]

    @property
    def violation_pu(self) -> FloatArray:
        """How far the worst quantity is beyond its limit, (episode,) [pu]; infinite where there is no solution."""
        beyond = np.maximum(self.low - self.value, self.value - self.high).max(axis=1, initial=0.0)
        return np.where(np.isnan(beyond), np.inf, beyond)


@dataclass(frozen=True, eq=False)
class Kept:
    """Sums that every action keeps, matrix @ action = total: (episode, sum, action) and (episode, sum)."""

    matrix: FloatArray
    total: FloatArray


@runtime_checkable
class Safeguarded(Protocol):
    """A task whose actions can be corrected; states and actions as in `Task`."""

    action: Box

    def limited(self, state: Any, actions: FloatArray) -> Limited:
        """Limited quantities after carrying out actions inside the bounds, (episode, action)."""
        ...

    def carried_out(self, state: Any, actions: FloatArray) -> FloatArray:
        """What the task makes of actions inside the bounds, as actions again, (episode, action)."""
        ...

    def kept(self, state: Any) -> Kept:
        """Sums that an action of `carried_out` obeys; a matrix without rows if there are none."""
        ...
