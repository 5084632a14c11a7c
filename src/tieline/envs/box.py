"""`Box`: the named numbers of an observation or an action, with their bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tieline.errors import InputError, ShapeError
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Box:
    """Entries in order: their names, which carry the unit, and the least and largest value of each, (entry,)."""

    names: tuple[str, ...]
    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, names: tuple[str, ...], low: float, high: float) -> Box:
        """Entries that all have the same bounds."""
        return cls(
            names,
            np.full(len(names), low),
            np.full(len(names), high),
        )

    @classmethod
    def joined(cls, parts: Sequence[Box]) -> Box:
        """The entries of several boxes, one box after the other."""
        return cls(
            tuple(name for part in parts for name in part.names),
            np.concatenate([part.low for part in parts]),
            np.concatenate([part.high for part in parts]),
        )

    @property
    def size(self) -> int:
        """Number of entries."""
        return len(self.names)

    @property
    def groups(self) -> tuple[str, ...]:
        """First words of the names, each once: "voltage at 5" and "voltage at 7" are of group "voltage"."""
        first_words = [name.partition(" ")[0] for name in self.names]
        return tuple(dict.fromkeys(first_words))

    def clip(self, values: FloatArray) -> FloatArray:
        """Values moved inside the bounds, (episode, entry)."""
        return np.clip(values, self.low, self.high)

    def take(self, values: object, n_episodes: int, what: str) -> FloatArray:
        """Values as an array of (episode, entry).

        Raises:
            ShapeError: if they have another shape.
            InputError: if one is no number, NaN or infinite.
        """
        array = _as_floats(values, what)
        if array.shape != (n_episodes, self.size):
            raise ShapeError(
                f"{what} have shape {array.shape}; expected ({n_episodes}, {self.size}): one row per episode."
            )
        if not np.isfinite(array).all():
            episode, entry = np.argwhere(~np.isfinite(array))[0]
            raise InputError(
                f"{what}: '{self.names[entry]}' of episode {episode} is {array[episode, entry]}. Give finite numbers."
            )
        return array


def _as_floats(values: object, what: str) -> FloatArray:
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(
            f"{what} must be an array of numbers; got {values!r}."
        ) from None
