"""Theta of a bus from its Thevenin equivalent, by hand on two buses."""

from __future__ import annotations

import pytest

from builders import two_bus
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.world.plant import make_plant
from tieline.studies.battery.world.thevenin import reverse_limits_kw


def test_by_hand() -> None:
    """0.5 ohm behind an ideal source of 1 pu at 12.66 kV."""
    plant = make_plant(two_bus(r_ohm=0.5, x_ohm=0.3), BatteryConfig())
    at_source, at_load = reverse_limits_kw(plant, 1.045)
    expected_kw = 1e3 * 12.66**2 * 1.045 * 0.045 / 0.5
    assert at_load == pytest.approx(expected_kw, rel=1e-6)
    assert at_source == 0.0  # no battery is there


def test_a_limit_that_is_broken_without_load_leaves_no_room() -> None:
    plant = make_plant(two_bus(), BatteryConfig())
    assert reverse_limits_kw(plant, 0.99)[1] == 0.0
