"""Every message that is sent is kept, and holds multipliers of shared limits and one flag."""

from __future__ import annotations

import numpy as np
from step_questions import random_question

from tieline.agents.consensus.agent import ConsensusConfig
from tieline.agents.consensus.graph import graph_weights
from tieline.agents.consensus.message import LocalChannel
from tieline.agents.consensus.step import ConsensusStep
from tieline.agents.consensus.watched import WatchedChannel


def test_all_messages_of_the_last_agreement_and_nothing_private_in_them() -> None:
    """Four of twelve limits are one agent's own: only eight multipliers are ever sent once the way is free."""
    channel = WatchedChannel(LocalChannel())
    config = ConsensusConfig(most_rounds=20)
    find_step = ConsensusStep(channel, graph_weights("ring", 5), config)
    find_step(random_question(0, n_own=4, broken=-0.05))
    (record,) = find_step.records
    assert record.shared.tolist() == list(range(8))
    assert len(channel.rounds) == record.rounds == 20
    for messages in channel.rounds:
        for message in messages:
            assert message is not None
            assert set(vars(message)) == {"multipliers", "may_stop"}
            assert message.multipliers.shape == (1, 8)
            assert message.multipliers.dtype == np.float64
            assert isinstance(message.may_stop, bool)
