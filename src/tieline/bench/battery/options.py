"""What the benchmark of battery control can be asked."""

from __future__ import annotations

from pydantic import Field

from tieline.bench.kit.options import BenchOptions


class Options(BenchOptions):
    """Feeders, and the length of a step."""

    feeders: tuple[str, ...] = Field(
        default=("ieee33", "ieee123"), description="Feeders, bundled names or paths."
    )
    step_minutes: int = Field(
        default=15, ge=1, le=60, description="Length of a step [min]."
    )
