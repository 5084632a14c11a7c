"""`Seen`: what a controller has seen of sun and wind when it decides a step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.typing import FloatArray


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
        expected = self.forecast_kw[: self.step + 1].sum(axis=0)
        measured = self.measured_kw.sum(axis=1)
        share = np.ones(measured.shape)
        np.divide(measured, expected, out=share, where=expected > 0)
        return share

    def ahead_kw(self, is_corrected: bool = False) -> FloatArray:
        """What is to be expected from this step on, the first of them measured, (draw, step ahead, renewable) [kW].

        Args:
            is_corrected: whether the forecast is multiplied by `measured_share`, unit by unit.
        """
        forecast_kw = self.forecast_kw[self.step :]
        factor = np.ones((self.n_draws, 1, forecast_kw.shape[1]))
        if is_corrected:
            factor = self.measured_share[:, None]
        ahead_kw = factor * forecast_kw
        ahead_kw[:, 0] = self.now_kw
        return ahead_kw
