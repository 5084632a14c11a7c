"""What the benchmark of battery control can be asked."""

from __future__ import annotations

from pydantic import Field

from tieline.bench.kit.options import BenchOptions


class Options(BenchOptions):
    """Feeders, the length of a step, and the days on which plans meet forecasts."""

    feeders: tuple[str, ...] = Field(
        default=("ieee33", "ieee123"), description="Feeders, bundled names or paths."
    )
    step_minutes: int = Field(
        default=15, ge=1, le=60, description="Length of a step [min]."
    )
    forecast_days: int = Field(
        default=20,
        ge=1,
        le=10_000,
        description="Days on which plans for a forecast are compared (only with --page).",
    )
