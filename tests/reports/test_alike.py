"""Rows with the same numbers are one row that says how many they are."""

from __future__ import annotations

import pandas as pd

from tieline.reports.alike import joined_alike


def test_rows_that_look_alike_are_one() -> None:
    table = pd.DataFrame(
        {
            "bus": ["a", "b", "c", "d"],
            # the second differs from the first by less than a digit that is shown
            "v_highest_pu": [1.05561, 1.055610001, 1.04, 1.05561],
            "critical_share": [100.0, 100.0, 100.0, 50.0],
        }
    )
    joined = joined_alike(table, "bus")
    assert joined["bus"].tolist() == ["a and 1 more alike", "c", "d"]
    assert joined["v_highest_pu"].tolist() == [1.05561, 1.04, 1.05561]


def test_rows_that_differ_stay() -> None:
    table = pd.DataFrame({"bus": ["a", "b"], "v_highest_pu": [1.05, 1.04]})
    pd.testing.assert_frame_equal(joined_alike(table, "bus"), table)
