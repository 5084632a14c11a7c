"""`RoundConfig`: how long a training in rounds is, and the last layer of what it trains."""

from __future__ import annotations

from pydantic import Field

from tieline.agents.head_names import OF_HEAD, Head
from tieline.settings import Settings


class RoundConfig(Settings):
    """What trainings in rounds share: episodes side by side, so many steps of each, then something is learned."""

    episodes: int = Field(default=32, ge=1, description="Episodes side by side.")
    round_steps: int = Field(
        default=48, ge=1, description="Steps of each episode in a round."
    )
    steps: int = Field(
        default=600_000,
        ge=1,
        description="Steps in the environment, all episodes together.",
    )
    head: Head = Field(default="task", description=OF_HEAD)

    @property
    def steps_of_round(self) -> int:
        """Steps of all episodes in a round."""
        return self.episodes * self.round_steps

    @property
    def n_rounds(self) -> int:
        """Rounds of a training."""
        return max(1, self.steps // self.steps_of_round)
