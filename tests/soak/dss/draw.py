"""What a random circuit is made from: `Spot`, a bus as the generator sees it, and `Draw`, random numbers and blocks so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from tieline.units import SQRT3

Choice = TypeVar("Choice")
NEUTRAL = 4


@dataclass(frozen=True)
class Spot:
    """A bus.

    `kv_ln` is its voltage to ground, `kva` what hangs on it at most. `neutral` says that conductor 4 is there, `floats` that
    nothing ties its phases to ground. On a split-phase service the phases are the two legs, half a turn apart.
    """

    name: str
    phases: tuple[int, ...]
    kv_ln: float
    kva: float
    neutral: bool = False
    floats: bool = False
    split: bool = False

    @property
    def kv_ll(self) -> float:
        """Voltage between two phases."""
        return self.kv_ln * (2.0 if self.split else SQRT3)

    @property
    def conductors(self) -> tuple[int, ...]:
        """Phases, and the neutral where there is one."""
        return (*self.phases, NEUTRAL) if self.neutral else self.phases


@dataclass
class Draw:
    """Random numbers, blocks of text, and buses drawn so far."""

    random: np.random.Generator
    blocks: list[str] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    bases_kv: set[float] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    floating: set[str] = field(default_factory=set)

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return bool(self.random.random() < probability)

    def between(self, low: float, high: float, digits: int = 4) -> float:
        """A number of a few digits, so that text and value are the same."""
        return round(float(self.random.uniform(low, high)), digits)

    def one_of(self, choices: Sequence[Choice]) -> Choice:
        """One of several."""
        return choices[int(self.random.integers(len(choices)))]

    def some_of(self, choices: Sequence[Choice], count: int) -> tuple[Choice, ...]:
        """Several, in their order."""
        places = self.random.choice(len(choices), count, replace=False)
        return tuple(choices[k] for k in sorted(places))

    def name(self, kind: str) -> str:
        """A name that no other element of this kind has."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return f"{kind}{self.counts[kind]}"

    def add(self, *lines: str) -> None:
        """One element with whatever belongs to it."""
        self.blocks.append("\n".join(lines))

    def settle(self, spot: Spot) -> Spot:
        """Keep a bus."""
        self.spots.append(spot)
        self.bases_kv.add(round(spot.kv_ln * SQRT3, 6))
        if spot.floats:
            self.floating.add(spot.name)
        return spot


def at(bus: str, nodes: Iterable[int]) -> str:
    """A bus with its nodes, like `b3.1.2`."""
    return ".".join([bus, *map(str, nodes)])
