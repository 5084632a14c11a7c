"""Cells, even steps and gaps, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tieline.profiles.table_values import close_gaps, even_rows, read_values

HOURS = pd.date_range("2025-01-01", periods=6, freq="h", tz="UTC")


def frame(*values: float, times: pd.DatetimeIndex = HOURS) -> pd.DataFrame:
    return pd.DataFrame({"a": list(values)}, index=times)


def test_blank_cells_are_gaps_and_words_are_findings():
    values, found = read_values(
        pd.DataFrame({"a": ["1", " ", "2e0"], "b": ["1", "n/a", "1,5"]}),
        may_be_negative=False,
    )
    assert values["a"].tolist()[::2] == [1.0, 2.0]
    assert np.isnan(values["a"][1])
    assert [f.code for f in found] == ["SERIES.VALUE"]
    assert "'n/a' in row 3, '1,5' in row 4" in found[0].message


def test_negative_prices_may_be():
    cells = pd.DataFrame({"price": ["-5", "3"]})
    assert [f.code for f in read_values(cells, may_be_negative=False)[1]] == [
        "SERIES.NEGATIVE"
    ]
    assert read_values(cells, may_be_negative=True)[1] == []


def test_missing_rows_become_gaps():
    values, found = even_rows(frame(1, 2, 4, 5, times=HOURS[[0, 1, 3, 4]]))
    assert not found
    assert values["a"].isna().tolist() == [False, False, True, False, False]


def test_uneven_steps_are_named():
    odd = pd.DatetimeIndex([*HOURS[:3], HOURS[3] + pd.Timedelta(minutes=7)])
    found = even_rows(frame(1, 2, 3, 4, times=odd))[1]
    assert [f.code for f in found] == ["SERIES.STEP_UNEVEN"]
    assert "03:07" in str(found[0])
    assert "60 min" in str(found[0])


def test_gaps_up_to_the_stated_length_are_filled():
    filled, found = close_gaps(frame(1, np.nan, np.nan, 4, np.nan, 6), fill_up_to_h=2.0)
    assert not found
    assert filled["a"].tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ((1, np.nan, np.nan, 4, 5, 6), "01:00:00+00:00 (2 h)"),
        ((np.nan, 2, 3, 4, 5, 6), "00:00:00+00:00 (1 h)"),
    ],
)
def test_longer_gaps_and_those_at_an_end_are_named(
    values: tuple[float, ...], place: str
):
    found = close_gaps(frame(*values), fill_up_to_h=1.0)[1]
    assert [f.code for f in found] == ["SERIES.GAP"]
    assert place in str(found[0])


def test_nothing_is_filled_unless_asked():
    assert close_gaps(frame(1, np.nan, 3, 4, 5, 6), fill_up_to_h=0.0)[1]
