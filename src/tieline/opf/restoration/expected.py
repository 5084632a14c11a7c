"""What sun and wind are expected to offer over a window: the forecast, or the forecast as what was measured so far corrects it."""

from __future__ import annotations

import numpy as np

from tieline.typing import FloatArray


def expected_kw(
    forecast_kw: FloatArray, measured_kw: FloatArray, steps: int, is_corrected: bool
) -> FloatArray:
    """Of the steps from now on; the first one is measured.

    Args:
        forecast_kw: over the horizon, (step, renewable) [kW].
        measured_kw: from the first step up to now, (draw, step so far, renewable) [kW].
        steps: length of the window.
        is_corrected: whether the forecast is times measured so far over forecast so far, of each renewable.

    Returns:
        (draw, step, renewable) [kW].
    """
    n_measured = measured_kw.shape[1]
    now = n_measured - 1
    window = np.tile(forecast_kw[now : now + steps], (len(measured_kw), 1, 1))
    if is_corrected:
        window *= correction(forecast_kw[:n_measured], measured_kw)[:, None]
    window[:, 0] = measured_kw[:, now]
    return window


def correction(forecast_kw: FloatArray, measured_kw: FloatArray) -> FloatArray:
    """Measured over forecast energy so far, (draw, renewable); 1 where nothing was forecast."""
    forecast_sum = forecast_kw.sum(axis=0)
    measured_sum = measured_kw.sum(axis=1)
    has_forecast = forecast_sum > 0
    whole = np.where(has_forecast, forecast_sum, 1.0)
    return np.where(has_forecast, measured_sum / whole, 1.0)
