"""What the benchmark of microgrids can be asked. Its parts take minutes and can be left out."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from tieline.bench.kit.options import MOST, BenchOptions


class Options(BenchOptions):
    """Held-out days, whose policies, instances of the consensus."""

    days: int = Field(
        default=100,
        ge=0,
        le=10_000,
        description="Held-out days, the same for all; left out if 0.",
    )
    processes: int = Field(
        default=2, ge=1, le=256, description="Processes that share the days."
    )
    instances: int = Field(
        default=100,
        ge=0,
        le=MOST,
        description="Random programs that agents solve by consensus on each graph; left out if 0.",
    )
    windows: bool = Field(
        default=True, description="Ask the published hour and the evening peak too."
    )
    ablation: int = Field(
        default=0,
        ge=0,
        le=MOST,
        description="Updates of each of the short trainings that tell what each part of the method brings; left out if 0.",
    )
    policies: Path | None = Field(
        default=None,
        description="Folder of `tieline train microgrids` whose policies are judged; the shipped ones if not given.",
    )
    parts: Path | None = Field(
        default=None,
        description="Folder of finished short trainings: those in it are not trained again, new ones are put there. Remove a "
        "file to train its variant anew.",
    )
