"""The pool of days: the same day in a pool of any size, first step at midnight, clocks that go forward."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from builders import two_bus
from tieline.envs.voltage_control.config import VoltageControlEnvConfig
from tieline.envs.voltage_control.days import Days, draw_days
from tieline.profiles import ProfileConfig


def drawn(**values: object) -> Days:
    return draw_days(two_bus(), VoltageControlEnvConfig.model_validate(values))


def test_a_day_is_the_same_in_a_larger_pool():
    small, large = drawn(pool_days=3), drawn(pool_days=9)
    assert (small.load_pu == large.load_pu[:3]).all()
    assert (small.sun_pu == large.sun_pu[:3]).all()


def test_another_seed_gives_other_days():
    assert (
        not np.isclose(
            drawn(pool_days=4).load_pu, drawn(pool_days=4, pool_seed=1).load_pu
        )
        .all(axis=(1, 2))
        .any()
    )


def test_seasons_take_turns():
    """At 53.55 degrees north the June day gives more energy than the one in December."""
    sun = drawn(pool_days=40).sun_pu.sum(axis=1).reshape(10, 4).mean(axis=0)
    assert sun[1] > 2 * sun[3]


def test_an_episode_is_a_day_and_one_step_of_the_next():
    days = drawn(pool_days=4)
    assert (days.n_days, days.n_steps) == (4, 96)
    assert days.load_pu.shape == (4, 97, 1)
    # the middle of the first quarter-hour
    assert days.hour[:, 0] == pytest.approx(0.125)
    assert days.hour[:, 96] == pytest.approx(0.125)


def test_two_days_in_hours():
    assert (
        drawn(pool_days=1, profiles=ProfileConfig(days=2, step_minutes=60)).n_steps
        == 48
    )


def test_clock_goes_forward():
    """On 30 March 2025 the hour after 1:59 is 3:00 in Berlin; the episode still has 96 steps."""
    days = drawn(
        pool_days=1,
        starts=(date(2025, 3, 30),),
        profiles=ProfileConfig(time_zone="Europe/Berlin"),
    )
    assert days.hour[0, [7, 8, 96]] == pytest.approx([1.875, 3.125, 1.125])
