"""Load shapes at the steps of a study: points as they stand, means, cycles, straight lines, and clocks that change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from builders import two_bus
from tieline.feeders import Feeder
from tieline.feeders.elements import Pv, Shape
from tieline.profiles import ProfileConfig, draw_scenarios
from tieline.profiles.shapes import ShapeSeries, shape_of, step_means

HOME = Shape("home", (0.2, 0.4, 0.9, 0.5), q=(0.1, 0.1, 0.3, 0.2), step_h=6.0)


def times(count: int, minutes: int, start: str = "2025-01-01") -> pd.DatetimeIndex:
    return pd.date_range(start, periods=count, freq=f"{minutes}min", tz="UTC")


def shaped(**changes: object) -> Feeder:
    feeder = two_bus()
    (load,) = feeder.loads
    return feeder.replace(loads=(replace(load, **changes),), shapes=(HOME,))


def test_points_come_as_they_stand_and_begin_anew() -> None:
    feeder = shaped(daily_shape="home")
    p_kw, q_kvar = ShapeSeries(feeder, times(8, 360)).load_powers()
    (load,) = feeder.loads
    np.testing.assert_allclose(p_kw[:, 0], load.p_kw * np.array([*HOME.p, *HOME.p]))
    np.testing.assert_allclose(q_kvar[:, 0], load.q_kvar * np.array([*HOME.q] * 2))


@pytest.mark.parametrize("minutes", [15, 60, 720])
def test_energy_is_kept_at_any_step(minutes: int) -> None:
    count = 24 * 60 // minutes
    shares = ShapeSeries(shaped(daily_shape="home"), times(count, minutes)).load_pu()
    assert shares.mean() == pytest.approx(np.mean(HOME.p))


def test_a_mean_covers_shares_of_two_points() -> None:
    # from 4 to 8 o'clock: two hours of the first point, two of the second
    means = step_means(HOME, HOME.p, np.array([4.0]), 4.0)
    assert means[0] == pytest.approx((0.2 + 0.4) / 2)


def test_between_hours_power_goes_straight_and_stays_behind_the_last() -> None:
    ramp = Shape("ramp", (0.0, 1.0), step_h=0.0, hour=(1.0, 3.0))
    begins = np.array([0.0, 1.0, 2.0, 3.0, 100.0])
    means = step_means(ramp, ramp.p, begins, 1.0)
    np.testing.assert_allclose(means, [0.0, 0.25, 0.75, 1.0, 1.0])


def test_the_year_goes_before_the_day_and_a_load_without_either_is_nominal() -> None:
    flat = Shape("flat", (0.7,))
    feeder = shaped(daily_shape="home", yearly_shape="flat")
    feeder = feeder.replace(shapes=(HOME, flat))
    (load,) = feeder.loads
    assert shape_of(feeder, load) == flat
    assert shape_of(feeder, load, "daily") == HOME
    idle = two_bus()
    assert (ShapeSeries(idle, times(2, 60)).load_pu() == 1).all()


def test_kilowatts_are_kilowatts_and_keep_the_power_factor() -> None:
    meter = Shape("meter", (3.0, 5.0), is_actual=True)
    feeder = shaped(daily_shape="meter").replace(shapes=(meter,))
    (load,) = feeder.loads
    p_kw, q_kvar = ShapeSeries(feeder, times(2, 60)).load_powers()
    np.testing.assert_allclose(p_kw[:, 0], [3.0, 5.0])
    np.testing.assert_allclose(q_kvar[:, 0], p_kw[:, 0] * load.q_kvar / load.p_kw)


def test_clocks_that_go_forward_skip_an_hour_of_the_shape() -> None:
    hours = Shape("hours", tuple(float(hour) for hour in range(24)))
    feeder = shaped(daily_shape="hours").replace(shapes=(hours,))
    day = pd.date_range(
        "2025-03-30", periods=23, freq="60min", tz="Europe/Berlin"
    )  # the day on which clocks go forward
    shares = ShapeSeries(feeder, day).load_pu()[:, 0]
    np.testing.assert_allclose(shares, [0, 1, *range(3, 24)], atol=1e-12)


def test_draws_follow_shapes_unless_asked_not_to() -> None:
    sun = Shape("sun", (0.0, 0.5, 1.0, 0.25), step_h=6.0)
    feeder = shaped(daily_shape="home")
    roof = Pv("roof", "b", (1, 0), "wye", 2.4, 10.0, 8.0, daily_shape="sun")
    feeder = feeder.replace(shapes=(HOME, sun), pvs=(roof,))
    config = ProfileConfig(step_minutes=60, time_zone="UTC")
    drawn = draw_scenarios(feeder, config, 2, seed=1)
    np.testing.assert_allclose(drawn.load_pu[:, :, 0], [np.repeat(HOME.p, 6)] * 2)
    # panels of 10 kW behind an inverter of 8
    np.testing.assert_allclose(drawn.sun_pu[0, ::6], [0.0, 0.625, 1.0, 0.3125])
    free = draw_scenarios(feeder, config.with_flags(shapes="drawn"), 1, seed=1)
    plain = draw_scenarios(two_bus(), config, 1, seed=1)
    np.testing.assert_array_equal(free.load_pu, plain.load_pu)
