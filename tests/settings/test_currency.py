"""Amounts are named after their currency."""

from __future__ import annotations

from tieline.settings.currency import CODES, in_currency


def test_the_name_of_an_amount_ends_in_its_currency() -> None:
    assert in_currency("cost", "USD") == "cost_usd"
    assert in_currency("load_bill", "CHF") == "load_bill_chf"


def test_codes_are_three_capital_letters() -> None:
    assert {"USD", "EUR", "CAD", "JPY"} < CODES
    assert all(len(code) == 3 and code.isupper() for code in CODES)
