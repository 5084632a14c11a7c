"""Settings of DDPG. The defaults are tieline's own choice; `PRESETS["paper"]` are those published for the reserve study."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tieline.settings import Settings


class DdpgConfig(Settings):
    """Everything that a training depends on beside task and seed."""

    hidden: tuple[int, ...] = Field(
        default=(64, 64),
        min_length=1,
        description="Neurons of each hidden layer, actor and critic.",
    )
    actor_rate: float = Field(
        default=1e-3, gt=0, description="First learning rate of the actor."
    )
    critic_rate: float = Field(
        default=2e-3, gt=0, description="First learning rate of the critic."
    )
    final_rate_share: float = Field(
        default=0.02,
        gt=0,
        le=1,
        description="Learning rates at the end over those at the start.",
    )
    discount: float = Field(
        default=0.99,
        ge=0,
        le=1,
        description="Worth of a reward one step later (gamma).",
    )
    soft_update: float = Field(
        default=0.01,
        gt=0,
        le=1,
        description="Share by which target networks follow per update (tau).",
    )
    memory: int = Field(default=100_000, ge=1, description="Steps remembered (replay).")
    batch: int = Field(default=256, ge=1, description="Remembered steps per update.")
    episodes: int = Field(default=256, ge=1, description="Episodes side by side.")
    steps: int = Field(
        default=24_000,
        ge=1,
        description="Steps in the environment, all episodes together.",
    )
    first_steps: int = Field(
        default=4_000,
        ge=0,
        description="Steps with random actions before learning begins.",
    )
    updates_per_round: int = Field(
        default=64,
        ge=1,
        description="Updates after each round of one step in every episode.",
    )
    noise: float = Field(
        default=2.0, ge=0, description="Exploration at the start, standard deviation."
    )
    final_noise: float = Field(
        default=0.3, ge=0, description="Exploration at the end, standard deviation."
    )
    explore: Literal["preferences", "actions"] = Field(
        default="preferences",
        description="Noise is added before the task's own last layer, or to the action itself.",
    )
    head: Literal["task", "sigmoid"] = Field(
        default="task",
        description="Last layer of the actor: what the task offers (`Task.squash`), or a sigmoid over the bounds.",
    )
    preference_penalty: float = Field(
        default=1e-3,
        ge=0,
        description="Weight of the square of the actor's outputs, which keeps the last layer from going flat.",
    )
    scale_rewards: bool = Field(
        default=True, description="Rewards in units of their spread in the first steps."
    )


PRESETS = {
    "default": DdpgConfig(),
    "paper": DdpgConfig(
        hidden=(8, 8),
        actor_rate=1e-3,
        critic_rate=2e-3,
        final_rate_share=1.0,
        discount=0.99,
        soft_update=0.005,
        memory=1500,
        batch=200,
        episodes=1,
        steps=1500,
        first_steps=200,
        updates_per_round=1,
        noise=0.1,
        final_noise=0.1,
        explore="actions",
        head="sigmoid",
        preference_penalty=0.0,
        scale_rewards=False,
    ),
}
"""Soft update, first steps and the spread of the noise are not published: usual values stand in (Lillicrap et al., 2016)."""
