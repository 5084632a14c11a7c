"""What the benchmark of the power flow can be asked."""

from __future__ import annotations

from pydantic import Field

from tieline.bench.kit.options import MOST, BenchOptions


class Options(BenchOptions):
    """Feeders, random loads, and whether fresh processes are timed too."""

    feeders: tuple[str, ...] = Field(
        default=("ieee33", "ieee34", "ieee123", "case141"),
        description="Feeders, bundled names or paths.",
    )
    seed: int = Field(default=0, ge=0, le=MOST, description="Seed of the random loads.")
    cold_start: bool = Field(
        default=True,
        description="Also time fresh processes, one of which compiles everything.",
    )
