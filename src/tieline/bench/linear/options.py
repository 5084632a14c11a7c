"""What the benchmark of the linear models can be asked."""

from __future__ import annotations

from pydantic import Field

from tieline.bench.kit.options import MOST, BenchOptions


class Options(BenchOptions):
    """Feeders, and the scenarios in which models and AC are compared."""

    feeders: tuple[str, ...] = Field(
        default=(
            "ieee33",
            "ieee69",
            "case141",
            "ieee123",
            "ieee13",
            "ieee34",
            "ieee37",
        ),
        description="Feeders, bundled names or paths.",
    )
    seed: int = Field(
        default=0, ge=0, le=MOST, description="Seed of the random loads and sun."
    )
    scenarios: int = Field(
        default=200, ge=1, le=MOST, description="Scenarios per feeder."
    )
