"""What a training for load restoration can be asked: the world, and how policies learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, field_validator

from tieline.comma_lists import Texts
from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.errors import unknown_name_message
from tieline.settings import Settings
from tieline.settings.fields import feeder_field
from tieline.studies.training_config import TrainingConfig

if TYPE_CHECKING:
    from tieline.agents.constrained_update.config import UpdateConfig

METHODS = ("cpo", "imitation", "imitation-corrected")
"""How policies learn: constrained policy optimisation; imitation of the program with a window of eight steps, and of the one of
all steps left with a corrected forecast.
"""

SHORTEST = 0.05
"""Part of the first stride that the last ones have."""


class LearnerConfig(Settings):
    """Settings of the method."""

    base: Literal["plan", "before"] = Field(
        default="plan",
        description="What a policy's numbers depart from: the holding plan, or what stood in the step before.",
    )
    updates: int = Field(default=40, ge=1, description="Updates of each seed.")
    draws: int = Field(
        default=128, ge=8, description="Episodes of an update, side by side."
    )
    batches: int = Field(
        default=1,
        ge=1,
        description="Batches of draws that updates take in turn; with few, a training sees what it gained.",
    )
    check_draws: int = Field(
        default=64, ge=1, description="Episodes of a check, which no update sees."
    )
    check_every: int = Field(
        default=5, ge=1, description="Updates from one check to the next."
    )
    hidden: tuple[int, ...] = Field(
        default=(64, 64),
        min_length=1,
        description="Neurons of each hidden layer, of means and of spreads.",
    )
    spread: float = Field(
        default=0.001,
        gt=0,
        description="Standard deviation of numbers at the start [share of rating].",
    )
    stride: float = Field(
        default=0.03,
        gt=0,
        description="How far an update may move the means: root of the mean over samples of the sum of squares of a sample's "
        "numbers [share of rating].",
    )
    delta: float | None = Field(
        default=None,
        gt=0,
        description="Size of the trust region (mean KL divergence), in place of the stride.",
    )
    discount: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="Gamma of a step; a horizon that ends needs none below 1.",
    )
    tail_share: float = Field(
        default=0.05,
        gt=0,
        le=1,
        description="Share of draws, the worst, whose mean a limit is put on.",
    )
    tolerance: float = Field(
        default=0.01,
        ge=0,
        description="How far the worst draws may leave the range of a droop unit before the island itself drops load [share of "
        "its highest power].",
    )
    margin: float = Field(
        default=0.006,
        ge=0,
        description="How far inside that a step aims, in the same unit: other draws have other tails.",
    )
    metric_samples: int = Field(
        default=256,
        ge=1,
        description="Samples that the Fisher matrix of an update is the mean of.",
    )
    lessons: Literal["practice", "mixed"] = Field(
        default="mixed",
        description="Sun and wind that policies learn from: times a level and noise, or a third each of that, of errors that "
        "last, and of a drop at some time.",
    )
    imitation_draws: int = Field(
        default=8,
        ge=1,
        description="Episodes that a teacher decides in each round of an imitation.",
    )
    imitation_rounds: int = Field(
        default=2,
        ge=1,
        description="Rounds of an imitation; from the second on the network plays and the teacher corrects.",
    )
    imitation_steps: int = Field(
        default=2000, ge=1, description="Steps of least squares in each round."
    )
    damping: float = Field(
        default=0.0025,
        gt=0,
        description="Added to the diagonal of the Fisher matrix, in units of one over the spread squared.",
    )
    first_curvature: float = Field(
        default=4.0,
        ge=1,
        description="How much larger the true divergence is taken to be than the metric says, before it was measured.",
    )

    @property
    def first_delta(self) -> float:
        """Size of the trust region at the start: as given, or divergence of means that move by a stride, at the first spread."""
        if self.delta is not None:
            return self.delta
        return (self.stride / self.spread) ** 2 / 2

    def update_config(self, number: int, curvature: float) -> UpdateConfig:
        """Settings of an update; strides become shorter from update to update."""
        # heavy: the command line makes configurations without learning anything
        from tieline.agents.constrained_update.config import UpdateConfig

        part = max(1 - number / self.updates, SHORTEST)
        return UpdateConfig(
            delta=self.first_delta * part**2,
            metric="layers",
            margin=self.margin,
            metric_samples=self.metric_samples,
            curvature=curvature,
            damping=self.damping / self.spread**2,
        )


class RestorationTrainingConfig(RestorationWorldConfig, TrainingConfig):
    """Train policies that restore the load of an island."""

    ASKS_ISLANDS: ClassVar[bool] = True

    feeder: str = feeder_field(
        "ieee36",
        "Of this training: a bundled island (ieee36, ieee36-ample, ieee36-priority, ieee36-weak, case141), or the path of an "
        "island file (.toml).",
    )
    methods: Texts = Field(
        default=METHODS,
        min_length=1,
        description=f"How policies learn, separated by commas: {', '.join(METHODS)}.",
    )
    held_out: int = Field(
        default=32,
        ge=1,
        le=10_000,
        description="Unseen draws of each scenario in which policies stand beside the holding plan.",
    )
    learner: LearnerConfig = Field(
        default_factory=LearnerConfig, description="Settings of the methods."
    )

    @field_validator("methods")
    @classmethod
    def _methods_exist(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in METHODS:
                raise ValueError(unknown_name_message("method", name, METHODS))
        return tuple(dict.fromkeys(names))
