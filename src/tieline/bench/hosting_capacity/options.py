"""What the benchmark of hosting capacity can be asked."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from tieline.bench.kit.options import MOST, BenchOptions


class Options(BenchOptions):
    """Whether the large feeder is timed, and whether and how the interval is checked."""

    ieee8500: Path | None = Field(
        default=None,
        description="Master file of the IEEE 8500-node feeder; left out if not given.",
    )
    coverage: int = Field(
        default=0,
        ge=0,
        le=MOST,
        description="Seeds of the check of the 95 % interval; left out if 0.",
    )
    draws: int = Field(
        default=100, ge=1, le=MOST, description="Deployments of each seed."
    )
    long_draws: int = Field(
        default=100_000,
        ge=1,
        le=MOST,
        description="Deployments of the run that stands for the truth.",
    )
