"""Checks of ratings that all devices share: every bad value of a table is reported in one error."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tieline.errors import InputError
from tieline.typing import BoolArray, FloatArray


def per_device(value: ArrayLike, count: int) -> FloatArray:
    """A number for all devices or one each, as (device,)."""
    return np.broadcast_to(np.asarray(value, dtype=float), (count,)).copy()


def is_efficiency(value: FloatArray) -> BoolArray:
    """Whether each lies in (0, 1], (device,)."""
    return (value > 0) & (value <= 1)


def require(kind: str, names: tuple[str, ...], rules: dict[str, BoolArray]) -> None:
    """Refuse devices that break a rule.

    Args:
        kind: what the devices are, for the message.
        names: name of each device.
        rules: what must hold, in words, and where it does, (device,).

    Raises:
        InputError: names every device and the rules it breaks.
    """
    broken = []
    for rule, holds in rules.items():
        # not "value < 0": NaN holds no rule and is named too
        breakers = np.flatnonzero(~holds)
        broken += [f"  {kind} '{names[k]}': {rule}" for k in breakers]
    if broken:
        raise InputError(
            "\n".join(
                [
                    "These ratings contradict each other; correct them. What must hold:",
                    *broken,
                ]
            )
        )
