"""`Safeguarded`: what a task offers so that actions can be corrected before they are carried out.

    limited(state, actions)      quantities that limits apply to, by an AC replay, with their derivatives by the action
    carried_out(state, actions)  the action that the task makes of an action, where several stand for the same
    bounds(state)                what each entry of an action may be now
    kept(state)                  sums over the action that a correction must not change

Limited quantities are in per unit of what they are compared with (a voltage of its base, a current of its rating), so that their
violations can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from tieline.envs.box import Box
from tieline.network.voltage_points import VoltagePoints
from tieline.powerflow import Solution
from tieline.powerflow.derivatives.gradients import Input, chosen_tangents
from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Limited:
    """Limited quantities of some episodes at some actions.

    Attributes:
        names: of the quantities.
        value: (episode, quantity) [pu]; NaN where the power flow has no solution.
        low, high: limits, (quantity,) [pu]; infinite where there is none.
        is_hard: limits that an action can always keep and a correction never gives way to, of devices, (quantity,).
        is_convex: quantities that are convex in the action, or nearly so, (quantity,): magnitudes of power and current.
        slopes: derivative by the action of chosen episodes, (chosen,) -> (chosen, quantity, action) [pu per unit of the action].
    """

    names: tuple[str, ...]
    value: FloatArray
    low: FloatArray
    high: FloatArray
    is_hard: BoolArray
    is_convex: BoolArray
    slopes: Callable[[IntArray], FloatArray]

    @classmethod
    def joined(cls, parts: Sequence[Limited]) -> Limited:
        """The quantities of several, of the same episodes and actions, one after the other."""

        def slopes(episodes: IntArray) -> FloatArray:
            of_parts = [part.slopes(episodes) for part in parts]
            return np.concatenate(of_parts, axis=1)

        return cls(
            names=tuple(name for part in parts for name in part.names),
            value=np.hstack([part.value for part in parts]),
            low=np.concatenate([part.low for part in parts]),
            high=np.concatenate([part.high for part in parts]),
            is_hard=np.concatenate([part.is_hard for part in parts]),
            is_convex=np.concatenate([part.is_convex for part in parts]),
            slopes=slopes,
        )

    @property
    def beyond_pu(self) -> FloatArray:
        """How far each quantity is beyond its limit, (episode, quantity) [pu]; infinite where there is no solution."""
        below = self.low - self.value
        above = self.value - self.high
        farther = np.maximum(below, above)
        beyond = np.maximum(farther, 0.0)
        # no solution is worse than any voltage: a correction must not end there
        return np.where(np.isnan(beyond), np.inf, beyond)

    @property
    def violation_pu(self) -> FloatArray:
        """How far the worst quantity is beyond its limit, (episode,) [pu]."""
        return self.beyond_pu.max(axis=1, initial=0.0)


@dataclass(frozen=True, eq=False)
class Bounds:
    """Least and largest value of each entry of an action now, (episode, entry) each; inside those of the task's action."""

    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, box: Box, n_episodes: int) -> Bounds:
        """The bounds of the action at all times."""
        shape = (n_episodes, box.size)
        return cls(
            np.broadcast_to(box.low, shape),
            np.broadcast_to(box.high, shape),
        )


@dataclass(frozen=True, eq=False)
class Kept:
    """Sums that every action keeps, matrix @ action = total: (episode, sum, action) and (episode, sum)."""

    matrix: FloatArray
    total: FloatArray

    @classmethod
    def nothing(cls, n_episodes: int, n_entries: int) -> Kept:
        """No sum is kept."""
        return cls(
            np.empty((n_episodes, 0, n_entries)),
            np.empty((n_episodes, 0)),
        )


@runtime_checkable
class Safeguarded(Protocol):
    """A task whose actions can be corrected; states and actions as in `Task`.

    Attributes:
        action: entries and bounds.
        controls_act: whether regulators or capacitors act in its replays; limited quantities jump where they do.
    """

    @property
    def action(self) -> Box:
        """See above."""
        ...

    @property
    def controls_act(self) -> bool:
        """See above."""
        ...

    def limited(self, state: Any, actions: FloatArray) -> Limited:
        """Limited quantities after carrying out actions inside the bounds, (episode, action)."""
        ...

    def carried_out(self, state: Any, actions: FloatArray) -> FloatArray:
        """What the task makes of actions inside the bounds, as actions again, (episode, action)."""
        ...

    def bounds(self, state: Any) -> Bounds:
        """Where actions of `carried_out` lie; `Bounds.of` the action if that depends on no state."""
        ...

    def kept(self, state: Any) -> Kept:
        """Sums that an action of `carried_out` obeys; `Kept.nothing` if there are none."""
        ...


def limited_voltages(
    solution: Solution,
    points: VoltagePoints,
    band_pu: tuple[float, float],
    by: Input,
    inputs: IntArray,
    per_action: FloatArray,
) -> Limited:
    """Voltages inside a band as limited quantities.

    Args:
        solution: of the replay.
        points: where the band applies.
        band_pu: lowest and highest allowed voltage.
        by, inputs: which inputs of the power flow the entries of the action set, in their order, (action,).
        per_action: change of each input per unit of the action, (episode, action) [kW or kvar].
    """

    def slopes(episodes: IntArray) -> FloatArray:
        dv_pu = chosen_tangents(solution, by, episodes, inputs)
        v_pu = solution.v_pu[episodes]
        per_input = points.magnitude_slopes(v_pu, dv_pu)
        # the chain rule: actions are shares, inputs are kW or kvar
        return per_input * per_action[episodes, None, :]

    return soft_voltages(solution, points, band_pu, slopes)


def soft_voltages(
    solution: Solution,
    points: VoltagePoints,
    band_pu: tuple[float, float],
    slopes: Callable[[IntArray], FloatArray],
) -> Limited:
    """Voltages inside a band that a correction may give way to.

    Args:
        solution: of the replay.
        points: where the band applies.
        band_pu: lowest and highest allowed voltage.
        slopes: as of `Limited`.
    """
    low_pu, high_pu = band_pu
    count = len(points.names)
    return Limited(
        names=points.names,
        value=points.magnitude_pu(solution.v_pu),
        low=np.full(count, low_pu),
        high=np.full(count, high_pu),
        is_hard=np.zeros(count, dtype=bool),
        is_convex=np.zeros(count, dtype=bool),
        slopes=slopes,
    )
