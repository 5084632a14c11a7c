"""What a training for the market study can be asked: the stage of the market, and how its regions learn to choose DERs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from tieline.agents.leader_follower.config import LeaderFollowerConfig
from tieline.studies.market.stage_config import MarketStageConfig
from tieline.studies.training_config import TrainingConfig


class MarketTrainingConfig(MarketStageConfig, TrainingConfig):
    """Train policies that choose DERs for the microgrids of a feeder."""

    kind: Literal["open", "paper"] = Field(
        default="open",
        description="Games: open, with level of load, limits and offers drawn; paper, with load centroids and demand alone.",
    )
    held_out: int = Field(
        default=1000,
        ge=1,
        le=100_000,
        description="Unseen games of each region in which policies stand beside rules and the best of all sets. Each "
        "solves every set of DERs, which takes minutes however few --games there are: ask for fewer for a quick look.",
    )
    learner: LeaderFollowerConfig | None = Field(
        default=None,
        description="Settings of the method in full, in place of tieline's own with agents and credit.",
    )

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        if self.reference_price <= 0:
            # as in a run: losses would be rewarded, and what is bought would cost nothing
            yield f"reference_price ({self.reference_price:g}) must be above 0: games are judged by it"
        usual = type(self).model_fields["credit"].default
        if self.learner is not None and self.credit != usual:
            yield "learner gives all settings of the method: write credit there"
        if self.learner is not None and self.learner.agents != self.agents:
            # the market sizes DERs by its agents, and asks a policy of as many
            yield (
                f"learner has {self.learner.agents} agents and the market {self.agents}: give both the same number (agents)"
            )

    @property
    def settings(self) -> LeaderFollowerConfig:
        """Settings of the method: those given in full, or tieline's own."""
        if self.learner is not None:
            return self.learner
        return LeaderFollowerConfig(agents=self.agents, credit=self.credit)
