"""`View`: what the formulas of a decider are given about sun, wind and time, as plain arrays.

Later steps are expected as forecast, times what is measured now over what was forecast for it, unit by unit: a forecast is taken
to stay as wrong as it is. What was measured so far over its forecast (`Seen.measured_share`) tells a steady error better; but when
sun or wind break, hours pass until it tells, and load that is held until then is dropped at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.envs.restoration.figures import Array, IslandFigures
from tieline.envs.restoration.level import Ahead
from tieline.envs.restoration.seen import Seen
from tieline.typing import FloatArray

NEXT_STEPS = 4
"""Steps of the forecast that a policy is given one by one; later ones stand behind the level that can be held."""


class View(NamedTuple):
    """What is known when a step is decided.

    Attributes:
        expected_kw: of renewables, (draw, step, renewable) [kW]; 0 in steps that are over.
        now_kw: measured in this step, (draw, renewable) [kW].
        next_kw: expected in the steps after it, (draw, NEXT_STEPS, renewable) [kW]; 0 beyond the horizon.
        ratio, last_ratio: measured over forecast, so far and in this step, (draw, renewable); the latter is expected to stay.
        ahead: which steps are ahead.
        past_share: of the horizon, a number.
    """

    expected_kw: Array
    now_kw: Array
    next_kw: Array
    ratio: Array
    last_ratio: Array
    ahead: Ahead
    past_share: Array


def view_of(figures: IslandFigures, seen: Seen) -> View:
    """The view of a step."""
    n_steps = len(seen.forecast_kw)
    last_ratio = _last_ratio(seen)
    expected_kw = _expected_kw(figures, seen, last_ratio)
    beyond_end = np.zeros_like(expected_kw[:, :NEXT_STEPS])
    longer_kw = np.concatenate([expected_kw, beyond_end], axis=1)
    first = seen.step + 1
    number = np.arange(n_steps) - seen.step + 1.0
    return View(
        expected_kw=expected_kw,
        now_kw=expected_kw[:, seen.step],
        next_kw=longer_kw[:, first : first + NEXT_STEPS],
        ratio=seen.measured_share,
        last_ratio=last_ratio,
        ahead=Ahead(number, (number >= 1).astype(float)),
        past_share=np.array(seen.step / n_steps),
    )


def _expected_kw(figures: IslandFigures, seen: Seen, ratio: FloatArray) -> FloatArray:
    ahead_kw = ratio[:, None] * seen.forecast_kw[seen.step :]
    # measured, also where nothing was forecast
    ahead_kw[:, 0] = seen.now_kw
    expected_kw = np.zeros((seen.n_draws, *seen.forecast_kw.shape))
    expected_kw[:, seen.step :] = np.clip(ahead_kw, 0.0, figures.renewable_kw)
    return expected_kw


def _last_ratio(seen: Seen) -> FloatArray:
    """Measured over forecast of this step, (draw, renewable); of all steps so far where nothing was forecast."""
    forecast_kw = seen.forecast_kw[seen.step]
    ratio = seen.measured_share.copy()
    np.divide(seen.now_kw, forecast_kw, out=ratio, where=forecast_kw > 0)
    return ratio
