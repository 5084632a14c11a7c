"""What the benchmark of compiled rollouts can be asked."""

from __future__ import annotations

from pydantic import Field

from tieline.bench.kit.options import MOST, BenchOptions


class Options(BenchOptions):
    """Feeders and the number of rounds."""

    feeders: tuple[str, ...] = Field(
        default=("ieee33", "ieee69", "case141", "ieee123"),
        description="Feeders, bundled names or paths; controls are held.",
    )
    rounds: int = Field(
        default=5,
        ge=1,
        le=MOST,
        description="Rounds in which the ways take turns; medians are told.",
    )
