"""`WindowProblem`: a batch of windows as the problem of an update: gain of all microgrids, tails of all limits, derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tieline.agents.constrained_update.backtracking import Returns
from tieline.envs.microgrids.set_points import SetPoints, by_action, departed
from tieline.envs.microgrids.windows import Windows
from tieline.studies.microgrids.training.judge import DEVICE_WEIGHT, Judge
from tieline.studies.microgrids.training.tail_slopes import Tails, slopes_of
from tieline.studies.microgrids.training.tails import tail_counts, tail_weights
from tieline.typing import FloatArray, IntArray


class WindowProblem:
    """A batch of windows with the set-points that actions depart from.

    Args:
        judge: what stays the same.
        windows: the batch.
        base: set-points that actions depart from.
        weights: what each window counts in the gain, (window,).
        margin: how far inside its limit a tail is brought.
    """

    def __init__(
        self,
        judge: Judge,
        windows: Windows,
        base: SetPoints,
        weights: FloatArray,
        margin: float,
    ):
        self._judge = judge
        self._windows = windows
        self._base = base
        self._weights = weights
        self.limits = _limits(judge, base, margin)
        self._counts: IntArray | None = None
        self._last: tuple[Any, Tails] | None = None

    def returns(self, actions: Sequence[FloatArray]) -> Returns:
        """Mean gain of a window, and the tails."""
        tails = self._tails(actions)
        return Returns(tails.gain, tails.means)

    def slopes(
        self, actions: Sequence[FloatArray], constraints: IntArray
    ) -> list[FloatArray]:
        """Derivatives of the gain and of some tails by the action of each agent, (1 + constraint, window, number)."""
        slopes = slopes_of(self._judge, self._tails(actions))
        rows = np.append(0, constraints + 1)
        by_kw = slopes.by_kw[rows]
        by_kvar = slopes.by_kvar[rows]
        controls = self._judge.controls
        return [by_action(control, by_kw, by_kvar) for control in controls]

    def _tails(self, actions: Sequence[FloatArray]) -> Tails:
        # slopes are asked where returns were: solved once
        if self._last is None or self._last[0] is not actions:
            self._last = (actions, self._solved(actions))
        _, tails = self._last
        return tails

    def _solved(self, actions: Sequence[FloatArray]) -> Tails:
        judge = self._judge
        wish = departed(self._base, judge.controls, actions)
        outcome, of_grid, places = judge.solved(self._windows, wish)
        start = self._windows.start
        of_devices = judge.devices.excess(
            wish.der_kw, wish.der_kvar, start.stored_kwh, start.last_kw
        )
        by_scenario = of_devices.reshape(len(of_grid), -1)
        values = np.hstack([of_grid, DEVICE_WEIGHT * by_scenario])
        if self._counts is None:
            # one length of tail for all that an update looks at: else a step that mends half of a tail would look worse
            self._counts = tail_counts(values, judge.share, self.limits)
        in_tail = tail_weights(values, self._counts)
        return Tails(wish, outcome, self._weights, values, places, in_tail)


def _limits(judge: Judge, base: SetPoints, margin: float) -> FloatArray:
    """Of the tails of groups, then of devices, (row,)."""
    n_groups = len(judge.groups.names)
    n_ders = base.der_kw.shape[-1]
    of_grid = np.full(n_groups, -margin)
    of_devices = np.full(n_ders, DEVICE_WEIGHT * judge.tolerance)
    return np.concatenate([of_grid, of_devices])
