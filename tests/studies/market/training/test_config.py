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


@pytest.mark.parametrize("price", [0.0, -1.0])
def test_games_need_a_price_that_a_run_could_have(price: float) -> None:
    with pytest.raises(ValidationError, match="must be above 0: games are judged"):
        MarketTrainingConfig(reference_price=price)


def test_settings_given_in_full_hold_the_credit() -> None:
    learner = LeaderFollowerConfig()
    with pytest.raises(ValidationError, match="write credit there"):
        MarketTrainingConfig(learner=learner, credit="joint")
