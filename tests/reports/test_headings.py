"""Column names as headings for people."""

from __future__ import annotations

import pytest

from tieline.reports.headings import heading_words


@pytest.mark.parametrize(
    ("column", "words", "unit"),
    [
        ("v_max_pu", "highest voltage", "pu"),
        ("v_median_pu", "median voltage", "pu"),
        ("cost_usd_mean", "mean cost", "USD"),
        ("loss_kw_mean", "mean loss", "kW"),
        ("cost_gbp", "cost", "GBP"),
        ("pv_kw", "PV", "kW"),
        ("p_max_kw", "highest active power", "kW"),
        ("lent_energy_kwh", "lent energy", "kWh"),
        ("drawn_high_pu", "drawn high", "pu"),
        ("bus", "bus", ""),
        ("pu", "pu", ""),
        ("max", "highest", ""),
        # codes of currencies that are words too
        ("deployments_all", "deployments all", ""),
        ("first_try", "first try", ""),
    ],
)
def test_a_heading_says_what_and_in_which_unit(
    column: str, words: str, unit: str
) -> None:
    assert heading_words(column) == (words, unit)
