"""What the benchmark of optimal power flow can be asked."""

from __future__ import annotations

from pydantic import Field

from tieline.bench.kit.options import MOST, BenchOptions

DEFAULT_GENERATORS = 10


class Options(BenchOptions):
    """Feeders with their numbers of generators, and a seed."""

    feeders: tuple[str, ...] = Field(
        default=("ieee33", "case141", "ieee123:30"),
        description="Feeders, bundled names or paths, each with `:N` behind it for N generators instead of "
        f"{DEFAULT_GENERATORS}.",
    )
    seed: int = Field(
        default=0,
        ge=0,
        le=MOST,
        description="Seed of the generators' buses and of the change of load.",
    )
