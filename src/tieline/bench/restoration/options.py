"""What the benchmark of load restoration can be asked. Its parts take minutes, can be left out, and can be kept."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from tieline.bench.kit.options import MOST, BenchOptions
from tieline.comma_lists import Texts


class Options(BenchOptions):
    """Which islands, how many draws, whose policies, where finished parts are kept."""

    islands: Texts = Field(
        default=("ieee36", "case141", "ieee36-ample"),
        description="Islands, separated by commas: bundled ones or paths of island files.",
    )
    draws: int = Field(
        default=6, ge=1, le=10_000, description="Draws of scenario random."
    )
    trial: bool = Field(
        default=True,
        description="Compare the programs with figures worked out with another tool too.",
    )
    ablation: int = Field(
        default=0,
        ge=0,
        le=MOST,
        description="Updates of each of the short trainings that tell what each part of the method brings; left out if 0.",
    )
    policies: Path | None = Field(
        default=None,
        description="Folder of `tieline train restoration` whose policies are judged; the shipped ones if not given.",
    )
    parts: Path | None = Field(
        default=None,
        description="Folder of finished parts: those in it are not measured again, new ones are put there. Remove a part's file "
        "to measure it anew.",
    )
