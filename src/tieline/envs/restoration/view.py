"""`View`: what the formulas of a decider are given about sun, wind and time, as plain arrays.

Later steps are expected as forecast, times what was measured so far over what was forecast for it, unit by unit: a day that began
at 85 % of the forecast is taken to go on so.
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
        ratio, last_ratio: measured over forecast, so far and in this step, (draw, renewable).
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
    expected_kw = _expected_kw(figures, seen)
    beyond_end = np.zeros_like(expected_kw[:, :NEXT_STEPS])
    longer_kw = np.concatenate([expected_kw, beyond_end], axis=1)
    first = seen.step + 1
    number = np.arange(n_steps) - seen.step + 1.0
    return View(
        expected_kw=expected_kw,
        now_kw=expected_kw[:, seen.step],
        next_kw=longer_kw[:, first : first + NEXT_STEPS],
        ratio=seen.measured_share,
        last_ratio=_last_ratio(seen),
        ahead=Ahead(number, (number >= 1).astype(float)),
        past_share=np.array(seen.step / n_steps),
    )


def _expected_kw(figures: IslandFigures, seen: Seen) -> FloatArray:
    ahead_kw = seen.ahead_kw(is_corrected=True)
    expected_kw = np.zeros((seen.n_draws, *seen.forecast_kw.shape))
    expected_kw[:, seen.step :] = np.clip(ahead_kw, 0.0, figures.renewable_kw)
    return expected_kw


def _last_ratio(seen: Seen) -> FloatArray:
    """Measured over forecast of this step, (draw, renewable); 1 where nothing was forecast."""
    forecast_kw = seen.forecast_kw[seen.step]
    ratio = np.ones(seen.now_kw.shape)
    np.divide(seen.now_kw, forecast_kw, out=ratio, where=forecast_kw > 0)
    return ratio
