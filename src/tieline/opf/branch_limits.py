"""`BranchLimit`: the limit of one line or transformer, as a user states it; `rated_limits` takes those of the feeder's ratings.

`flow_limits` makes rows of them, which are evaluated on AC solutions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from tieline.errors import InputError
from tieline.feeders.checks.numbers import LARGEST
from tieline.feeders.feeder import Feeder
from tieline.settings.limits import Limits


@dataclass(frozen=True)
class BranchLimit:
    """A limit of a line or transformer: in A per conductor, in kVA of all phases, or in kW with a direction.

    `BranchLimit("line", "sw1", forward_kw=200, reverse_kw=50)` lets at most 200 kW flow from the first end of `sw1` to the
    second, and 50 kW back.

    Attributes:
        kind, name: which element.
        a: highest current of each conductor [A].
        kva: highest apparent power of all phases [kVA].
        forward_kw, reverse_kw: highest active power either way, 0 or more [kW]; None limits nothing that way.
        per_phase: whether limits in kW hold for each phase, or for all together.
    """

    kind: Literal["line", "transformer"]
    name: str
    a: float | None = None
    kva: float | None = None
    forward_kw: float | None = None
    reverse_kw: float | None = None
    per_phase: bool = False

    def __post_init__(self) -> None:
        """Check that there is one kind of number, and that it is no larger than a feeder may hold."""
        magnitudes = [limit for limit in (self.a, self.kva) if limit is not None]
        ways = [
            limit for limit in (self.forward_kw, self.reverse_kw) if limit is not None
        ]
        is_one_kind = len(magnitudes) + bool(ways) == 1
        # A magnitude of zero would be an open element; no power at all one way is an ordinary rule.
        magnitudes_fit = all(0 < limit <= LARGEST for limit in magnitudes)
        ways_fit = all(0 <= limit <= LARGEST for limit in ways)
        if is_one_kind and magnitudes_fit and ways_fit:
            return
        got = f"a={self.a}, kva={self.kva}, forward_kw={self.forward_kw}, reverse_kw={self.reverse_kw}"
        raise InputError(
            f"The limit of {self.kind} '{self.name}' needs `a` or `kva`, one of them, above 0 and up to {LARGEST:g}, or "
            f"`forward_kw` and `reverse_kw`, either or both, 0 or more; got {got}."
        )

    def scaled(self, factor: float) -> BranchLimit:
        """The limit times a factor."""
        limits = {
            "a": self.a,
            "kva": self.kva,
            "forward_kw": self.forward_kw,
            "reverse_kw": self.reverse_kw,
        }
        stated = {
            name: limit * factor for name, limit in limits.items() if limit is not None
        }
        return replace(self, **stated)


def rated_limits(feeder: Feeder) -> tuple[BranchLimit, ...]:
    """The ratings that the feeder's elements have, each in its own unit: lines in A, in kVA or in both, transformers in kVA."""
    return (*_line_limits(feeder), *_transformer_limits(feeder))


def judged_limits(feeder: Feeder, limits: Limits) -> tuple[BranchLimit, ...]:
    """Ratings times what a profile of limits lets elements carry; kinds that it does not judge have none."""
    pct = {"line": limits.line_pct, "transformer": limits.transformer_pct}
    scaled_limits = []
    for limit in rated_limits(feeder):
        pct_of_kind = pct[limit.kind]
        if pct_of_kind is not None:
            scaled_limits.append(limit.scaled(pct_of_kind / 100))
    return tuple(scaled_limits)


def _line_limits(feeder: Feeder) -> Iterator[BranchLimit]:
    for line in feeder.lines:
        if line.current_rating_a:
            yield BranchLimit("line", line.name, a=line.current_rating_a)
        if line.rating_kva:
            yield BranchLimit("line", line.name, kva=line.rating_kva)


def _transformer_limits(feeder: Feeder) -> Iterator[BranchLimit]:
    for unit in feeder.transformers:
        yield BranchLimit(
            "transformer", unit.name, kva=unit.rating_kva or unit.windings[0].kva
        )
