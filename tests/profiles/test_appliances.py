"""The table of appliances: starts add up, durations stand for their law, and the figures are those of the measured days."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from profiles.fit_households import BANDS_KW, events_of, read_days

from tieline.profiles.appliances import (
    ACTIVE_SHARE,
    APPLIANCES,
    IDLE_KW,
    Appliance,
    lognormal,
)

HOURS = np.arange(0.005, 24, 0.01)


@pytest.mark.parametrize("appliance", APPLIANCES, ids=lambda a: a.name)
def test_starts_of_a_day_add_up(appliance: Appliance):
    assert appliance.starts_per_h(HOURS).mean() * 24 == pytest.approx(
        appliance.per_day, rel=1e-3
    )
    assert appliance.starts_per_h(np.array([0.0])) == pytest.approx(
        appliance.starts_per_h(np.array([24.0]))
    )


@pytest.mark.parametrize("appliance", APPLIANCES, ids=lambda a: a.name)
def test_duration_points_hold_mean_and_most_of_the_square(appliance: Appliance):
    points = appliance.durations_h * 60
    assert points.mean() == pytest.approx(appliance.minutes)
    square = appliance.minutes**2 * (1 + appliance.minutes_spread**2)
    assert (points**2).mean() == pytest.approx(square, rel=0.08)  # the far tail is cut


def test_lognormal_has_the_stated_mean_and_spread():
    x = lognormal(np.random.default_rng(0).standard_normal(400_000), 3.0, 0.5)
    assert x.mean() == pytest.approx(3.0, rel=0.01)
    assert x.std() / x.mean() == pytest.approx(0.5, rel=0.02)


def test_expected_energy_of_a_home():
    daily_kwh = 24 * IDLE_KW + sum(
        a.owners * a.per_day * a.kw * a.minutes / 60 for a in APPLIANCES
    )
    assert daily_kwh == pytest.approx(8.80, rel=0.04)  # mean of the measured days
    assert 0 < ACTIVE_SHARE < 1


def test_events_of_a_day_by_hand():
    day_kw = np.full(1440, 0.05)
    day_kw[100:160] += 0.1
    day_kw[120:123] += 2.0
    events = sorted(events_of(day_kw))
    assert [(event.start, event.minutes) for event in events] == [(100, 60), (120, 3)]
    assert [event.kw for event in events] == pytest.approx([0.1, 2.0])


def test_table_is_what_the_measured_days_say(shared_dir: Path):
    days = read_days(shared_dir / "feeders" / "european_lv" / "Daily_1min_100profiles")
    events = np.array([event for day in days for event in events_of(day)])
    band = np.digitize(events[:, 2], BANDS_KW) - 1
    for k, appliance in enumerate(APPLIANCES):
        minutes, kw = events[band == k, 1], events[band == k, 2]
        assert len(kw) / len(days) == pytest.approx(
            appliance.owners * appliance.per_day, rel=0.02
        )
        assert kw.mean() == pytest.approx(appliance.kw, rel=0.04)
        assert minutes.mean() == pytest.approx(appliance.minutes, rel=0.02)
    assert days.min(axis=1).mean() == pytest.approx(IDLE_KW, abs=0.001)
