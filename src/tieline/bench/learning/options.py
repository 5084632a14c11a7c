"""What the benchmark of learning can be asked. Trainings take minutes and can be kept."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from tieline.bench.kit.options import BenchOptions
from tieline.comma_lists import Texts


class Options(BenchOptions):
    """Which tasks are played, how many agents are trained and how long; where finished parts are kept."""

    tasks: Texts = Field(
        default=(
            "dso33-as-published",
            "dso33",
            "dso123",
            "ders141-as-published",
            "ders141",
            "ders123",
            "voltage-control",
        ),
        description="Tasks that are played, separated by commas.",
    )
    studies: Texts = Field(
        default=("reserve", "market", "microgrids", "restoration"),
        description="Decisions with a study of their own that stand in the table beside the tasks, separated by commas; none for "
        "no study.",
    )
    learners: Texts = Field(
        default=(),
        description="Who is trained, by the names on the page in small letters with hyphens, as ppo-of-sb3, separated by commas; "
        "all if not given.",
    )
    trainings: int = Field(
        default=5, ge=1, le=100, description="Seeds trained of each learner."
    )
    steps_pct: int = Field(
        default=100,
        ge=1,
        le=10_000,
        description="Length of the trainings [% of each learner's steps].",
    )
    most_days: int = Field(
        default=50,
        ge=2,
        description="Days of each split that are played at most, the first of it.",
    )
    parts: Path | None = Field(
        default=None,
        description="Folder of finished parts: those in it are not measured again, new ones are put there. Remove a part's file "
        "to measure it anew.",
    )
