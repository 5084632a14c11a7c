"""The load shapes of a feeder in the studies with time: loads follow them, nothing is stretched, and the page says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tieline.feeders import Feeder, load_feeder
from tieline.feeders.elements import Shape
from tieline.profiles import ProfileConfig
from tieline.profiles.told import tell_loads, tell_sun, tell_unasked_place
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.world.days import is_stretched, make_days
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.world.timeline import make_timeline
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.world.days import departures, make_day

EVENING = Shape("evening", tuple(0.3 + 0.7 * (17 <= hour < 22) for hour in range(24)))


@pytest.fixture(scope="module")
def feeder() -> Feeder:
    """The 33-bus feeder with an evening peak at all loads but the first."""
    plain = load_feeder("ieee33")
    first, *others = plain.loads
    shaped = [replace(load, daily_shape="evening") for load in others]
    return plain.replace(loads=(first, *shaped), shapes=(EVENING,))


def test_hosting_capacity(feeder: Feeder) -> None:
    config = HostingCapacityConfig(time="profiles", step_minutes=60)
    load_kw, load_kvar, sun_pu = make_timeline(feeder, config).draw(range(2))
    for column, load in enumerate(feeder.loads):
        share = np.ones(24) if column == 0 else np.array(EVENING.p)
        np.testing.assert_allclose(load_kw[:, :, column], [load.p_kw * share] * 2)
        np.testing.assert_allclose(load_kvar[0, :, column], load.q_kvar * share)
    # no PV system of the feeder follows a shape: the sun is drawn for each deployment
    assert (sun_pu[0] != sun_pu[1]).any()


def test_battery_stretches_nothing(feeder: Feeder) -> None:
    config = BatteryConfig(step_minutes=60)
    (day,) = make_days(feeder, config)
    nominal_kw = feeder.loads[1].p_kw
    np.testing.assert_allclose(day.load_kw[:, 1], nominal_kw * np.array(EVENING.p))
    assert not is_stretched(feeder, config)
    assert is_stretched(feeder, BatteryConfig(shapes="drawn"))


def test_market_schedules_them(feeder: Feeder) -> None:
    config = MarketConfig(feeder="ieee33", load_pct=80)
    day = make_day(feeder, config, departures(feeder, config, {}))
    np.testing.assert_allclose(day.schedule_pu[:, 1], np.repeat(EVENING.p, 60))


def test_what_is_followed_is_said(feeder: Feeder) -> None:
    profiles = HostingCapacityConfig().drawn_profiles
    assert f"({len(feeder.loads) - 1} loads; 1 load without one" in tell_loads(
        feeder, profiles, None
    )
    plain = load_feeder("ieee33")
    assert "drawn from models of customers" in tell_loads(plain, profiles, None)
    place = "latitude 53.55, longitude -113.49, 670 m above the sea (America/Edmonton)"
    assert place in tell_sun(plain, profiles, None)
    assert "that of sun.csv" in tell_sun(plain, profiles, "sun.csv")


def test_a_place_that_nobody_gave_is_said(feeder: Feeder) -> None:
    usual = ProfileConfig()
    (text,) = tell_unasked_place(feeder, usual, None)
    assert "Edmonton" in text
    assert tell_unasked_place(feeder, usual, "sun.csv") == []
    munich = usual.with_flags(latitude=48.1, longitude=11.6, time_zone="Europe/Berlin")
    assert tell_unasked_place(feeder, munich, None) == []
