"""Settings of the analytic policy gradient."""

from __future__ import annotations

from pydantic import Field

from tieline.agents.round_config import RoundConfig


class ApgConfig(RoundConfig):
    """Everything that a training depends on beside task and seed."""

    hidden: tuple[int, ...] = Field(
        default=(128, 128),
        min_length=1,
        description="Neurons of each hidden layer of the actor.",
    )
    each_agent: bool = Field(
        default=False,
        description="Whether each agent of the task has an actor of its own that sees the agent's entries alone; all learn from "
        "the reward of all.",
    )
    rate: float = Field(default=3e-3, gt=0, description="First learning rate.")
    final_rate_share: float = Field(
        default=0.02,
        gt=0,
        le=1,
        description="Learning rate at the end over that at the start.",
    )
    spread: float = Field(
        default=0.0,
        ge=0,
        description="First spread of the noise on the actor's numbers, standard deviation, which falls to nothing; some is "
        "needed where a task has actions that change nothing, and with them no slope.",
    )
    largest_slope: float = Field(
        default=1.0,
        gt=0,
        description="Longer gradients are cut to this length.",
    )
    overshoot_weight: float = Field(
        default=1.0,
        ge=0,
        description="Weight of the squared distance of free numbers from the bounds, for the head that clips: what lies far "
        "outside would take long to come back.",
    )
    round_steps: int = Field(
        default=48,
        ge=1,
        description="Steps of each episode that a gradient looks back on; those of a whole episode see all that a decision leads "
        "to.",
    )
