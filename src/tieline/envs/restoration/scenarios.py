"""What sun and wind make of a forecast: one draw per seed, the same in any batch.

    perfect        the forecast
    short15, 30    15 or 30 % less, all the time
    late           40 % less in the second half
    random         times clip(0.85 + e, 0, 1.3), e autoregressive for each unit: e' = 0.9 e + 0.12 z, e_0 = 0.15 z
    practice       times U(0.7, 1.1) for each draw, and U(0.9, 1.1) for each unit and step: what policies are trained on

z is standard normal. Nothing exceeds a rating. A table of one's own may stand in place of all (`own_kw`).
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from tieline.envs.draws import uniform
from tieline.envs.restoration.config import Scenario
from tieline.typing import FloatArray, IntArray

TESTED: tuple[Scenario, ...] = ("perfect", "short15", "short30", "random", "late")
"""Those that deciders are judged by."""

SHORT = {"short15": 0.85, "short30": 0.70}
LATE = 0.6

MEAN = 0.85
HIGHEST = 1.3
MEMORY = 0.9
FIRST_SPREAD = 0.15
STEP_SPREAD = 0.12
"""Of `random`: mean and highest factor, and its error; no source, chosen so that a forecast is wrong by a tenth to a third."""

PRACTICE_LEVEL = (0.7, 1.1)
PRACTICE_NOISE = (0.9, 1.1)
"""Of `practice`: as wide as the tested scenarios, which policies must not have seen."""

SMALLEST = 2.0**-54
"""Half of what `uniform` can tell from 0, whose normal number would be infinite."""


def actual_kw(
    scenario: Scenario, forecast_kw: FloatArray, p_max_kw: FloatArray, seeds: IntArray
) -> FloatArray:
    """Available power of some draws, (draw, step, renewable) [kW].

    Args:
        scenario: by name.
        forecast_kw: (step, renewable) [kW].
        p_max_kw: ratings, (renewable,) [kW].
        seeds: one for each draw, (draw,).
    """
    factor = _factor(scenario, forecast_kw.shape, seeds)
    power_kw = forecast_kw * factor
    possible_kw = np.minimum(power_kw, p_max_kw)
    # scenarios without chance are alike for all seeds
    shape = (len(seeds), *forecast_kw.shape)
    return np.broadcast_to(possible_kw, shape)


def _factor(scenario: Scenario, shape: tuple[int, ...], seeds: IntArray) -> FloatArray:
    """Actual over forecast, (draw or 1, step, renewable)."""
    if scenario == "random":
        return _random(shape, seeds)
    if scenario == "practice":
        return _practice(shape, seeds)
    factor = np.full((1, *shape), SHORT.get(scenario, 1.0))
    if scenario == "late":
        factor[:, shape[0] // 2 :] = LATE
    return factor


def _random(shape: tuple[int, ...], seeds: IntArray) -> FloatArray:
    n_steps, n_units = shape
    n_numbers = n_steps * n_units
    even = uniform(seeds, n_numbers)
    # by the inverse of its distribution, so that a draw is the same in any batch
    flat = ndtri(even + SMALLEST)
    normal = flat.reshape(len(seeds), n_steps, n_units)
    errors = [FIRST_SPREAD * normal[:, 0]]
    for step in range(1, n_steps):
        shock = STEP_SPREAD * normal[:, step]
        memory = MEMORY * errors[-1]
        errors.append(memory + shock)
    error = np.stack(errors, axis=1)
    return np.clip(MEAN + error, 0.0, HIGHEST)


def _practice(shape: tuple[int, ...], seeds: IntArray) -> FloatArray:
    n_steps, n_units = shape
    n_factors = n_steps * n_units
    even = uniform(seeds, 1 + n_factors)
    of_level, of_noise = np.split(even, [1], axis=1)
    level = _between(PRACTICE_LEVEL, of_level)
    noise = _between(PRACTICE_NOISE, of_noise)
    factor = level * noise
    return factor.reshape(len(seeds), n_steps, n_units)


def _between(ends: tuple[float, float], share: FloatArray) -> FloatArray:
    low, high = ends
    return low + (high - low) * share
