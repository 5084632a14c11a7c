"""What the benchmark of tree search can be asked."""

from __future__ import annotations

from pydantic import Field

from tieline.bench.kit.options import MOST, BenchOptions


class Options(BenchOptions):
    """Feeders, and how long and how often each is searched."""

    feeders: tuple[str, ...] = Field(
        default=("ieee33", "ieee123", "case141"),
        description="Feeders, bundled names or paths.",
    )
    episodes: int = Field(
        default=600, ge=1, le=MOST, description="Episodes of a search."
    )
    seeds: int = Field(default=20, ge=1, le=MOST, description="Searches per feeder.")
