"""Gaps by hand: two days, two microgrids."""

from __future__ import annotations

import pandas as pd
import pytest

from tieline.studies.microgrids.telling.gaps import gaps_by_day, gaps_by_microgrid

BILLS = pd.DataFrame(
    [
        (1, "central", "a", 100.0, 0.0),
        (1, "central", "b", 50.0, 10.0),
        (1, "rule", "a", 99.0, 0.0),
        (1, "rule", "b", 57.0, 2.0),
        (2, "central", "a", -20.0, 0.0),
        (2, "central", "b", 0.0, 0.0),
        (2, "rule", "a", -18.0, 0.0),
        (2, "rule", "b", 0.0, 1.0),
    ],
    columns=["day", "decider", "microgrid", "cost_usd", "stored_gain_usd"],
)


def test_stored_energy_is_paid_back_and_the_size_of_the_optimum_counts() -> None:
    gaps = gaps_by_day(BILLS)
    # 154 over 140; and -19 above -20
    assert gaps.loc[1, "rule"] == pytest.approx(100 * 14 / 140)
    assert gaps.loc[2, "rule"] == pytest.approx(100 * 1 / 20)
    assert (gaps["central"] == 0).all()


def test_a_single_microgrid_may_be_below_the_optimum() -> None:
    gaps = gaps_by_microgrid(BILLS)
    assert gaps.loc["a", "rule"] == pytest.approx(100 * 1 / 80)
    assert gaps.loc["b", "rule"] == pytest.approx(100 * 14 / 40)


def test_without_the_optimum_there_is_no_gap() -> None:
    assert gaps_by_day(BILLS[BILLS.decider == "rule"]).empty
