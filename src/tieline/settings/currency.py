"""The currency of a configuration: an ISO 4217 code that reports, tables and names of metrics carry.

Nothing is converted: every price and cost of a run is taken to be in the one currency. Prices are in currency/kWh (currency/MWh
where a market quotes them so), amounts are costs or bills.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from tieline.errors import unknown_name_message

IN_USE = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD
KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO
NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE
SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND
VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CODES = frozenset(IN_USE.split())
"""Currencies in use, ISO 4217 list one; funds, metals and codes for testing are left out."""


def _require_code(code: str) -> str:
    if code not in CODES:
        raise ValueError(
            f"{unknown_name_message('currency', code, CODES)} Give an ISO 4217 code such as USD"
        )
    return code


Currency = Annotated[str, AfterValidator(_require_code)]

CURRENCY: Any = Field(
    default="USD",
    description="Currency of all prices and costs, an ISO 4217 code; nothing is converted.",
)


def in_currency(quantity: str, currency: str) -> str:
    """Name of an amount in metrics and tables: "cost" in USD is "cost_usd"."""
    return f"{quantity}_{currency.lower()}"
