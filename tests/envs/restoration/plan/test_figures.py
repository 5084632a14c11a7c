"""Ratings as plain numbers: what one step and several may reach."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.restoration.plan.figures import IslandFigures
from tieline.envs.restoration.world import RestorationWorld


def test_frequency_limits_the_power_of_a_droop_unit(world36: RestorationWorld) -> None:
    """60 Hz at 300 kW, 1 Hz/MW, 59.8 to 60.2 Hz."""
    figures = IslandFigures.of(world36)
    assert figures.units.floor_kw == pytest.approx([100.0])
    assert figures.units.ceiling_kw == pytest.approx([500.0])
    assert figures.hz_per_kw == pytest.approx(1e-3)


def test_a_step_is_limited_by_ramp_rating_and_fuel(world36: RestorationWorld) -> None:
    turbines = IslandFigures.of(world36).turbines
    last_kw = np.array([[0.0, 450.0, 300.0]])
    fuel_kwh = np.array([[1000.0, 1000.0, 10.0]])
    low, high = turbines.limits_kw(last_kw, fuel_kwh, 0.25)
    assert high[0] == pytest.approx([100.0, 500.0, 40.0])
    assert low[0] == pytest.approx([0.0, 350.0, 40.0])


def test_power_rises_by_the_ramp_from_step_to_step(world36: RestorationWorld) -> None:
    turbines = IslandFigures.of(world36).turbines
    reach_kw = turbines.reach_kw(np.zeros((1, 3)), np.arange(1.0, 7.0))
    assert reach_kw[0, 0] == pytest.approx([100, 200, 300, 400, 500, 500])


def test_loss_is_small_in_an_island_whose_units_stand_about(
    world36: RestorationWorld,
) -> None:
    figures = IslandFigures.of(world36)
    loss_kw = figures.loss_per_kw * figures.load_kw.sum() ** 2
    # 20 kWh of 13.8 MWh over the horizon
    assert 2.0 < loss_kw < 5.0
