"""`View`: what the formulas of a decider are given about sun, wind and time, as plain arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.envs.restoration.figures import Array, IslandFigures
from tieline.envs.restoration.level import Ahead
from tieline.envs.restoration.outlook import outlook
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


def view_of(
    figures: IslandFigures, forecast_kw: FloatArray, measured_kw: FloatArray
) -> View:
    """The view after the last measured step.

    Args:
        figures: of the island.
        forecast_kw: of the whole horizon, (step, renewable) [kW].
        measured_kw: so far, with the step that is decided, (draw, step so far, renewable) [kW].
    """
    n_steps = len(forecast_kw)
    step = measured_kw.shape[1] - 1
    expected = outlook(forecast_kw, measured_kw, figures.renewable_kw)
    number = np.arange(n_steps) - step + 1.0
    beyond = np.zeros_like(expected.expected_kw[:, :NEXT_STEPS])
    longer_kw = np.concatenate([expected.expected_kw, beyond], axis=1)
    first = step + 1
    return View(
        expected_kw=expected.expected_kw,
        now_kw=expected.expected_kw[:, step],
        next_kw=longer_kw[:, first : first + NEXT_STEPS],
        ratio=expected.ratio,
        last_ratio=expected.last_ratio,
        ahead=Ahead(number, (number >= 1).astype(float)),
        past_share=np.array(step / n_steps),
    )
