"""What a controller expects of sun and wind: the forecast, corrected by what was measured so far.

    expected = forecast x (sum of measured so far / sum of forecast so far)      of each renewable

A day that began at 85 % of the forecast is taken to go on so.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.typing import FloatArray

NO_FORECAST_KW = 1e-9
"""Below this nothing was forecast, and there is nothing to correct by."""


class Outlook(NamedTuple):
    """What is expected when a step is decided.

    Attributes:
        expected_kw: measured in this step and expected in later ones, (draw, step, renewable); 0 in steps that are over.
        ratio: measured over forecast, of all steps so far, (draw, renewable).
        last_ratio: the same of this step alone.
    """

    expected_kw: FloatArray
    ratio: FloatArray
    last_ratio: FloatArray


def outlook(
    forecast_kw: FloatArray, measured_kw: FloatArray, p_max_kw: FloatArray
) -> Outlook:
    """What is expected after the last measured step.

    Args:
        forecast_kw: of the whole horizon, (step, renewable).
        measured_kw: so far, with the step that is decided, (draw, step so far, renewable).
        p_max_kw: highest power of each renewable.
    """
    n_measured = measured_kw.shape[1]
    so_far_kw = forecast_kw[:n_measured]
    ratio = _over(measured_kw.sum(axis=1), so_far_kw.sum(axis=0))
    now_kw = measured_kw[:, -1]
    last_ratio = _over(now_kw, so_far_kw[-1])
    expected_kw = ratio[:, None] * forecast_kw
    # over is over, and the step that is decided was measured
    expected_kw[:, : n_measured - 1] = 0.0
    expected_kw[:, n_measured - 1] = now_kw
    return Outlook(np.clip(expected_kw, 0.0, p_max_kw), ratio, last_ratio)


def _over(measured_kw: FloatArray, forecast_kw: FloatArray) -> FloatArray:
    """Measured over forecast; 1 where nothing was forecast."""
    is_forecast = forecast_kw > NO_FORECAST_KW
    divisor = np.where(is_forecast, forecast_kw, 1.0)
    return np.where(is_forecast, measured_kw / divisor, 1.0)
