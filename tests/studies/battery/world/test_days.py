"""The stretched load curve by hand, and series from files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.world.days import make_days, stretched


def test_stretched_by_hand() -> None:
    sun, curve = np.array([0.0, 1.0, 0.5, 0.0]), np.array([0.2, 0.4, 0.5, 0.8])
    assert stretched(curve, sun, 0.1, 0.9) == pytest.approx([0.1, 0.1, 0.3, 0.9])


def test_a_curve_without_a_valley_at_noon_is_refused() -> None:
    with pytest.raises(InputError, match="no valley there to stretch"):
        stretched(np.array([0.2, 0.9, 0.3]), np.array([0.0, 1.0, 0.0]), 0.05, 1.0)


def test_the_published_state_is_the_sunniest_step() -> None:
    feeder = load_feeder("ieee33")
    day = next(make_days(feeder, BatteryConfig()))
    nominal = np.array([load.p_kw for load in feeder.loads])
    sunniest = day.sun_pu >= day.sun_pu.max()
    assert len(day.price) == 96
    assert day.sun_pu.max() == 1.0
    assert day.load_kw[sunniest].min(axis=0) == pytest.approx(0.05 * nominal)
    assert day.load_kw.max(axis=0) == pytest.approx(nominal)
    assert (day.load_kvar == 0).all()


def test_a_day_depends_on_its_number_only() -> None:
    feeder = load_feeder("ieee33")
    both = list(make_days(feeder, BatteryConfig(scenarios=2)))
    assert both[0].price == pytest.approx(
        next(make_days(feeder, BatteryConfig())).price
    )
    assert abs(both[0].price - both[1].price).max() > 0.001


def test_a_table_shorter_than_the_days_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "price.csv"
    path.write_text(
        "time,price\n2025-06-21T00:00,30\n2025-06-21T01:00,40\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match="Give a longer table"):
        next(make_days(load_feeder("ieee33"), BatteryConfig(price_table=str(path))))


def test_prices_may_be_negative_but_nothing_else(tmp_path: Path) -> None:
    """A market pays for taking energy at noon; a negative sun is a slip."""
    hours = [f"2025-06-21T{hour:02d}:00" for hour in range(24)]
    prices, sun = tmp_path / "price.csv", tmp_path / "sun.csv"
    prices.write_text(
        "time,price\n"
        + "".join(
            f"{hour},{-25 if 10 <= k < 15 else 40}\n" for k, hour in enumerate(hours)
        )
    )
    sun.write_text("time,sun\n" + "".join(f"{hour},-0.1\n" for hour in hours))
    feeder = load_feeder("ieee33")
    day = next(
        make_days(
            feeder,
            BatteryConfig(
                price_table=str(prices), start=date(2025, 6, 21), step_minutes=60
            ),
        )
    )
    assert (day.price.min(), int((day.price < 0).sum())) == (-0.025, 5)
    with pytest.raises(InputError, match="below zero"):
        next(
            make_days(
                feeder,
                BatteryConfig(
                    sun_table=str(sun), start=date(2025, 6, 21), step_minutes=60
                ),
            )
        )
