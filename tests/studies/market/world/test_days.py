"""The minutes of a run: the stretched departure, the cleared minutes, prices and tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tieline import load_feeder
from tieline.errors import InputError
from tieline.profiles import BusSeries
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.world.days import MarketDay, departures, make_day

FEEDER = load_feeder("ieee33")


def day(extra: BusSeries | None = None, **values: object) -> MarketDay:
    config = MarketConfig.model_validate({"feeder": "ieee33", **values})
    series = extra or departures(FEEDER, config, {})
    return make_day(FEEDER, config, series)


def hourly(path: Path, column: str, values: list[float]) -> str:
    rows = [f"2025-06-21T{hour:02d}:00,{value}" for hour, value in enumerate(values)]
    path.write_text("\n".join([f"time,{column}", *rows]))
    return str(path)


def test_departures_go_from_zero_to_their_peak() -> None:
    peaks_kw = {"18": 150.0, "25": 40.0}
    series = departures(FEEDER, MarketConfig(feeder="ieee33"), peaks_kw)
    assert series.buses == ("18", "25")
    assert series.p_kw.shape == (1440, 2)
    assert series.p_kw.min(axis=0) == pytest.approx([0, 0])
    assert series.p_kw.max(axis=0) == pytest.approx([150, 40])


def test_a_table_of_departures_is_taken_as_it_is(tmp_path: Path) -> None:
    path = hourly(tmp_path / "extra.csv", "18", [5.0] * 23 + [11.0])
    config = MarketConfig(feeder="ieee33", extra_table=path)
    series = departures(FEEDER, config, {})
    assert series.buses == ("18",)
    assert series.p_kw[[0, -1], 0] == pytest.approx([5, 11])
    with pytest.raises(InputError, match="both have a load at 18"):
        departures(FEEDER, config, {"18": 4.0})


def test_the_window_and_the_step_choose_the_minutes() -> None:
    part = day(from_hour=8.0, to_hour=9.0, every_minutes=20)
    assert part.cleared.tolist() == [480, 500, 520]
    assert [part.hour(k) for k in part.cleared] == pytest.approx(
        [8, 8 + 1 / 3, 8 + 2 / 3]
    )
    # 60 x 8.7 is 521.9999...
    part = day(from_hour=8.7, to_hour=8.95, every_minutes=10)
    assert part.cleared.tolist() == [522, 532]
    assert part.stands_for.tolist() == [10, 5]
    part = day(from_hour=8.01, to_hour=8.5, every_minutes=60)
    assert (part.cleared.tolist(), part.stands_for.tolist()) == ([481], [29])
    with pytest.raises(InputError, match="No minute lies between"):
        day(from_hour=8.001, to_hour=8.002)


def test_loads_follow_their_table_and_the_schedule_its_own(tmp_path: Path) -> None:
    load = hourly(tmp_path / "load.csv", "load", [0.9] * 24)
    schedule = hourly(tmp_path / "schedule.csv", "load", [0.6] * 24)
    both = day(load_table=load, schedule_table=schedule, load_pct=50.0)
    # shares of loads that stand at half their nominal power already
    assert np.ptp(both.load_pu) < 1e-9
    assert both.load_pu[0, 0] == pytest.approx(1.8)
    assert both.schedule_pu[-1, -1] == pytest.approx(1.2)


def test_a_price_that_is_not_above_zero_is_refused_where_it_is_cleared(
    tmp_path: Path,
) -> None:
    path = hourly(tmp_path / "price.csv", "price", [50.0] * 12 + [-3.0] + [40.0] * 11)
    prices = day(price_table=path, to_hour=12.0).reference_price
    assert prices[0] == pytest.approx(0.05)
    with pytest.raises(
        InputError, match=r"-0.003 USD/kWh in the minute 2025-06-21 12:00"
    ):
        day(price_table=path)
    with pytest.raises(InputError, match="not above 0"):
        day(reference_price=0.0)
