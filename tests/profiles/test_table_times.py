"""The two odd nights of the year, offsets, zones, and times that are wrong."""

from __future__ import annotations

import pandas as pd
import pytest

from tieline.errors import InputError
from tieline.profiles.table_times import read_times

BERLIN = "Europe/Berlin"


def codes(cells: list[str], zone: str | None = BERLIN) -> list[str]:
    return [
        finding.code.removeprefix("SERIES.")
        for finding in read_times(pd.Series(cells), zone)[1]
    ]


def test_the_hour_that_comes_twice_goes_by_order():
    cells = [
        "2025-10-26 01:30",
        "2025-10-26 02:00",
        "2025-10-26 02:30",
        "2025-10-26 02:00",
        "2025-10-26 02:30",
        "2025-10-26 03:00",
    ]
    times, found = read_times(pd.Series(cells), BERLIN)
    assert not found
    assert times.equals(
        pd.date_range("2025-10-25 23:30", periods=6, freq="30min", tz="UTC").tz_convert(
            BERLIN
        )
    )


def test_the_hour_that_does_not_exist_is_named():
    times, found = read_times(
        pd.Series(["2025-03-30 01:00", "2025-03-30 02:00", "2025-03-30 03:00"]), BERLIN
    )
    assert [finding.code for finding in found] == ["SERIES.TIME_NONEXISTENT"]
    assert "2025-03-30 02:00:00" in str(found[0])
    assert not len(times)


def test_a_day_of_23_hours_without_its_hole_is_right():
    cells = [f"2025-03-30 {hour:02d}:00" for hour in range(24) if hour != 2]
    times, found = read_times(pd.Series(cells), BERLIN)
    assert not found
    assert set(times[1:] - times[:-1]) == {pd.Timedelta(hours=1)}


def test_offsets_need_no_zone():
    times, found = read_times(
        pd.Series(["2025-01-01T00:00+01", "2025-01-01T00:00Z"]), None
    )
    assert not found
    assert times[0] == pd.Timestamp("2024-12-31 23:00", tz="UTC")
    assert str(times.tz) == "UTC"


@pytest.mark.parametrize(
    ("cells", "zone", "code"),
    [
        (["2025-01-01", "2025-01-02"], None, "TIME_ZONE"),
        (["2025-01-01 00:00Z", "2025-01-01 01:00"], BERLIN, "TIME_MIXED"),
        (["2025-01-01 00:00", "noon"], BERLIN, "TIME_VALUE"),
        (["2025-01-01 00:00", ""], BERLIN, "TIME_VALUE"),
        (["2025-01-01 25:00Z", "2025-01-01 01:00Z"], BERLIN, "TIME_VALUE"),
        (["2025-01-01 00:00", "2025-01-01 00:00"], BERLIN, "TIME_TWICE"),
        (["2025-01-01 01:00", "2025-01-01 00:00"], BERLIN, "TIME_ORDER"),
        (["2025-01-01 00:00"], BERLIN, "TOO_SHORT"),
    ],
)
def test_wrong_times(cells: list[str], zone: str | None, code: str):
    assert codes(cells, zone) == [code]


def test_a_third_time_in_the_hour_that_comes_twice():
    assert codes(["2025-10-26 02:00", "2025-10-26 02:00", "2025-10-26 02:00"]) == [
        "TIME_TWICE"
    ]


def test_rows_are_those_of_the_file():
    found = read_times(
        pd.Series(["2025-01-01 00:00", "2025-01-01 02:00", "2025-01-01 01:00"]), BERLIN
    )[1]
    assert "rows 4" in str(found[0])


def test_columns_of_instants_keep_their_zone_or_take_the_asked_one():
    instants = pd.Series(
        pd.date_range("2025-01-01", periods=2, freq="h", tz="Asia/Tokyo")
    )
    assert str(read_times(instants, None)[0].tz) == "Asia/Tokyo"
    assert str(read_times(instants, BERLIN)[0].tz) == BERLIN
    missing = pd.Series([pd.Timestamp("2025-01-01"), pd.NaT])
    assert [finding.code for finding in read_times(missing, BERLIN)[1]] == [
        "SERIES.TIME_VALUE"
    ]


def test_unknown_zone():
    with pytest.raises(InputError, match="IANA name"):
        read_times(pd.Series(["2025-01-01", "2025-01-02"]), "Berlin")
