"""Broken before: what is outside its limit already, before anything is added, sent or decided. One rule for every study.

    bound = the limit, or what the place has before and UNTOLD of the limit more, whichever allows more

So a place that is outside its limit before must not get worse, and every other place keeps its limit. A violation that is there
anyway says nothing of the plant, the transfer or the set-points that are asked about; it is for the owner of the grid to mend,
and every study names the place, its reading and a remedy. The room is what no instrument tells apart: without it, the last digit
of a power flow would refuse every plant on a feeder one of whose regulators stands at its limit.

Source of the room: IEC 61000-4-30, class A, uncertainty of a voltage.
"""

from __future__ import annotations

import numpy as np

from tieline.typing import BoolArray, FloatArray

ROUNDING = 1e-6
"""A reading beyond its limit by less than this share holds it: a source at exactly 1.05 pu does not break 1.05 pu because a power
flow is solved to 1e-8 pu only.
"""

UNTOLD = 1e-3
"""Share of a limit by which a place may become worse whatever it has; see above."""

RULE = (
    "What a place has before, and a thousandth of its limit more, is never held against what is studied: a place that is outside "
    "its limit before must not get worse, and all others keep the limit. No instrument tells a thousandth apart (IEC "
    "61000-4-30, class A)."
)

REMEDIES = {
    "voltage-high": "lower the voltage that the source or a regulator is set to",
    "voltage-low": "raise the voltage that the source or a regulator is set to, or lower the load",
    "line-loading": "lower the load, or give the line a larger conductor",
    "transformer-loading": "lower the load, or give the transformer more kVA",
    "unbalance": "spread the loads evenly over the phases",
    "reverse-power": "let the DERs of the feeder inject less",
    "neutral-voltage": "earth the neutral at more places",
}
"""How each kind of limit is mended, by its name."""


def slack(limit: FloatArray) -> FloatArray:
    """By how much a reading may be beyond its limit, in the unit of the limit."""
    return ROUNDING * _size(limit)


def is_broken(reading: FloatArray, limit: FloatArray, side: int) -> BoolArray:
    """Whether readings are outside their limits.

    Args:
        reading: in the unit of the limit, any shape; NaN, a case without an answer, breaks nothing.
        limit: broadcasts to the readings.
        side: +1 where the limit breaks above, -1 below.
    """
    return np.asarray(side * (reading - limit) > slack(limit))


def bounds(before: FloatArray, limit: FloatArray, side: int) -> FloatArray:
    """The number that each place must keep, by the rule above.

    Args:
        before: readings before anything happens, in the unit of the limit; NaN is taken to keep the limit.
        limit: broadcasts to the readings.
        side: as in `is_broken`.
    """
    allowed = side * before + UNTOLD * _size(limit)
    # fmax passes over a NaN
    return side * np.fmax(side * limit, allowed)


def _size(limit: FloatArray) -> FloatArray:
    """What a share is taken of; a limit of 0 (no reverse power) would leave no room at all, so there it is its unit."""
    return np.where(limit == 0, 1.0, np.abs(limit))
