"""`TrainingConfig`: what every training's configuration has beside what a study's has."""

from __future__ import annotations

from pydantic import Field

from tieline.studies.config import StudyConfig


class TrainingConfig(StudyConfig):
    """Fields that every training has: one training says little of a method, since each ends somewhere else."""

    trainings: int = Field(
        default=5,
        ge=1,
        le=100,
        description="Trainings of each method, of seeds seed, seed + 1, ...",
    )

    @property
    def seeds(self) -> list[int]:
        """One per training."""
        return list(range(self.seed, self.seed + self.trainings))
