"""`Judge`: how far wishes break limits, of the grid in groups and of devices; the same for all batches of a training."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tieline.envs.microgrids.device_limits import DeviceLimits
from tieline.envs.microgrids.follow import followed
from tieline.envs.microgrids.set_points import SetPoints, controls_of
from tieline.envs.microgrids.window_model import (
    SetPointSlopes,
    WindowModel,
    WindowOutcome,
)
from tieline.envs.microgrids.windows import Windows, WindowStart
from tieline.studies.microgrids.training.tails import groups_of
from tieline.typing import FloatArray, IntArray

DEVICE_WEIGHT = 0.25
"""What an excess of a device counts beside one of the grid: devices do not do what they cannot, so that it harms nobody; what
remains is that a wish should be meant."""

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
        tolerance: how far wishes may be beyond what a device can do [share of rating].
    """

    def __init__(
        self,
        model: WindowModel,
        devices: DeviceLimits,
        share: float,
        tolerance: float,
    ):
        self.model = model
        self.devices = devices
        self.groups = groups_of(model.plant, model.grid)
        self.controls = controls_of(model.plant)
        self.share = share
        self.tolerance = tolerance
        self._slopes = jax.jit(self._pulled_back)

    def solved(
        self, windows: Windows, wish: SetPoints
    ) -> tuple[WindowOutcome, FloatArray, IntArray]:
        """Windows as devices carry wishes out; excess of each group (window x step, group), and the constraint that has it."""
        response = followed(self.devices, wish, windows.start)
        outcome = self.model.outcome(windows, response)
        excess = outcome.excess
        n_constraints = excess.shape[-1]
        by_scenario = excess.reshape(-1, n_constraints)
        values, places = self.groups.worst(by_scenario)
        is_unsolved = np.isnan(values)
        values[is_unsolved] = WITHOUT_SOLUTION
        return outcome, values, places

    def device_slopes(
        self, wish: SetPoints, start: WindowStart, weights: FloatArray
    ) -> SetPointSlopes:
        """Derivatives of weighted sums of the devices' excess.

        Args:
            wish: set-points, (window, step, der).
            start: state before the first step.
            weights: of each sum, (row, window, step, der).

        Returns:
            (row, window, step, der).
        """
        state = (start.stored_kwh, start.last_kw)
        # in double precision, as NumPy works out the excess itself: who is worst must not depend on who asks
        with jax.enable_x64(True):
            slopes = self._slopes(wish.der_kw, wish.der_kvar, *state, weights)
        by_kw, by_kvar = map(np.asarray, slopes)
        return SetPointSlopes(by_kw, by_kvar)

    def _pulled_back(
        self, der_kw: Any, der_kvar: Any, stored_kwh: Any, last_kw: Any, weights: Any
    ) -> Any:
        def excess(der_kw: Any, der_kvar: Any) -> Any:
            return self.devices.excess(der_kw, der_kvar, stored_kwh, last_kw, jnp)

        _, pull_back = jax.vjp(excess, der_kw, der_kvar)
        of_rows = jax.vmap(pull_back)
        return of_rows(weights)
