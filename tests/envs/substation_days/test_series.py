"""Substations, drawn and read from a made-up file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tieline.envs.substation_days.own_file import read_series
from tieline.envs.substation_days.series import (
    PEAK_KW,
    Mix,
    SubstationSeries,
    draw_series,
    half_hours,
)
from tieline.errors import InputError

HOMES = Mix(homes=1.0, businesses=0.0, industry=0.0, steady=0.0)
STEADY = Mix(homes=0.0, businesses=0.0, industry=0.0, steady=1.0)


def test_mean_of_substations_by_name() -> None:
    times = half_hours(date(2024, 5, 1), date(2024, 5, 2))[:2]
    series = SubstationSeries(
        times, ("a", "b", "c"), np.array([[1.0, 2.0, 6.0], [3.0, 4.0, 8.0]])
    )
    assert series.mean_mw(["c", "a"]).tolist() == [3.5, 5.5]
    with pytest.raises(InputError, match="'d'"):
        series.mean_mw(["d"])


def test_a_mix_is_drawn_part_by_part() -> None:
    times = half_hours(date(2024, 6, 1), date(2024, 6, 8))
    half = Mix(homes=0.5, businesses=0.0, industry=0.0, steady=0.5)
    alone = draw_series({"a": HOMES}, times, 3).load_mw[:, 0]
    both = draw_series({"b": STEADY, "a": half}, times, 3).load_mw
    assert both[:, 0].tolist() == [PEAK_KW / 1e3] * len(times)
    assert both[:, 1] == pytest.approx(0.5 * alone + 0.5 * PEAK_KW / 1e3)
    # homes rise in the evening and fall at night, local time
    hour = times.hour.to_numpy()
    assert alone[hour == 19].mean() > 2.0 * alone[hour == 3].mean()


def table(quarters: int = 8, **columns: object) -> pd.DataFrame:
    """Two substations in quarters of an hour from midnight UTC."""
    begins = pd.date_range("2024-05-01", periods=quarters, freq="15min", tz="UTC")
    parts = []
    for name, first in (("Elm St 11kV", 10.0), ("Ash Rd 33_11kV", 20.0)):
        parts.append(
            pd.DataFrame(
                {
                    "interval_start": begins,
                    "zone_substation": name,
                    "load_mw": first + np.arange(quarters),
                    "fiscal_year": "FY25",
                    **columns,
                }
            )
        )
    return pd.concat(parts)


def test_a_users_file_is_averaged_to_half_hours(tmp_path: Path) -> None:
    path = tmp_path / "series.parquet"
    table().sample(frac=1.0, random_state=0).to_parquet(path)
    times = half_hours(date(2024, 5, 1), date(2024, 5, 2))[:4]
    series = read_series(path, ["Ash Rd 33_11kV", "Elm St 11kV"], times)
    assert series.load_mw[:, 0].tolist() == [20.5, 22.5, 24.5, 26.5]
    assert series.mean_mw(["Elm St 11kV"]).tolist() == [10.5, 12.5, 14.5, 16.5]


def test_what_a_file_lacks_is_said(tmp_path: Path) -> None:
    path = tmp_path / "series.parquet"
    times = half_hours(date(2024, 5, 1), date(2024, 5, 2))[:5]
    with pytest.raises(InputError, match="cannot be read"):
        read_series(path, ["Elm St 11kV"], times)
    path.write_text("no Parquet")
    with pytest.raises(InputError, match="is not Parquet"):
        read_series(path, ["Elm St 11kV"], times)
    table().drop(columns="load_mw").to_parquet(path)
    with pytest.raises(InputError, match="has no column load_mw"):
        read_series(path, ["Elm St 11kV"], times)
    table().to_parquet(path)
    with pytest.raises(InputError, match="'Elm Street'"):
        read_series(path, ["Elm Street"], times)
    with pytest.raises(InputError, match=r"no load of 'Elm St 11kV' at .*12:00"):
        read_series(path, ["Elm St 11kV"], times)
