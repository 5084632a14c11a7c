"""Resampling keeps energy; columns become loads by name."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from builders import two_bus
from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.profiles.use_table import (
    at_times,
    load_pu_from_table,
    series_from_table,
    sun_from_table,
)


def hours(n: int, step: str = "h", start: str = "2025-01-01") -> pd.DatetimeIndex:
    return pd.date_range(start, periods=n, freq=step, tz="UTC")


def table(times: pd.DatetimeIndex, **columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame(columns, index=times)


def feeder(**p_kw: float) -> Feeder:
    base = two_bus()
    return base.replace(
        loads=tuple(
            dataclasses.replace(base.loads[0], name=name, p_kw=kw)
            for name, kw in p_kw.items()
        )
    )


def test_longer_steps_get_means():
    source = table(hours(4, "30min"), a=[1.0, 3.0, 5.0, 9.0])
    np.testing.assert_allclose(at_times(source, hours(2)), [[2.0], [7.0]])


def test_shorter_steps_hold_the_value():
    np.testing.assert_allclose(
        at_times(table(hours(2), a=[2.0, 6.0]), hours(4, "30min"))[:, 0], [2, 2, 6, 6]
    )


def test_steps_that_do_not_line_up_take_their_shares():
    source = table(hours(2), a=[2.0, 6.0])
    np.testing.assert_allclose(
        at_times(source, hours(3, "40min"))[:, 0], [2.0, 4.0, 6.0]
    )


def test_energy_is_kept():
    random = np.random.default_rng(0).random((96, 3))
    source = pd.DataFrame(random, index=hours(96, "15min"), columns=list("abc"))
    for times, step_h in (
        (hours(24), 1.0),
        (hours(288, "5min"), 1 / 12),
        (hours(36, "40min"), 2 / 3),
    ):
        np.testing.assert_allclose(
            at_times(source, times).sum(axis=0) * step_h, random.sum(axis=0) / 4
        )


def test_other_zones_are_the_same_instants():
    source = table(hours(48), a=[float(k) for k in range(48)])
    local = pd.date_range("2025-01-01 12:00", periods=2, freq="h", tz="Asia/Tokyo")
    assert at_times(source, local)[:, 0].tolist() == [3.0, 4.0]


@pytest.mark.parametrize("start", ["2024-12-31", "2025-01-01 12:00"])
def test_a_table_too_short_is_named(start: str):
    with pytest.raises(InputError, match=r"covers 2025-01-01 00:00:00.*longer table"):
        at_times(table(hours(24), a=[1.0] * 24), hours(24, start=start))


def test_columns_by_name_in_any_order():
    source = table(hours(2), west=[10.0, 20.0], east=[1.0, 2.0])
    net = feeder(east=4.0, west=40.0)
    np.testing.assert_allclose(
        load_pu_from_table(source, net, hours(2), "kw"), [[0.25, 0.25], [0.5, 0.5]]
    )
    np.testing.assert_allclose(
        load_pu_from_table(source, net, hours(2)), [[1, 10], [2, 20]]
    )


def test_one_column_for_all():
    source = table(hours(2), feeder=[11.0, 22.0])
    np.testing.assert_allclose(
        load_pu_from_table(source, feeder(east=4.0, west=40.0), hours(2), "kw"),
        [[0.25] * 2, [0.5] * 2],
    )


def test_one_column_of_another_name_is_a_load_that_is_not_there():
    source = table(hours(2), wset=[1.0, 2.0])
    with pytest.raises(InputError, match=r"'wset'.*a single column 'load' for all"):
        load_pu_from_table(source, feeder(east=4.0, west=40.0), hours(2))


def test_sunlight_in_another_unit_is_refused(tmp_path: Path):
    path = tmp_path / "sun.csv"
    path.write_text("time,sun\n2025-01-01T00:00Z,1\n2025-01-01T01:00Z,80\n")
    with pytest.raises(InputError, match=r"'80' in row 3 is above 1\. Give shares"):
        sun_from_table(str(path), "UTC", hours(2))


def test_columns_that_do_not_fit_are_named():
    source = table(hours(2), east=[1.0, 2.0], wset=[1.0, 2.0])
    with pytest.raises(
        InputError,
        match=r"Unknown load 'wset'. Did you mean 'west'.*1 load without a column",
    ):
        load_pu_from_table(source, feeder(east=4.0, west=40.0), hours(2))


def test_kw_of_a_load_without_power():
    with pytest.raises(InputError, match="0 kW"):
        load_pu_from_table(
            table(hours(2), east=[1.0, 2.0]), feeder(east=0.0), hours(2), "kw"
        )


def test_a_series_is_the_one_column_of_a_file(tmp_path: Path):
    path = tmp_path / "sun.csv"
    path.write_text("time,sun\n2025-01-01T00:00Z,0.2\n2025-01-01T01:00Z,0.6\n")
    np.testing.assert_allclose(
        series_from_table(str(path), "UTC", hours(2)), [0.2, 0.6]
    )


def test_a_series_of_two_columns_is_refused(tmp_path: Path):
    path = tmp_path / "sun.csv"
    path.write_text("time,a,b\n2025-01-01T00:00Z,0.2,1\n2025-01-01T01:00Z,0.6,1\n")
    with pytest.raises(InputError, match="has 2 columns beside the time"):
        series_from_table(str(path), "UTC", hours(2))
