"""Reading CSV and Parquet: formats, columns, and all findings in one error."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tieline.errors import InputError
from tieline.profiles import load_table
from tieline.profiles.problems import TableError


def write(folder: Path, text: str, name: str = "series.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_plain_file(tmp_path: Path):
    table = load_table(
        write(tmp_path, "Time, House_1\n2025-01-01 00:00,0.5\n2025-01-01 00:30,0.25\n"),
        "Europe/Berlin",
    )
    assert table.to_dict("list") == {"house_1": [0.5, 0.25]}
    assert table.index[0] == pd.Timestamp("2025-01-01 00:00", tz="Europe/Berlin")


def test_semicolons_and_a_byte_order_mark(tmp_path: Path):
    path = write(
        tmp_path, "\ufefftimestamp;a;b\n2025-01-01T00:00Z;1;2\n2025-01-01T01:00Z;3;4\n"
    )
    assert load_table(path)["b"].tolist() == [2.0, 4.0]


@pytest.mark.parametrize("as_index", [True, False])
def test_parquet(tmp_path: Path, as_index: bool):
    times = pd.date_range("2025-01-01", periods=3, freq="h", tz="UTC", name="time")
    frame = pd.DataFrame({"A": [1.0, 2.0, 3.0]}, index=times)
    (frame if as_index else frame.reset_index()).to_parquet(tmp_path / "series.parquet")
    table = load_table(tmp_path / "series.parquet", "Europe/Berlin")
    assert table["a"].tolist() == [1.0, 2.0, 3.0]
    assert str(pd.DatetimeIndex(table.index).tz) == "Europe/Berlin"


def test_findings_of_times_and_values_come_together(tmp_path: Path):
    text = "time,a,b\n2025-01-01 00:00,x,1\n2025-01-01 01:00,1,-2\n2025-01-01 01:00,1,inf\n"
    with pytest.raises(TableError) as error:
        load_table(write(tmp_path, text), "UTC")
    codes = [finding.code for finding in error.value.findings]
    assert codes == [
        "SERIES.TIME_TWICE",
        "SERIES.VALUE",
        "SERIES.VALUE",
        "SERIES.NEGATIVE",
    ]
    assert "has 4 problems" in str(error.value)
    assert "column 'a': 'x' in row 2 is no number" in str(error.value)


def test_gaps_are_reported_with_bad_cells_and_not_twice(tmp_path: Path):
    text = "time,a\n2025-01-01T00:00Z,1\n2025-01-01T01:00Z,x\n2025-01-01T02:00Z,\n2025-01-01T03:00Z,4\n2025-01-01T05:00Z,4\n"
    with pytest.raises(TableError) as error:
        load_table(write(tmp_path, text))
    gap, value = error.value.findings
    assert (gap.code, value.code) == ("SERIES.GAP", "SERIES.VALUE")
    assert "02:00:00+00:00 (1 h), 2025-01-01 04:00:00+00:00 (1 h)." in gap.message


def test_a_year_that_is_mistyped_does_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tieline.profiles.table_values.memory_bytes", lambda: 10**9)
    text = "time,a\n2025-01-01T00:00:00Z,1\n2025-01-01T00:00:01Z,1\n2225-01-01T00:00:02Z,1\n"
    with pytest.raises(
        TableError,
        match=r"SERIES\.TOO_LONG.* 6,311,347,203 steps of 1 s, more than there is memory for",
    ):
        load_table(write(tmp_path, text))


def test_another_time_column(tmp_path: Path):
    path = write(tmp_path, "when,a\n2025-01-01T00:00Z,1\n2025-01-01T01:00Z,2\n")
    with pytest.raises(InputError, match="it has: when, a"):
        load_table(path)
    assert load_table(path, time_column="When")["a"].tolist() == [1.0, 2.0]
    with pytest.raises(InputError, match="Did you mean 'when'"):
        load_table(path, time_column="whan")


def test_column_twice(tmp_path: Path):
    path = write(tmp_path, "time,a,A\n2025-01-01T00:00Z,1,2\n2025-01-01T01:00Z,2,3\n")
    with pytest.raises(TableError, match="COLUMN_TWICE"):
        load_table(path)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("series.txt", "time,a\n", "neither .csv nor .parquet"),
        ("series.csv", "", "is not (UTF-8|Parquet|a table)"),
        ("series.parquet", "no parquet", "is not (UTF-8|Parquet|a table)"),
        ("series.csv", 'time,a\n"2025', "is not a table|TOO_SHORT"),
        ("series.csv", "time,a\n2025-01-01T00:00Z,1\n", "TOO_SHORT"),
        ("series.csv", "time\n2025-01-01T00:00Z\n2025-01-01T01:00Z\n", "NO_SERIES"),
    ],
)
def test_files_that_are_no_tables(tmp_path: Path, name: str, text: str, says: str):
    with pytest.raises(InputError, match=says):
        load_table(write(tmp_path, text, name))


def test_blank_lines_are_skipped_and_counted(tmp_path: Path):
    text = "time,a\n2025-01-01T00:00Z,1\n\n2025-01-01T01:00Z,x\n,\n\n"
    with pytest.raises(TableError, match="'x' in row 4"):
        load_table(write(tmp_path, text))
    assert load_table(write(tmp_path, text.replace("x", "2")))["a"].tolist() == [
        1.0,
        2.0,
    ]


def test_short_rows_are_gaps_and_long_ones_are_refused(tmp_path: Path):
    with pytest.raises(TableError, match=r"GAP.*01:00"):
        load_table(
            write(
                tmp_path,
                "time,a\n2025-01-01T00:00Z,1\n2025-01-01T01:00Z\n2025-01-01T02:00Z,3\n",
            )
        )
    with pytest.raises(InputError, match="decimal sign a comma"):
        load_table(
            write(tmp_path, "time,a\n2025-01-01T00:00Z,1,5\n2025-01-01T01:00Z,2,5\n")
        )
    with pytest.raises(InputError, match=r"is not (UTF-8|Parquet|a table)"):
        load_table(
            write(tmp_path, "time,a\n2025-01-01T00:00Z,1\n2025-01-01T01:00Z,2,5\n")
        )


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(InputError, match="Check the path"):
        load_table(tmp_path / "none.csv")


def test_bytes_that_are_no_text(tmp_path: Path):
    (tmp_path / "series.csv").write_bytes(b"time,a\xff\xfe\n1,2\n")
    with pytest.raises(InputError, match=r"is not (UTF-8|Parquet|a table)"):
        load_table(tmp_path / "series.csv")
