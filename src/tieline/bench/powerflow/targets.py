"""What the project has promised itself: how much faster than a peer a case must be, and what it aims at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A case, a peer, and how many times faster than it tieline must be (`floor`) and would like to be (`aim`)."""

    case: str
    peer: str
    floor: float
    aim: float | None = None


TARGETS = (
    Target("ieee33", "power-grid-model", 25, 40),
    Target("ieee123", "opendss", 40, 100),
    Target("ieee8500", "opendss", 20, 60),
    Target("ieee123, regulators acting", "opendss", 20),
)


def verdict(times: float | None, wanted: float | None) -> str:
    """Whether a measured ratio reaches what is wanted."""
    if wanted is None:
        return "none"
    if times is None:
        return f"{wanted:g}: not measured"
    return f"{wanted:g}: {'met' if times >= wanted else '**not met**'}"
