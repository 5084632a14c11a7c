"""`WindowProblem`: a batch of windows as the problem of an update: gain of all microgrids, tails of all limits, derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tieline.agents.constrained_update.backtracking import Returns
from tieline.envs.microgrids.device_limits import DeviceLimits
from tieline.envs.microgrids.follow import followed
from tieline.envs.microgrids.set_points import (
    Controls,
    SetPoints,
    by_action,
    departed,
)
from tieline.envs.microgrids.window_model import WindowModel, WindowOutcome
from tieline.envs.microgrids.windows import Windows
from tieline.studies.microgrids.training.tails import Groups, tail
from tieline.typing import FloatArray, IntArray

DEVICE_WEIGHT = 0.25


@dataclass(frozen=True, eq=False)
class Judge:
    """What stays the same for all batches."""

    model: WindowModel
    devices: DeviceLimits
    groups: Groups
    controls: tuple[Controls, ...]
    share: float


class WindowProblem:
    """A batch of windows with the set-points that actions depart from."""

    def __init__(self, judge: Judge, windows: Windows, base: SetPoints, aim: float):
        self._judge = judge
        self._windows = windows
        self._base = base
        n_rows = len(judge.groups.names) + base.der_kw.shape[-1]
        self.limits = np.full(n_rows, -aim)
        self._last: tuple[Any, _Judged] | None = None

    def returns(self, actions: Sequence[FloatArray]) -> Returns:
        judged = self._judged(actions)
        return Returns(judged.objective, judged.constraints)

    def slopes(
        self, actions: Sequence[FloatArray], constraints: IntArray
    ) -> list[FloatArray]:
        judged = self._judged(actions)
        by_kw, by_kvar = judged.slopes()
        rows = np.append(0, constraints + 1)
        return [
            by_action(control, by_kw[rows], by_kvar[rows])
            for control in self._judge.controls
        ]

    def _judged(self, actions: Sequence[FloatArray]) -> _Judged:
        if self._last is None or self._last[0] is not actions:
            wish = departed(self._base, self._judge.controls, actions)
            done = followed(self._judge.devices, wish, self._windows.start)
            outcome = self._judge.model.outcome(self._windows, done)
            self._last = (actions, _Judged(self._judge, wish, outcome))
        return self._last[1]


@dataclass(frozen=True, eq=False)
class _Judged:
    judge: Judge
    wish: SetPoints
    outcome: WindowOutcome

    @property
    def objective(self) -> float:
        return float(self.outcome.gain.sum(axis=1).mean())

    @cached_property
    def _grid(self) -> tuple[FloatArray, IntArray, IntArray]:
        """Worst of each group, place of it, and the tail of scenarios, (in tail, group)."""
        excess = self.outcome.excess
        flat = excess.reshape(-1, excess.shape[-1])
        values, places = self.judge.groups.worst(flat)
        values = np.nan_to_num(values, nan=10.0)
        return values, places, tail(values, self.judge.share)

    @cached_property
    def _devices(self) -> tuple[FloatArray, IntArray]:
        points = self.wish
        start = self.outcome.windows.start
        excess = DEVICE_WEIGHT * self.judge.devices.excess(
            points.der_kw, points.der_kvar, start.stored_kwh, start.last_kw
        )
        flat = excess.reshape(-1, excess.shape[-1])
        return flat, tail(flat, self.judge.share)

    @property
    def constraints(self) -> FloatArray:
        values, _, rows = self._grid
        of_grid = np.take_along_axis(values, rows, axis=0).mean(axis=0)
        excess, device_rows = self._devices
        of_devices = np.take_along_axis(excess, device_rows, axis=0).mean(axis=0)
        return np.concatenate([of_grid, of_devices])

    def slopes(self) -> tuple[FloatArray, FloatArray]:
        """Of the objective and all rows, (1 + row, window, step, der) by kW and by kvar."""
        gain = self.outcome.gain_slopes()
        n_windows = len(self.outcome.windows)
        grid_kw, grid_kvar = self._grid_slopes()
        device_kw, device_kvar = self._device_slopes()
        wish = self.wish
        done = self.outcome.set_points
        gain_kw = _one_sided(gain.by_kw, wish.der_kw, done.der_kw)
        gain_kvar = _one_sided(gain.by_kvar, wish.der_kvar, done.der_kvar)
        # a constraint is to fall
        grid_kw = -_one_sided(-grid_kw, wish.der_kw, done.der_kw)
        grid_kvar = -_one_sided(-grid_kvar, wish.der_kvar, done.der_kvar)
        by_kw = np.concatenate([gain_kw[None] / n_windows, grid_kw, device_kw])
        by_kvar = np.concatenate([gain_kvar[None] / n_windows, grid_kvar, device_kvar])
        return by_kw, by_kvar

    def _grid_slopes(self) -> tuple[FloatArray, FloatArray]:
        _, places, rows = self._grid
        n_tail, n_groups = rows.shape
        scenarios, place_of = np.unique(rows, return_inverse=True)
        slopes = self.outcome.excess_slopes(scenarios)
        group = np.broadcast_to(np.arange(n_groups), rows.shape)
        chosen = (place_of.reshape(rows.shape), places[rows, group])
        shape = (n_groups, *self.outcome.set_points.der_kw.shape)
        answers = []
        for of_kind in (slopes.by_kw, slopes.by_kvar):
            whole = np.zeros((n_groups, shape[1] * shape[2], shape[3]))
            whole[group, rows] = of_kind[chosen] / n_tail
            answers.append(whole.reshape(shape))
        return answers[0], answers[1]

    def _device_slopes(self) -> tuple[FloatArray, FloatArray]:
        excess, rows = self._devices
        n_tail, n_devices = rows.shape
        weight = np.zeros((n_devices, *excess.shape))
        device = np.broadcast_to(np.arange(n_devices), rows.shape)
        weight[device, rows, device] = DEVICE_WEIGHT / n_tail
        points = self.wish
        start = self.outcome.windows.start
        weights = weight.reshape(n_devices, *points.der_kw.shape)

        def of(der_kw: Any, der_kvar: Any) -> Any:
            return self.judge.devices.excess(
                der_kw, der_kvar, start.stored_kwh, start.last_kw, jnp
            )

        with jax.enable_x64(True):
            _, pull_back = jax.vjp(of, points.der_kw, points.der_kvar)
            by_kw, by_kvar = jax.vmap(pull_back)(weights)
        return np.asarray(by_kw), np.asarray(by_kvar)


def _one_sided(rise: FloatArray, wish: FloatArray, done: FloatArray) -> FloatArray:
    """What a wish changes: nothing further out where a device cannot follow it, but all on the way back."""
    is_lost = ((wish > done) & (rise > 0)) | ((wish < done) & (rise < 0))
    return np.where(is_lost, 0.0, rise)
