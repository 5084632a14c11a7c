"""`Seen`: what a controller has seen of sun and wind when it decides a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tieline.typing import FloatArray

Correction = Literal["none", "mean", "now"]
"""By what a forecast is corrected: nothing, the share measured of it so far, or the share measured of it in this step."""


@dataclass(frozen=True, eq=False)
class Seen:
    """Forecast and measurements.

    Attributes:
        step: which is decided.
        forecast_kw: of the whole horizon, made before it, (step, renewable) [kW].
        measured_kw: of the steps so far and this one, (draw, step + 1, renewable) [kW].
    """

    step: int
    forecast_kw: FloatArray
    measured_kw: FloatArray

    @property
    def n_draws(self) -> int:
        """Draws side by side."""
        return len(self.measured_kw)

    @property
    def n_ahead(self) -> int:
        """Steps to the end of the horizon, this one included."""
        return len(self.forecast_kw) - self.step

    @property
    def now_kw(self) -> FloatArray:
        """Available in this step, (draw, renewable) [kW]."""
        return self.measured_kw[:, -1]

    @property
    def measured_share(self) -> FloatArray:
        """Energy measured so far over that forecast so far, (draw, renewable); 1 where nothing was forecast."""
        forecast_so_far_kw = self.forecast_kw[: self.step + 1]
        expected = forecast_so_far_kw.sum(axis=0)
        measured = self.measured_kw.sum(axis=1)
        # a forecast of nothing can be neither right nor wrong: it stays as it is
        share = np.ones(measured.shape)
        is_forecast = expected > 0
        np.divide(measured, expected, out=share, where=is_forecast)
        return share

    @property
    def last_share(self) -> FloatArray:
        """Measured over forecast of this step, (draw, renewable); `measured_share` where nothing was forecast for it."""
        forecast_kw = self.forecast_kw[self.step]
        is_forecast = forecast_kw > 0
        share = self.measured_share.copy()
        np.divide(self.now_kw, forecast_kw, out=share, where=is_forecast)
        return share

    def ahead_kw(self, correction: Correction = "none") -> FloatArray:
        """What is to be expected from this step on, the first of them measured, (draw, step ahead, renewable) [kW].

        Args:
            correction: what the forecast of each unit is multiplied by.
        """
        forecast_kw = self.forecast_kw[self.step :]
        factor = self._factor(correction)
        ahead_kw = factor[:, None] * forecast_kw
        ahead_kw[:, 0] = self.now_kw
        return ahead_kw

    def _factor(self, correction: Correction) -> FloatArray:
        if correction == "mean":
            return self.measured_share
        if correction == "now":
            return self.last_share
        return np.ones(self.now_kw.shape)
