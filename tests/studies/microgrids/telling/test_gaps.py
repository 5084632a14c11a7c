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
).assign(policy=-1)


def gap(frame: pd.DataFrame, column: str, value: object) -> float:
    """Of the rule, in the row of a day or microgrid."""
    is_row = (frame[column] == value) & (frame.decider == "rule")
    return float(frame.gap_pct[is_row].item())


def test_stored_energy_is_paid_back_and_the_size_of_the_optimum_counts() -> None:
    gaps = gaps_by_day(BILLS)
    # 154 over 140; and -19 above -20
    assert gap(gaps, "day", 1) == pytest.approx(100 * 14 / 140)
    assert gap(gaps, "day", 2) == pytest.approx(100 * 1 / 20)
    assert "central" not in set(gaps.decider)


def test_a_single_microgrid_may_be_below_the_optimum() -> None:
    cheaper = BILLS.replace({"cost_usd": {99.0: 90.0}})
    gaps = gaps_by_microgrid(cheaper)
    assert gap(gaps, "microgrid", "a") == pytest.approx(100 * -8 / 80)
    assert gap(gaps, "microgrid", "b") == pytest.approx(100 * 14 / 40)


def test_without_the_optimum_there_is_no_gap() -> None:
    assert gaps_by_day(BILLS[BILLS.decider == "rule"]).empty
    first = BILLS[~((BILLS.day == 2) & (BILLS.decider == "central"))]
    assert list(gaps_by_day(first).day) == [1]
    # day 2 has no optimum, and counts for nothing
    of_a = gap(gaps_by_microgrid(first), "microgrid", "a")
    assert of_a == pytest.approx(100 * -1 / 100)
