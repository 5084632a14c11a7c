"""Settings of independent PPO: those of PPO, for each of several agents, and the price of broken limits where there is one."""

from __future__ import annotations

from pydantic import Field

from tieline.agents.ppo_config import PpoConfig


class IppoConfig(PpoConfig):
    """Everything that a training of several agents depends on beside task and seed; every agent has networks of these sizes."""

    left_out: tuple[str, ...] = Field(
        default=(),
        description="Terms of the reward that are not learned from, as the price of broken limits stands for them.",
    )
    multiplier_rate: float = Field(
        default=0.0,
        ge=0,
        description="By how much the price of a limit rises in a round in which it is broken by 1 in every step [spread of the "
        "rewards in the first round, per unit of the limit]; 0 asks no price.",
    )
