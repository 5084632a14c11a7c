"""What the benchmark of the reserve study can be asked."""

from __future__ import annotations

from pydantic import Field

from tieline.bench.kit.options import MOST, BenchOptions


class Options(BenchOptions):
    """How many policies are trained, and on how many requests they are judged."""

    trainings: int = Field(
        default=5, ge=1, le=100, description="Seeds trained under each setting."
    )
    held_out: int = Field(
        default=1000,
        ge=1,
        le=MOST,
        description="Unseen requests on which all are judged.",
    )
