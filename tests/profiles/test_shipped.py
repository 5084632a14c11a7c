"""Series of a SimBench grid are shares of its loads and of its PV, at instants."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("pandapower", reason="pandapower is not installed")
from simbench_stand_in import CODE, use_stand_in
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.profiles import (
    load_pu_from_table,
    load_table,
    sun_from_table,
)

NAME = f"simbench:{CODE}"


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    use_stand_in(monkeypatch)


def half_hours() -> pd.DatetimeIndex:
    """22:30 and 23:00 UTC: midnight in Berlin is between them."""
    return pd.date_range("2016-03-26 22:30", periods=2, freq="30min", tz="UTC")


def test_loads_have_their_series_by_name() -> None:
    table = load_table(NAME, "UTC")
    load_pu = load_pu_from_table(table, load_feeder(NAME), half_hours())
    # means of two quarter hours, in the order of the feeder's loads
    np.testing.assert_allclose(load_pu, [[0.15, 0.85], [0.35, 0.65]])


def test_the_sun_is_the_mean_by_rating() -> None:
    # 30 and 10 kVA: (0 + 0.3) / 2, then (0.7 + 0.8) / 2
    sun_pu = sun_from_table(NAME, "UTC", half_hours())
    assert sun_pu == pytest.approx([0.15, 0.75])


def test_times_are_german_ones() -> None:
    table = load_table(NAME)
    assert table.index[0] == pd.Timestamp("2016-03-26 23:30", tz="Europe/Berlin")


def test_a_network_without_series_is_told() -> None:
    with pytest.raises(InputError, match="comes without series"):
        load_table("pandapower:simple_four_bus_system")
