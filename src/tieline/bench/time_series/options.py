"""What the benchmark of time series can be asked."""

from __future__ import annotations

from pydantic import Field

from tieline.bench.kit.options import MOST, BenchOptions


class Options(BenchOptions):
    """Feeders, and the days that are walked through in steps of an hour."""

    feeders: tuple[str, ...] = Field(
        default=("ieee13", "ieee34", "ieee37", "ieee123"),
        description="Feeders, bundled names or paths.",
    )
    days: int = Field(
        default=365, ge=1, le=365, description="Days from the first of January on."
    )
    shapes: int = Field(
        default=12, ge=1, le=MOST, description="Drawn load shapes, given out in turn."
    )
    seed: int = Field(default=0, ge=0, le=MOST, description="Seed of the shapes.")
