"""`WindowProblem`: a batch of windows as the problem of an update: gain of all microgrids, tails of all limits, derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tieline.agents.constrained_update.backtracking import Returns
from tieline.envs.microgrids.device_limits import DeviceLimits
from tieline.envs.microgrids.follow import followed
from tieline.envs.microgrids.set_points import (
    SetPoints,
    by_action,
    controls_of,
    departed,
)
from tieline.envs.microgrids.window_model import WindowModel, WindowOutcome
from tieline.envs.microgrids.windows import Windows
from tieline.studies.microgrids.training.tails import (
    groups_of,
    tail_counts,
    tail_weights,
)
from tieline.typing import FloatArray, IntArray

DEVICE_WEIGHT = 0.25
"""What an excess of a device counts beside one of the grid: devices do not do what they cannot, so that it harms nobody; what
remains is that a wish should be meant."""

DEVICE_TOLERANCE = 0.02
"""How far wishes may be beyond what a device can do [share of rating]: four times the first spread. Were it none, means would
stay that far inside of limits at which the optimum lies most of the day."""

WITHOUT_SOLUTION = 10.0
"""Excess where the power flow has no solution: far more than any that has one."""


class Judge:
    """What stays the same for all batches.

    Attributes:
        model: the grid.
        devices: their limits.
        groups: of the limits of the grid.
        controls: what agents set.
        share: smallest share of a tail.
    """

    def __init__(self, model: WindowModel, devices: DeviceLimits, share: float):
        self.model = model
        self.devices = devices
        self.groups = groups_of(model.plant, model.grid)
        self.controls = controls_of(model.plant)
        self.share = share
        self._slopes = jax.jit(self._pulled_back)

    def solved(
        self, windows: Windows, wish: SetPoints
    ) -> tuple[WindowOutcome, FloatArray, IntArray]:
        """Windows as devices carry wishes out; excess of each group (window x step, group), and the constraint that has it."""
        done = followed(self.devices, wish, windows.start)
        outcome = self.model.outcome(windows, done)
        excess = outcome.excess
        values, places = self.groups.worst(excess.reshape(-1, excess.shape[-1]))
        return outcome, np.where(np.isnan(values), WITHOUT_SOLUTION, values), places

    def device_slopes(self, *arguments: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Derivatives of weighted sums of the devices' excess.

        Args:
            arguments: set-points (window, step, der) twice, stored energy, last power, weights (row, window, step, der).

        Returns:
            By kW and by kvar, (row, window, step, der) each.
        """
        with jax.enable_x64(True):
            by_kw, by_kvar = self._slopes(*arguments)
        return np.asarray(by_kw), np.asarray(by_kvar)

    def _pulled_back(
        self, der_kw: Any, der_kvar: Any, stored_kwh: Any, last_kw: Any, weights: Any
    ) -> Any:
        def excess(der_kw: Any, der_kvar: Any) -> Any:
            return self.devices.excess(der_kw, der_kvar, stored_kwh, last_kw, jnp)

        _, pull_back = jax.vjp(excess, der_kw, der_kvar)
        return jax.vmap(pull_back)(weights)


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
        n_ders = base.der_kw.shape[-1]
        of_grid = np.full(len(judge.groups.names), -margin)
        of_devices = np.full(n_ders, DEVICE_WEIGHT * DEVICE_TOLERANCE)
        self.limits = np.concatenate([of_grid, of_devices])
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
        by_kw, by_kvar = slopes_of(self._judge, self._tails(actions))
        rows = np.append(0, constraints + 1)
        return [
            by_action(control, by_kw[rows], by_kvar[rows])
            for control in self._judge.controls
        ]

    def _tails(self, actions: Sequence[FloatArray]) -> Tails:
        # the slopes are asked where the returns were
        if self._last is None or self._last[0] is not actions:
            self._last = (actions, self._solved(actions))
        return self._last[1]

    def _solved(self, actions: Sequence[FloatArray]) -> Tails:
        judge = self._judge
        wish = departed(self._base, judge.controls, actions)
        outcome, of_grid, places = judge.solved(self._windows, wish)
        start = self._windows.start
        of_devices = judge.devices.excess(
            wish.der_kw, wish.der_kvar, start.stored_kwh, start.last_kw
        )
        flat = of_devices.reshape(len(of_grid), -1)
        values = np.hstack([of_grid, DEVICE_WEIGHT * flat])
        if self._counts is None:
            # one length of tail for all that an update looks at: else a step that mends half of a tail would look worse
            self._counts = tail_counts(values, judge.share, self.limits)
        in_tail = tail_weights(values, self._counts)
        return Tails(wish, outcome, self._weights, values, places, in_tail)


@dataclass(frozen=True, eq=False)
class Tails:
    """A batch as it was solved.

    Attributes:
        wish: set-points that agents asked for.
        outcome: what became of what devices could follow.
        window_weights: what each window counts in the gain, (window,).
        values: excess of each group and device, (scenario, row).
        places: the constraint of the grid that is worst in its group, (scenario, group).
        weights: what counts in the tail, (scenario, row).
    """

    wish: SetPoints
    outcome: WindowOutcome
    window_weights: FloatArray
    values: FloatArray
    places: IntArray
    weights: FloatArray

    @property
    def gain(self) -> float:
        """Of all microgrids, weighted mean over the windows [currency]."""
        of_windows = self.outcome.gain.sum(axis=1)
        return float(self.window_weights @ of_windows)

    @property
    def means(self) -> FloatArray:
        """Of the tails, (row,)."""
        return np.sum(self.weights * self.values, axis=0)


def slopes_of(judge: Judge, tails: Tails) -> tuple[FloatArray, FloatArray]:
    """Derivatives of gain, tails of the grid and tails of devices by kW and by kvar, (1 + row, window, step, der) each."""
    gain = tails.outcome.gain_slopes()
    weights = tails.window_weights[:, None, None]
    grid_kw, grid_kvar = _grid_slopes(tails)
    device_kw, device_kvar = _device_slopes(judge, tails)
    wish = tails.wish
    done = tails.outcome.set_points
    gain_kw = _one_sided(gain.by_kw, wish.der_kw, done.der_kw)
    gain_kvar = _one_sided(gain.by_kvar, wish.der_kvar, done.der_kvar)
    # a constraint is to fall
    grid_kw = -_one_sided(-grid_kw, wish.der_kw, done.der_kw)
    grid_kvar = -_one_sided(-grid_kvar, wish.der_kvar, done.der_kvar)
    by_kw = np.concatenate([(weights * gain_kw)[None], grid_kw, device_kw])
    by_kvar = np.concatenate([(weights * gain_kvar)[None], grid_kvar, device_kvar])
    return by_kw, by_kvar


def _grid_slopes(tails: Tails) -> tuple[FloatArray, FloatArray]:
    n_groups = tails.places.shape[1]
    weights = tails.weights[:, :n_groups]
    scenario, group = np.nonzero(weights)
    worst = tails.places[scenario, group]
    slopes = tails.outcome.excess_slopes(scenario, worst)
    weight = weights[scenario, group][:, None]
    shape = tails.wish.der_kw.shape
    answers = []
    for of_kind in (slopes.by_kw, slopes.by_kvar):
        whole = np.zeros((n_groups, len(weights), shape[-1]))
        whole[group, scenario] = weight * of_kind
        answers.append(whole.reshape(n_groups, *shape))
    return answers[0], answers[1]


def _device_slopes(judge: Judge, tails: Tails) -> tuple[FloatArray, FloatArray]:
    n_groups = tails.places.shape[1]
    weights = DEVICE_WEIGHT * tails.weights[:, n_groups:]
    n_devices = weights.shape[1]
    by_device = np.zeros((n_devices, *weights.shape))
    device = np.arange(n_devices)
    by_device[device, :, device] = weights.T
    shape = tails.wish.der_kw.shape
    start = tails.outcome.windows.start
    return judge.device_slopes(
        tails.wish.der_kw,
        tails.wish.der_kvar,
        start.stored_kwh,
        start.last_kw,
        by_device.reshape(n_devices, *shape),
    )


def _one_sided(rise: FloatArray, wish: FloatArray, done: FloatArray) -> FloatArray:
    """What a wish changes: nothing further out where a device cannot follow it, but all on the way back."""
    is_lost = ((wish > done) & (rise > 0)) | ((wish < done) & (rise < 0))
    return np.where(is_lost, 0.0, rise)
