"""How numbers are written for readers: one rule for reports, diagrams and tooltips.

Four significant digits in tables and three in sentences and tiles (`brief`), narrow spaces between thousands at which no line
breaks, a true minus sign, an en dash for a value that does not exist. Per-unit voltages always have four decimals, because the
third is where limits lie; shares in percent and times in milliseconds have two at the most, unless they are smaller still. A
column of numbers shares its decimals, so that they line up.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from numbers import Real
from typing import Any, TypeGuard

THIN_SPACE = "\u202f"
MINUS = "\u2212"
MISSING = "\u2013"
SIGNIFICANT = 4
BRIEF = 3
"""Significant digits of a number in a table, and in a sentence or tile."""

MOST_DECIMALS_OF = {"%": 2, "ms": 2}
"""Units in which further decimals say nothing."""

PER_UNIT_DECIMALS = 4
MOST_DECIMALS = 6
ODD_NUMBERS = (MISSING, "∞")
"""How what is no finite number is written."""

TRUTH_TYPES = ("bool", "bool_")

UNITS = {
    "pu": "pu",
    "pct": "%",
    "kw": "kW",
    "kvar": "kvar",
    "kva": "kVA",
    "mw": "MW",
    "kwh": "kWh",
    "mwh": "MWh",
    "kv": "kV",
    "v": "V",
    "a": "A",
    "ohm": "Ω",
    "km": "km",
    "m": "m",
    "h": "h",
    "minutes": "min",
    "s": "s",
    "ms": "ms",
    "hz": "Hz",
    "deg": "°",
    "eur": "EUR",
    "usd": "USD",
}
"""How the unit at the end of a column name is written."""


CURRENCY_CODE = re.compile("[A-Z]{3}")
"""An amount of money by itself; a price per kWh is another unit."""

CENT_DECIMALS = 2
"""Of amounts that are whole cents, as bills have them."""


def brief(value: Any, unit: str = "") -> str:
    """A value in a sentence or a tile: as `format_number`, with three significant digits."""
    return format_number(value, unit, BRIEF)


def with_unit(value: Any, unit: str) -> str:
    """A number with its unit in a sentence or tile, for example "43.5 kW"; a dash for what does not exist.

    An amount of money keeps four digits: "341.4 USD".
    """
    if value is None or (is_number(value) and math.isnan(value)):
        return MISSING
    digits = BRIEF if unit in UNITS.values() else SIGNIFICANT
    return f"{format_number(value, unit, digits)} {unit}"


def format_number(value: Any, unit: str = "", significant: int = SIGNIFICANT) -> str:
    """A value as text for readers.

    Args:
        value: a number, a truth value, a text, or None or NaN for what does not exist.
        unit: a value of `UNITS`; it is used to choose the decimals, not written.
        significant: digits of a number that is not whole.

    Returns:
        For example "1.0487" (pu), "12 340", "0.0321", "yes", an en dash.
    """
    if value is None or isinstance(value, str):
        return value or MISSING
    if type(value).__name__ in TRUTH_TYPES:
        return "yes" if value else "no"
    if not is_number(value):
        return str(value)
    number = float(value)
    text = _fixed(number, _decimals([number], unit, significant))
    # voltages keep their zeros: a reader compares them digit by digit
    if unit == "pu" or "." not in text:
        return text
    return text.rstrip("0").rstrip(".")


def format_column(values: Sequence[Any], unit: str = "") -> list[str]:
    """Numbers of one column with the same decimals, those that its largest number needs; other values as `format_number`."""
    numbers = [float(value) for value in values if is_number(value)]
    decimals = _without_zeros(numbers, _decimals(numbers, unit), unit)
    return [
        _fixed(float(value), decimals) if is_number(value) else format_number(value)
        for value in values
    ]


def told_apart(value: float, limit: float, unit: str) -> str:
    """A value beyond a limit, with its unit: in as many decimals as it takes to read it so, as "1.05004 pu" beyond 1.05."""
    text = with_unit(value, unit)
    if text != with_unit(limit, unit):
        return text
    for decimals in range(1, MOST_DECIMALS + 1):
        if _fixed(value, decimals) != _fixed(limit, decimals):
            return f"{_fixed(value, decimals)} {unit}"
    return text


def each_with_unit(values: Sequence[Any], units: Sequence[str]) -> list[str]:
    """Numbers of a column whose rows differ in their unit, each with its own."""
    pairs = zip(values, units, strict=True)
    return [with_unit(value, unit) for value, unit in pairs]


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a value is written as a number; truth values are not."""
    return isinstance(value, Real) and type(value).__name__ not in TRUTH_TYPES


def split_unit(column: str) -> tuple[str, str]:
    """Heading and unit of a column name: "pv_kw" is ("pv", "kW"), "bus" is ("bus", "")."""
    *first, last = column.split("_")
    unit = ""
    # a name of one word is no unit: "pu" alone is a heading
    if first:
        unit = UNITS.get(last.lower(), "")
    words = first
    if not unit:
        words = [*first, last]
    return " ".join(words), unit


def _decimals(
    numbers: Sequence[float], unit: str, significant: int = SIGNIFICANT
) -> int:
    finite = [abs(number) for number in numbers if math.isfinite(number)]
    if unit == "pu":
        return PER_UNIT_DECIMALS
    if all(math.isclose(number, round(number), rel_tol=1e-12) for number in finite):
        # 100 * 0.07 counts as whole
        return 0
    if CURRENCY_CODE.fullmatch(unit) and all(_is_in_cents(n) for n in finite):
        return CENT_DECIMALS
    largest = max(finite)
    # what a solver leaves of a zero is one
    if largest < 0.5 * 10**-MOST_DECIMALS:
        return 0
    digits_before = math.floor(math.log10(largest)) + 1
    decimals = min(max(significant - digits_before, 0), MOST_DECIMALS)
    most = MOST_DECIMALS_OF.get(unit, MOST_DECIMALS)
    # what would be rounded to nothing keeps its digits
    if largest < 10**-most:
        return decimals
    return min(decimals, most)


def _without_zeros(numbers: Sequence[float], decimals: int, unit: str) -> int:
    """The decimals without those at the end that are zero in the whole column; voltages and money keep the usual ones."""
    least = 0
    if unit == "pu":
        least = PER_UNIT_DECIMALS
    if CURRENCY_CODE.fullmatch(unit):
        least = CENT_DECIMALS
    while decimals > least and all(
        _fixed(number, decimals).endswith(("0", *ODD_NUMBERS)) for number in numbers
    ):
        decimals -= 1
    return decimals


def _is_in_cents(amount: float) -> bool:
    cents = 100 * amount
    return math.isclose(cents, round(cents), rel_tol=1e-9)


def _fixed(number: float, decimals: int) -> str:
    if math.isnan(number):
        return MISSING
    if math.isinf(number):
        return "∞" if number > 0 else f"{MINUS}∞"
    text = f"{abs(number):,.{decimals}f}".replace(",", THIN_SPACE)
    # a loss of -0.0001 is noise, and "-0.00" would read as a finding
    rounds_to_zero = float(f"{number:.{decimals}f}") == 0
    if number >= 0 or rounds_to_zero:
        return text
    return f"{MINUS}{text}"
