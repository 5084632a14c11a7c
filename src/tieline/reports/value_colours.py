"""Colours of values, one code for buses, lines and heat maps: light to dark towards the end that matters, red beyond a limit."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
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
) -> ValueColours[K]:
    """Colour values.

    Args:
        values: what is NaN or infinite has none.
        worst: which end of the scale is dark.
        value_range: values at the ends of the scale; None takes the lowest and the highest.
        limit: values beyond it, at the end that is worst, are red; None for none.
    """
    finite = {
        key: float(value) for key, value in values.items() if math.isfinite(value)
    }
    if not finite:
        return ValueColours({}, [], frozenset(), math.nan, math.nan)
    low, high = value_range or (min(finite.values()), max(finite.values()))
    beyond = frozenset(key for key in finite if _is_beyond(finite[key], limit, worst))
    colour_of = {
        key: colour_at(_share(finite[key], low, high), worst) for key in finite
    }
    colour_of |= dict.fromkeys(beyond, LIMIT)
    worst_first = sorted(finite, key=finite.__getitem__, reverse=worst == "high")
    return ValueColours(colour_of, worst_first, beyond, low, high)


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
