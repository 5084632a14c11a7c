"""Short texts of the market's flags.

peaks     "8:150, 22:40"                 BUS:KW, above 0
watch     "18:90, 67"                    BUS[:KW]
limits    "135-35:base-15, l3:200"       LINE:KW, or LINE:base+KW told from the scheduled flow
losses    "135-35:4, l3:0.5"             LINE:KW, above 0
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tieline.comma_lists import split_commas
from tieline.settings.short_texts import parse_numbers

BASE = "base"
LIMIT_FORM = "LINE:KW, LINE:base+KW or LINE:base-KW"


@dataclass(frozen=True)
class FlowLimit:
    """A limit of a line [kW], by itself or beyond the scheduled flow."""

    line: str
    kw: float
    is_beyond_base: bool


def parse_peaks(text: str | None) -> dict[str, float]:
    """Peak by bus [kW]; raises `ValueError` for every part that is wrong."""
    return _above_zero(text, "a peak")


def parse_losses(text: str | None) -> dict[str, float]:
    """Highest loss by line [kW]; raises `ValueError` for every part that is wrong."""
    return _above_zero(text, "a loss")


def _above_zero(text: str | None, what: str) -> dict[str, float]:
    numbers = parse_numbers(text)
    low = [f"'{name}:{kw:g}'" for name, kw in numbers.items() if kw <= 0]
    if low:
        raise ValueError(f"{', '.join(low)} has {what} that is not above 0 kW")
    return numbers


def parse_watch(text: str | None) -> dict[str, float | None]:
    """Load at which microgrids merge by watched bus [kW], None where no number is stated; raises `ValueError`."""
    watched: dict[str, float | None] = {}
    for part in _parts(text):
        bus, kw = _watched_bus(part)
        if bus in watched:
            raise ValueError(f"'{bus}' stands there twice. Keep one of them")
        watched[bus] = kw
    return watched


def _watched_bus(part: str) -> tuple[str, float | None]:
    bus, colon, number = part.rpartition(":")
    if not colon:
        return part.lower(), None
    kw = _number(number)
    if not kw > 0:
        raise ValueError(
            f"'{part}' has no number above 0. Write BUS or BUS:KW, several separated by commas"
        )
    return bus.strip().lower(), kw


def parse_flow_limits(text: str | None) -> tuple[FlowLimit, ...]:
    """Limits by line; raises `ValueError` for the first part that is wrong."""
    return tuple(_flow_limit(part) for part in _parts(text))


def _flow_limit(part: str) -> FlowLimit:
    line, colon, number = part.rpartition(":")
    number = number.strip().lower()
    is_beyond_base = number.startswith(BASE)
    # "base" alone is the base flow itself
    kw = 0.0 if number == BASE else _number(number.removeprefix(BASE))
    if not colon or not line.strip() or math.isnan(kw):
        raise ValueError(
            f"'{part}' is no limit. Write {LIMIT_FORM}, several separated by commas"
        )
    if kw < 0 and not is_beyond_base:
        raise ValueError(f"'{part}' has a limit below 0 kW. Give 0 or more")
    return FlowLimit(line.strip().lower(), kw, is_beyond_base)


def _number(text: str) -> float:
    """A finite number, else NaN."""
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def _parts(text: str | None) -> tuple[str, ...]:
    return tuple(split_commas(text or ""))
