"""Numbers as the pages of benchmarks write them: three digits that count, a unit with a time, a word where there is no answer."""

from __future__ import annotations

from math import isnan

NO_ANSWER_PU = 0.1
"""A voltage that is this wrong is no answer at all."""


def number_text(number: float, spec: str) -> str:
    """A number to the digits shown, without the sign of a zero; "n/a" for one that does not exist."""
    if isnan(number):
        return "n/a"
    text = format(number, spec)
    is_zero = float(text.replace(",", "")) == 0
    return format(0.0, spec) if is_zero else text


def rate(value: float) -> str:
    """Three digits that count, thousands parted."""
    three_digits = float(f"{value:.3g}")
    if value < 100:
        return f"{value:.3g}"
    # from a thousand on "g" would write a power of ten
    return f"{three_digits:,.0f}"


def times_text(value: float) -> str:
    """A ratio: one decimal below 100."""
    if value >= 100:
        return rate(value)
    return f"{value:.1f}"


def seconds(value: float) -> str:
    """A time with its unit, ms below a second."""
    if value >= 1:
        return f"{value:.1f} s"
    return f"{value * 1000:.0f} ms"


def milliseconds(seconds: float | None) -> str:
    """A time [s] in ms without its unit; empty for a time that there is not."""
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{1e3 * seconds:,.3g}"
    return f"{1e3 * seconds:,.0f}"


def error_text(error_pu: float) -> str:
    """An error of a voltage [pu], or that there is no answer."""
    if error_pu < NO_ANSWER_PU:
        return f"{error_pu:.0e}"
    return "no answer"
