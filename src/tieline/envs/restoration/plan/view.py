"""`View`: what the formulas of a decider are given about sun, wind and time, as plain arrays.

Later steps are expected as forecast, times what is measured now over what was forecast for it, unit by unit: a forecast is
taken to stay as wrong as it is. What was measured so far over its forecast (`Seen.measured_share`) tells a steady error better;
but when sun or wind break, hours pass until it tells, and load that is held until then is dropped at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.envs.restoration.plan.figures import Array, IslandFigures
from tieline.envs.restoration.plan.level import Ahead
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


def view_of(figures: IslandFigures, sight: Seen) -> View:
    """The view of a step."""
    n_steps = len(sight.forecast_kw)
    expected_kw = _expected_kw(figures, sight)
    beyond_end = np.zeros((sight.n_draws, NEXT_STEPS, expected_kw.shape[2]))
    longer_kw = np.concatenate([expected_kw, beyond_end], axis=1)
    first = sight.step + 1
    number = np.arange(n_steps) - sight.step + 1.0
    return View(
        expected_kw=expected_kw,
        now_kw=expected_kw[:, sight.step],
        next_kw=longer_kw[:, first : first + NEXT_STEPS],
        ratio=sight.measured_share,
        last_ratio=sight.last_share,
        ahead=Ahead(number, (number >= 1).astype(float)),
        past_share=np.array(sight.step / n_steps),
    )


def _expected_kw(figures: IslandFigures, sight: Seen) -> FloatArray:
    ahead_kw = sight.ahead_kw("now")
    shape = (sight.n_draws, *sight.forecast_kw.shape)
    expected_kw = np.zeros(shape)
    # a forecast that is corrected upwards may pass what panels and wheels can deliver
    expected_kw[:, sight.step :] = np.clip(ahead_kw, 0.0, figures.renewable_kw)
    return expected_kw
