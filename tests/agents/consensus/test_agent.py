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

CONFIG = ConsensusConfig(rho=0.5, rho_halves_after=1.0)


def agent_of(matrix: list[list[float]], slack: float, start: float) -> ConsensusAgent:
    """The first of two agents, with one common constraint, a trust region of radius 1 and weights of one half."""
    data = AgentData(
        weights={0: 0.5, 1: 0.5},
        number=0,
        n_agents=2,
        n_sharing=2,
        matrix=np.array([matrix]),
        common_slack=np.array([[slack]]),
        own_slack=np.zeros((1, 0)),
        radius=1.0,
        first_multipliers=np.array([[start]]),
    )
    return ConsensusAgent(data, CONFIG)


def test_two_rounds_by_hand() -> None:
    """g = (1, 0), b = (0, 1), slack -0.4, of which each agent has -0.2.

    At lambda 0 the step is g: b d = 0 and lambda becomes 0.5 (0 + 0.2) = 0.1. A neighbour at 1.4 makes the mean 0.75, w = (1,
    -0.75) of length 1.25: b d = -0.6, and with rho 0.25 lambda becomes 0.75 + 0.25 (-0.6 + 0.2) = 0.65.
    """
    agent = agent_of([[1.0, 0.0], [0.0, 1.0]], slack=-0.4, start=0.0)
    assert agent.answer({}).multipliers == pytest.approx(np.array([[0.1]]))
    neighbour = Message(np.array([[1.4]]), may_stop=False)
    answer = agent.answer({1: neighbour})
    assert answer.multipliers == pytest.approx(np.array([[0.65]]))
    assert not answer.may_stop


def test_a_multiplier_is_never_negative() -> None:
    agent = agent_of([[1.0, 0.0], [0.0, 1.0]], slack=4.0, start=0.0)
    assert agent.answer({}).multipliers.tolist() == [[0.0]]


def test_last_multipliers_stand_in_for_a_neighbour_that_is_silent() -> None:
    """After 1.4 was heard once, silence leaves the mean as it would be with 1.4 again."""
    agents = [agent_of([[1.0, 0.0], [0.0, 1.0]], -0.4, 0.0) for _ in range(2)]
    message = Message(np.array([[1.4]]), may_stop=False)
    for agent in agents:
        agent.answer({})
        agent.answer({1: message})
    silent = agents[0].answer({})
    heard = agents[1].answer({1: message})
    assert silent.multipliers.tolist() == heard.multipliers.tolist()
    assert agents[0].private_step().missed == {1: 1}
    assert agents[1].private_step().missed == {}


def test_where_nothing_is_to_be_gained_no_step_is_taken() -> None:
    """g = b and lambda 1: w = 0."""
    matrix = [[1.0, 1.0], [1.0, 1.0]]
    agent = agent_of(matrix, slack=0.0, start=1.0)
    agent.answer({})
    x = agent.private_step().coefficients[0]
    assert x @ np.array(matrix) @ x == 0.0


def test_a_neighbour_that_stays_silent_is_left_out() -> None:
    """Its 1.4 stands in for as many rounds as there are agents; after that the mean is the agent's own 0.1 alone."""
    agent = agent_of([[1.0, 0.0], [0.0, 0.0]], slack=0.0, start=0.1)
    agent.answer({})
    agent.answer({1: Message(np.array([[1.4]]), may_stop=False)})
    multipliers = [float(agent.answer({}).multipliers[0, 0]) for _ in range(5)]
    assert multipliers[:2] == pytest.approx([(0.75 + 1.4) / 2, (1.075 + 1.4) / 2])
    assert multipliers[2:] == pytest.approx([multipliers[1]] * 3)


def test_close_to_indifference_the_step_shrinks_with_w() -> None:
    """w = 0.05 at rho 0.5: below half of rho times the constraints' 1, so that the step is 0.05 / 0.25 of the ball."""
    agent = agent_of([[0.0025, 0.0], [0.0, 1.0]], slack=0.0, start=0.0)
    agent.answer({})
    assert agent.private_step().coefficients == pytest.approx(np.array([[4.0, 0.0]]))


def test_the_nearest_point_of_the_simplex_by_hand() -> None:
    points = np.array([[0.5, 0.5, -3.0], [2.0, 0.0, 0.0], [0.4, 0.1, -0.2]])
    third = [0.4 + 0.7 / 3, 0.1 + 0.7 / 3, -0.2 + 0.7 / 3]
    expected = [[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], third]
    assert onto_simplex(points) == pytest.approx(np.array(expected))
    assert onto_simplex(np.zeros((2, 0))).shape == (2, 0)
