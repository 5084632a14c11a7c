"""The 33-bus case of the thesis: a line overloads without the margin, none with it, and the cost rises a little."""

from __future__ import annotations

import pandas as pd
import pytest

from tieline.studies.shell import run_study


@pytest.fixture(scope="module")
def searches() -> pd.DataFrame:
    """The hour of the highest demand."""
    result = run_study(
        "market",
        case="ieee33",
        from_hour=19.0,
        to_hour=22.0,
        every_minutes=30,
        optimum_every=0,
        sampled_minutes=0,
    )
    assert result.metrics["violations"] == 0
    return result.tables["searches"]


def test_only_the_margin_keeps_the_lines(searches: pd.DataFrame) -> None:
    overloaded = searches.groupby("margin").overloaded.sum()
    assert overloaded[True] == 0
    assert overloaded[False] > 0
    assert searches.left_kw.max() == pytest.approx(0, abs=1e-3)


def test_more_than_one_der_where_one_does_not_do(searches: pd.DataFrame) -> None:
    large = searches[searches.margin & (searches.sold_kw > 620)]
    assert len(large)
    assert (large.ders > 1).all()


def test_the_cost_rises_by_less_than_5_pct(searches: pd.DataFrame) -> None:
    cost = searches.groupby("margin").cost_usd.sum()
    assert 1.0 < cost[True] / cost[False] < 1.05
