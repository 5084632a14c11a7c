"""Settings of constrained policy optimisation along exact slopes."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from tieline.agents.round_config import RoundConfig

SHORTEST = 0.05
"""Part of the first stride that the last updates have."""


class CpoConfig(RoundConfig):
    """Everything that a training depends on beside task and seed."""

    hidden: tuple[int, ...] = Field(
        default=(64, 64),
        min_length=1,
        description="Neurons of each hidden layer of means, and of spreads.",
    )
    each_agent: bool = Field(
        default=False,
        description="Whether each agent of the task has a policy of its own that sees the agent's entries alone; all raise the "
        "reward of all.",
    )
    steps_by: Literal["centre", "ring", "star", "complete"] = Field(
        default="centre",
        description="Who finds the step of all agents: one solver that knows all slopes, or the agents among themselves, who "
        "exchange multipliers with their neighbours on this graph.",
    )
    limited: tuple[str, ...] = Field(
        default=(),
        description="Constraints of the task that are kept at their limits, and terms of the reward that are kept at 0 in place "
        "of being weighed. Both need a slope: a count of broken limits has none.",
    )
    tolerance: float = Field(
        default=0.0,
        ge=0,
        description="What the worst episodes may lie beyond a limit, mean over their steps, in its unit.",
    )
    margin: float = Field(
        default=0.0,
        ge=0,
        description="How far inside that an update aims, in the same unit: other episodes have other tails.",
    )
    tail_share: float = Field(
        default=0.1,
        gt=0,
        le=1,
        description="Share of the episodes, the worst, whose mean a limit is put on.",
    )
    spread: float = Field(
        default=0.3,
        gt=0,
        description="First standard deviation of the numbers that a policy draws; it is learned like the means.",
    )
    stride: float = Field(
        default=1.0,
        gt=0,
        description="How far the first update may move the means, root of the mean over samples of the sum of squares of a "
        "sample's numbers; updates become shorter towards the end.",
    )
    damping: float = Field(
        default=0.0025,
        gt=0,
        description="Added to the diagonal of the Fisher matrix, in units of one over the spread squared.",
    )
    metric_samples: int = Field(
        default=256,
        ge=1,
        description="Samples that the Fisher matrix of an update is the mean of.",
    )
    first_curvature: float = Field(
        default=4.0,
        ge=1,
        description="How much larger the true divergence is taken to be than the metric says, before it was measured.",
    )
    overshoot_weight: float = Field(
        default=0.1,
        ge=0,
        description="Weight of the squared distance of free numbers from the bounds, for the head that clips: what lies far "
        "outside would take long to come back.",
    )
    round_steps: int = Field(
        default=48, ge=1, description="Steps of each episode that an update looks at."
    )
    steps: int = Field(
        default=60_000,
        ge=1,
        description="Steps in the environment, all episodes together; those that try parts of an update are not counted.",
    )

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if self.steps_by != "centre" and not self.each_agent:
            raise ValueError(
                f"steps_by '{self.steps_by}' asks several agents; set each_agent."
            )
        if self.margin > self.tolerance:
            raise ValueError(
                f"A margin of {self.margin:g} inside a tolerance of {self.tolerance:g} cannot be reached: nothing counts as less "
                "than kept. Lower the margin or raise the tolerance."
            )
        return self

    def delta(self, rounds: int) -> float:
        """Size of each agent's trust region after so many updates, in KL divergence."""
        part = max(1.0 - rounds / self.n_rounds, SHORTEST)
        return (part * self.stride / self.spread) ** 2 / 2.0
