"""Settings of MLFACC. None is published but the form of the method: all numbers are tieline's, with their reasons."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tieline.settings import Settings

Credit = Literal["each", "joint", "alternatives"]
"""What an agent learns from; see `credit`."""


class LeaderFollowerConfig(Settings):
    """Everything that a training depends on beside regions, games and seeds."""

    agents: int = Field(
        default=3, ge=1, le=16, description="Agents of a region; each chooses one DER."
    )
    credit: Credit = Field(
        default="alternatives",
        description="What an agent learns from: its own part of the gain (each), one error for all agents (joint), or what "
        "each DER it could have chosen is worth by AC (alternatives).",
    )
    hidden: tuple[int, ...] = Field(
        default=(32, 32),
        min_length=1,
        description="Neurons of each hidden layer of an actor.",
    )
    attention: int = Field(
        default=32, ge=1, description="Width of the critic and of its one head."
    )
    round_games: int = Field(
        default=128,
        ge=1,
        description="Games of a region that are played, by the same actors, before they learn.",
    )
    batch: int = Field(
        default=32,
        ge=1,
        description="Games per update. Small: many updates teach more than exact slopes.",
    )
    passes: int = Field(
        default=4,
        ge=1,
        description="Times that each game is learned from; alternatives only, the other credits need fresh games.",
    )
    rate: float = Field(
        default=3e-3, gt=0, description="First learning rate of actors and critic."
    )
    final_rate_share: float = Field(
        default=0.02,
        gt=0,
        le=1,
        description="Learning rate at the end over that at the start.",
    )
    largest_step: float = Field(
        default=1.0, gt=0, description="Largest norm of a slope; a longer one is cut."
    )
    explore: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="Choices made at random in games to learn from; alternatives only.",
    )
    sharpness: float = Field(
        default=0.002,
        gt=0,
        description="Difference of worth between two DERs that matters, as a part of the demand at the balancing price; "
        "alternatives only.",
    )
    entropy: float = Field(
        default=0.02, ge=0, description="Weight of the entropy at the start."
    )
    entropy_until: float = Field(
        default=0.7,
        gt=0,
        le=1,
        description="Part of the games after which it has fallen to nothing.",
    )
    tracing: float = Field(
        default=0.1,
        ge=0,
        description="Weight of the tracing constraint (mu): an agent is not to want what its leaders chose.",
    )
    tracing_floor: float = Field(
        default=1e-3,
        gt=0,
        lt=1,
        description="Probability of a leader's choice below which nothing is gained.",
    )
    tracing_until: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="Part of the games after which the constraint, relaxed at first, holds in full.",
    )
    shared: bool = Field(
        default=False, description="One network for all regions in place of one each."
    )


DEFAULTS = LeaderFollowerConfig()
