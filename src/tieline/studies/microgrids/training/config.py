"""What a training for networked microgrids can be asked: the world, and how its agents learn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from tieline.agents.consensus.settings import ConsensusSettings
from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.settings import Settings
from tieline.studies.training_config import TrainingConfig

if TYPE_CHECKING:
    from tieline.agents.constrained_update.config import UpdateConfig


SHORTEST = 0.05
"""Part of the first stride that the last ones have."""


class LearnerConfig(Settings):
    """Settings of the method."""

    updates: int = Field(default=250, ge=1, description="Updates of each seed.")
    walkers: int = Field(
        default=1024,
        ge=16,
        description="Days on the way at once; each takes one step for each update.",
    )
    plain_windows: int = Field(
        default=128,
        ge=1,
        description="Windows of an update picked evenly among those of the walkers: the gain is that of these.",
    )
    hard_windows: int = Field(
        default=136,
        ge=0,
        description="Windows of an update, at most, that come next to a limit or break it most: the tails are of all.",
    )
    lesson_days: int = Field(default=128, ge=1, description="Days that windows are of.")
    check_days: int = Field(
        default=16, ge=1, description="Days of the checks, which no update sees."
    )
    check_every: int = Field(
        default=25, ge=1, description="Updates from one check to the next."
    )
    hidden: tuple[int, ...] = Field(
        default=(32, 32),
        min_length=1,
        description="Neurons of each hidden layer, of means and of spreads.",
    )
    spread: float = Field(
        default=0.005,
        gt=0,
        description="Standard deviation of actions at the start [share of rating].",
    )
    stride: float = Field(
        default=0.07,
        gt=0,
        description="How far an update may move the means: root of the mean over windows of the sum of squares of a window's "
        "numbers [share of rating].",
    )
    tail_share: float = Field(
        default=0.02,
        gt=0,
        le=1,
        description="Share of windows x steps, the worst, whose mean a limit is put on.",
    )
    margin: float = Field(
        default=0.03,
        ge=0,
        description="How far inside its limit a tail is brought [share of half the voltage band, of a flow's limit].",
    )
    # none would keep means a few spreads inside of limits at which the optimum lies most of the day
    device_tolerance: float = Field(
        default=0.02,
        ge=-1,
        le=1,
        description="How far wishes may be beyond what a device can do; below 0, how far inside they stay [share of rating].",
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
    def delta(self) -> float:
        """Size of the trust region: divergence of means that move by a stride, at the first spread."""
        return (self.stride / self.spread) ** 2 / 2

    def update_config(self, number: int, curvature: float) -> UpdateConfig:
        """Settings of an update; strides become shorter from update to update."""
        # heavy: the command line makes configurations without learning anything
        from tieline.agents.constrained_update.config import UpdateConfig

        return UpdateConfig(
            delta=self.delta * max(1 - number / self.updates, SHORTEST) ** 2,
            metric="layers",
            curvature=curvature,
            damping=self.damping / self.spread**2,
        )


class MicrogridsTrainingConfig(
    MicrogridsWorldConfig, ConsensusSettings, TrainingConfig
):
    """Train safe policies for the microgrids of a feeder."""

    steps_by: Literal["central", "consensus", "barrier"] = Field(
        default="central",
        description="How the step of an update is found: all at once, by agents among themselves over the graph, or all at once "
        "with a barrier in the trust region in place of limits (C-TRPO).",
    )
    held_out: int = Field(
        default=100,
        ge=1,
        le=10_000,
        description="Unseen days in which policies stand beside merit order.",
    )
    learner: LearnerConfig = Field(
        default_factory=LearnerConfig, description="Settings of the method."
    )

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        if self.steps_by == "consensus":
            return
        for name in ("graph", "graph_weights", "engine"):
            value = getattr(self, name)
            # a saved configuration holds defaults too, which ask for nothing
            if value != type(self).model_fields[name].default:
                yield (
                    f"{name} ({value}) has no meaning for steps_by {self.steps_by}: nobody exchanges anything. Add "
                    "steps_by = 'consensus', or leave it out"
                )
