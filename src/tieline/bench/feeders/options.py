"""What the benchmark of feeder files can be asked."""

from __future__ import annotations

from pydantic import Field

from tieline.bench.kit.options import BenchOptions

LONGEST_S = 86_400
"""A day: longer than any file takes."""


class Options(BenchOptions):
    """Files and folders, and how long each file may take."""

    feeders: tuple[str, ...] = Field(
        default=("ieee13", "ieee33", "ieee123"),
        description="Feeder files, folders that are searched for them, or names, also of other packages, as simbench:1-LV-*.",
    )
    limit_s: int = Field(
        default=120,
        ge=1,
        le=LONGEST_S,
        description="Longest time for a file, the engine's own solve included [s].",
    )
