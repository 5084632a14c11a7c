"""What the tables of a battery run say of each other, on the published day."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tieline.reports.html import Text
from tieline.studies import run_study
from tieline.studies.battery.report import report
from tieline.studies.result import Result


@pytest.fixture(scope="module")
def result() -> Result:
    return run_study("battery", step_minutes=60, bound="off")


def test_the_bill_by_region_adds_up(result: Result) -> None:
    split = result.tables["costs"].groupby("case").sum(numeric_only=True).sum(axis=1)
    for case in ("none", "conventional", "mpc", "csocc"):
        assert split[case] == pytest.approx(result.number(f"cost_usd_{case}"))


def test_what_buses_take_is_what_the_source_gives_less_losses(result: Result) -> None:
    voltages = result.tables["voltages"]
    taken_kw = voltages.groupby(["case", "time"])["net_load_kw"].sum()
    source_kw = result.tables["steps"].set_index("time")["source_kw_mpc"]
    loss_kw = source_kw - taken_kw.loc["mpc"]
    assert loss_kw.min() > -1e-6
    assert loss_kw.max() < 0.08 * source_kw.abs().max()


def test_what_critical_buses_need_is_what_is_borrowed(result: Result) -> None:
    buses = result.tables["buses"]
    assert buses["required_kwh"].sum() == pytest.approx(
        result.number("required_energy_kwh"), rel=0.02
    )
    critical = buses["role"] == "critical"
    assert (buses["required_kwh"] > 0).equals(critical)
    # batteries of 20 % of the load; PV at 90 % of it less a load of 5 % is to be absorbed
    assert buses.loc[critical, "deployed_pct"].to_list() == pytest.approx([20.0] * 3)
    assert buses.loc[critical, "needed_pct"].to_list() == pytest.approx(
        [85.0] * 3, abs=1.0
    )


def test_the_watched_search_ends_with_the_ranking(result: Result) -> None:
    search = result.tables["search"]
    last: pd.Series = search[search["episode"] == search["episode"].max()].set_index(
        "bus"
    )["value_kw"]
    ranking = result.tables["ranking"].set_index("bus")["value_kw"]
    assert list(last.index) == list(ranking.index[: len(last)])
    assert np.allclose(last, ranking[last.index])


def test_the_page_says_what_csocc_stands_for(result: Result) -> None:
    sections = report(result).sections
    blocks = [block for section in sections for block in section.blocks]
    texts = [block.text for block in blocks if isinstance(block, Text)]
    assert any("cooperative state-of-charge control (CSOCC)" in text for text in texts)
