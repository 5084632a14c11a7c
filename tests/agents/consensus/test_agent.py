"""One round of one agent by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.agents.consensus.agent import (
    AgentData,
    ConsensusAgent,
    ConsensusConfig,
    onto_simplex,
)
from tieline.agents.consensus.message import Message

CONFIG = ConsensusConfig(rho=1.0)


def bystander(slack: float) -> ConsensusAgent:
    """The first of two agents with weights of one half; it moves the objective and not the one common constraint."""
    data = AgentData(
        weights={1: 0.5},
        number=0,
        n_agents=2,
        n_sharing=2,
        matrix=np.array([[[1.0, 0.0], [0.0, 0.0]]]),
        common_slack=np.array([[slack]]),
        own_slack=np.zeros((1, 0)),
        radius=1.0,
    )
    return ConsensusAgent(data, CONFIG)


def saying(multiplier: float) -> Message:
    return Message(np.array([[multiplier]]), may_stop=False)


def test_two_rounds_by_hand() -> None:
    """Slack -0.4, of which the agent has -0.2; 2 D = 2 rho W = 1.

    From 0 beside 0: lambda = 0 + 0.2. Beside 1.4 the two are -1.2 apart, p = 0.5 (-1.2) = -0.6, the centre is 0.8, and lambda =
    0.8 + 0.2 + 0.6.
    """
    agent = bystander(slack=-0.4)
    assert agent.answer({}).multipliers == pytest.approx(np.array([[0.2]]))
    answer = agent.answer({1: saying(1.4)})
    assert answer.multipliers == pytest.approx(np.array([[1.6]]))
    assert not answer.may_stop
    assert agent.private_step().coefficients == pytest.approx(np.array([[1.0, 0.0]]))


def test_a_multiplier_is_never_negative() -> None:
    assert bystander(slack=4.0).answer({}).multipliers.tolist() == [[0.0]]


def test_last_multipliers_stand_in_for_a_neighbour_that_is_silent() -> None:
    """After 1.4 was heard once, silence leaves all as it would be with 1.4 again."""
    agents = [bystander(-0.4) for _ in range(2)]
    for agent in agents:
        agent.answer({})
        agent.answer({1: saying(1.4)})
    silent = agents[0].answer({})
    heard = agents[1].answer({1: saying(1.4)})
    assert silent.multipliers.tolist() == heard.multipliers.tolist()
    assert agents[0].private_step().missed == {1: 1}
    assert agents[1].private_step().missed == {}


def test_a_neighbour_that_stays_silent_is_left_out() -> None:
    """Its 1.4 stands in for as many rounds as there are agents: 0.7 + 0.7, 1.4 + 0.7, 1.75 + 0.35; then nothing moves."""
    agent = bystander(slack=0.0)
    agent.answer({})
    heard = agent.answer({1: saying(1.4)})
    assert heard.multipliers == pytest.approx(np.array([[1.4]]))
    multipliers = [float(agent.answer({}).multipliers[0, 0]) for _ in range(5)]
    assert multipliers == pytest.approx([2.1] * 5)


def test_the_nearest_point_of_the_simplex_by_hand() -> None:
    points = np.array([[0.5, 0.5, -3.0], [2.0, 0.0, 0.0], [0.4, 0.1, -0.2]])
    third = [0.4 + 0.7 / 3, 0.1 + 0.7 / 3, -0.2 + 0.7 / 3]
    expected = [[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], third]
    assert onto_simplex(points) == pytest.approx(np.array(expected))
    assert onto_simplex(np.zeros((2, 0))).shape == (2, 0)
