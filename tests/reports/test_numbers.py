"""How numbers are written."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tieline.reports.numbers import (
    MINUS,
    MISSING,
    THIN_SPACE,
    brief,
    format_column,
    format_number,
    split_unit,
    told_apart,
)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.04866, "pu", "1.0487"),
        (1, "pu", "1.0000"),
        (0.03123, "", "0.03123"),
        (0.0312, "", "0.0312"),
        (12.5, "kW", "12.5"),
        (2000, "", f"2{THIN_SPACE}000"),
        (1234567.8, "kW", f"1{THIN_SPACE}234{THIN_SPACE}568"),
        (-3.25, "kW", f"{MINUS}3.25"),
        (0.0, "", "0"),
        (-1e-12, "", "0"),
        (np.float64(2.5), "", "2.5"),
        (np.int64(7), "", "7"),
        (True, "", "yes"),
        (np.False_, "", "no"),
        (None, "", MISSING),
        (math.nan, "", MISSING),
        (math.inf, "", "∞"),
        ("as given", "", "as given"),
    ],
)
def test_format_number(value: object, unit: str, text: str):
    assert format_number(value, unit) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (43.49, "kW", "43.5"),
        (2.339, "", "2.34"),
        (0.07836, "ms", "0.08"),
        (0.1293, "%", "0.13"),
        (0.00213, "%", "0.00213"),
        (1240.4, "kW", f"1{THIN_SPACE}240"),
        (1.04866, "pu", "1.0487"),
    ],
)
def test_digits_of_a_sentence_mean_something(value: float, unit: str, text: str):
    assert brief(value, unit) == text


def test_column_shares_the_decimals_of_its_largest_number():
    assert format_column([1.0, 12.345, math.nan, None, -0.5]) == [
        "1.00",
        "12.35",
        MISSING,
        MISSING,
        f"{MINUS}0.50",
    ]


def test_column_of_whole_numbers_has_no_decimals():
    assert format_column([1.0, 250.0]) == ["1", "250"]
    assert 100 * 0.07 != 7
    assert format_column([0.0, 100 * 0.07]) == ["0", "7"]


def test_decimals_that_are_zero_in_the_whole_column_are_left_out():
    assert format_column([28.8, 17.8, math.nan, 100.2]) == [
        "28.8",
        "17.8",
        MISSING,
        "100.2",
    ]
    assert format_column([0.25, 40.5]) == ["0.25", "40.50"]
    # money and voltages keep what a reader expects of them
    assert format_column([4.5, 1.9], "USD") == ["4.50", "1.90"]
    assert format_column([1.05], "pu") == ["1.0500"]


@pytest.mark.parametrize(
    ("value", "limit", "unit", "text"),
    [
        (1.0561, 1.05, "pu", "1.0561 pu"),
        (1.05004, 1.05, "pu", "1.05004 pu"),
        (0.949999, 0.95, "pu", "0.949999 pu"),
        (118.0, 100.0, "%", "118 %"),
        (100.04, 100.0, "%", "100.04 %"),
        # closer than anybody writes: they read alike
        (1.05 + 1e-9, 1.05, "pu", "1.0500 pu"),
    ],
)
def test_what_breaks_a_limit_reads_so(value, limit, unit, text):
    assert told_apart(value, limit, unit) == text


def test_whole_cents_are_written_as_money():
    assert format_column([0.5, -12.25], "USD") == ["0.50", "\u221212.25"]
    assert format_column([0.5, 0.07], "USD") == ["0.50", "0.07"]
    # less than a cent keeps its digits
    assert format_column([0.5, 0.0712], "USD") == ["0.5000", "0.0712"]


def test_empty_column():
    assert format_column([]) == []


@pytest.mark.parametrize(
    ("column", "heading", "unit"),
    [
        ("pv_kw", "pv", "kW"),
        ("v_max_p95_pu", "v max p95", "pu"),
        ("level_pct", "level", "%"),
        ("binding_at", "binding at", ""),
        ("bus", "bus", ""),
        ("kw", "kw", ""),
    ],
)
def test_split_unit(column: str, heading: str, unit: str):
    assert split_unit(column) == (heading, unit)
