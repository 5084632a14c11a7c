"""What the benchmark of voltage control can be asked. Trainings take minutes and can be kept."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from tieline.bench.kit.options import BenchOptions
from tieline.comma_lists import Texts


class Options(BenchOptions):
    """Which agents are trained, how many, how long; on how many days they are judged; where finished parts are kept."""

    trainings: int = Field(
        default=5, ge=1, le=100, description="Seeds trained of each learner."
    )
    steps_pct: int = Field(
        default=100,
        ge=1,
        le=10_000,
        description="Length of the trainings [% of each learner's steps].",
    )
    learners: Texts = Field(
        default=("ppo", "ppo-usual-discount", "sac", "ddpg"),
        description="Who is trained, separated by commas.",
    )
    days: int = Field(
        default=40,
        ge=1,
        le=1000,
        description="Held-out days, the same for all; they begin the four seasons in turn.",
    )
    parts: Path | None = Field(
        default=None,
        description="Folder of finished parts: those in it are not measured again, new ones are put there. Remove a part's file "
        "to measure it anew.",
    )
