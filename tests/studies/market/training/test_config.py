"""What a training of the market refuses to be asked."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tieline.agents.leader_follower.config import LeaderFollowerConfig
from tieline.studies.market.training.config import MarketTrainingConfig


def test_settings_given_in_full_name_as_many_agents_as_the_market() -> None:
    """DERs are sized by the agents of the market: policies of another number would fit no run."""
    two = LeaderFollowerConfig(agents=2)
    with pytest.raises(ValidationError, match="learner has 2 agents and the market 3"):
        MarketTrainingConfig(learner=two)
    assert MarketTrainingConfig(learner=two, agents=2).settings == two


def test_settings_given_in_full_hold_the_credit() -> None:
    learner = LeaderFollowerConfig()
    with pytest.raises(ValidationError, match="write credit there"):
        MarketTrainingConfig(learner=learner, credit="joint")
