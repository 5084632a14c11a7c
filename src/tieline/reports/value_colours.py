"""Colours of values, one code for buses, lines and heat maps: light to dark towards the end that matters, red beyond a limit."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from tieline.reports.colours import LIMIT, Worst, colour_at

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class ValueColours(Generic[K]):
    """Colour of each thing that has a value.

    Attributes:
        of: its colour.
        worst_first: all that have one, in the order of their values.
        beyond: those beyond the limit.
        low, high: values at the ends of the scale; NaN where nothing has a value.
    """

    of: Mapping[K, str]
    worst_first: list[K]
    beyond: frozenset[K]
    low: float
    high: float


def value_colours(
    values: Mapping[K, float],
    worst: Worst,
    value_range: tuple[float, float] | None = None,
    limit: float | None = None,
    log_scale: bool = False,
) -> ValueColours[K]:
    """Colour values.

    Args:
        values: what is NaN or infinite has none.
        worst: which end of the scale is dark.
        value_range: values at the ends of the scale; None takes the lowest and the highest up to the limit.
        limit: values beyond it, at the end that is worst, are red; None for none.
        log_scale: equal steps of colour for equal ratios; the scale then begins at the smallest value above 0.
    """
    finite = {
        key: float(value) for key, value in values.items() if math.isfinite(value)
    }
    if not finite:
        return ValueColours({}, [], frozenset(), math.nan, math.nan)
    low, high = value_range or _ends(finite.values(), worst, limit, log_scale)
    beyond = frozenset(key for key in finite if _is_beyond(finite[key], limit, worst))
    share = _log_share if log_scale else _share
    colour_of = {key: colour_at(share(finite[key], low, high), worst) for key in finite}
    colour_of |= dict.fromkeys(beyond, LIMIT)
    worst_first = sorted(finite, key=finite.__getitem__, reverse=worst == "high")
    return ValueColours(colour_of, worst_first, beyond, low, high)


def _ends(
    values: Collection[float], worst: Worst, limit: float | None, log_scale: bool
) -> tuple[float, float]:
    """The ends of the values, cut at the limit: what is beyond it has a colour of its own."""
    if log_scale:
        # 0 has no place on such a scale: it takes the colour of its lower end
        values = [value for value in values if value > 0] or values
    low, high = min(values), max(values)
    if limit is None:
        return low, high
    if worst == "high":
        return min(low, limit), min(high, limit)
    return max(low, limit), max(high, limit)


def _is_beyond(value: float, limit: float | None, worst: Worst) -> bool:
    if limit is None:
        return False
    return value > limit if worst == "high" else value < limit


def _share(value: float, low: float, high: float) -> float:
    """Where a value stands between the ends of a scale, 0 to 1."""
    # of a range without width no end is the worse
    if high <= low:
        return 0.5
    return (value - low) / (high - low)


def _log_share(value: float, low: float, high: float) -> float:
    """The same by ratios; 0 for what is not above the lower end."""
    if value <= low or low <= 0:
        return _share(0.0, 0.0, high - low)
    return _share(math.log(value / low), 0.0, math.log(high / low))
