"""Settings of PPO. The defaults are those of Schulman et al. (2017) for continuous control, but for the number of episodes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tieline.agents.round_config import RoundConfig


class PpoConfig(RoundConfig):
    """Everything that a training depends on beside task and seed."""

    hidden: tuple[int, ...] = Field(
        default=(64, 64),
        min_length=1,
        description="Neurons of each hidden layer, actor and critic.",
    )
    rate: float = Field(default=3e-4, gt=0, description="First learning rate.")
    final_rate_share: float = Field(
        default=0.02,
        gt=0,
        le=1,
        description="Learning rate at the end over that at the start.",
    )
    discount: float = Field(
        default=0.99,
        ge=0,
        le=1,
        description="Worth of a reward one step later (gamma).",
    )
    trace: float = Field(
        default=0.95,
        ge=0,
        le=1,
        description="Weight of what is one step farther away in the advantage (lambda).",
    )
    clip: float = Field(
        default=0.2,
        gt=0,
        description="Largest gain that is seen in a change of an action's probability, as a share of it.",
    )
    value_weight: float = Field(
        default=0.5, ge=0, description="Weight of the critic's error."
    )
    entropy_weight: float = Field(
        default=0.0, ge=0, description="Weight of the spread of the actions."
    )
    largest_slope: float = Field(
        default=0.5,
        gt=0,
        description="Longer gradients are cut to this length.",
    )
    episodes: int = Field(default=128, ge=1, description="Episodes side by side.")
    epochs: int = Field(
        default=10,
        ge=1,
        description="Times that the steps of a round are learned from.",
    )
    batch: int = Field(default=512, ge=1, description="Steps per update.")
    steps: int = Field(
        default=150_000,
        ge=1,
        description="Steps in the environment, all episodes together.",
    )
    spread: float = Field(
        default=1.0,
        gt=0,
        description="First spread of the actions, standard deviation before the task's own last layer.",
    )
    collect: Literal["auto", "compiled", "stepped"] = Field(
        default="auto",
        description="Steps are made inside the compiled training, or by BatchedEnv around it; auto compiles where the task can "
        "be and its feeder is small enough for that to pay.",
    )
