"""Weights of graphs by hand, and every way in which a matrix of one's own can be wrong."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.agents.consensus.graph import (
    checked_weights,
    graph_weights,
    without_agents,
)
from tieline.errors import InputError


def test_weights_by_hand() -> None:
    assert graph_weights("complete", 4) == pytest.approx(np.full((4, 4), 0.25))
    third = 1.0 / 3.0
    assert graph_weights("ring", 5)[0] == pytest.approx([third, third, 0, 0, third])
    # the centre of five has four neighbours, a leaf one: 1 / (1 + 4) on every edge
    star = graph_weights("star", 5)
    assert star[0] == pytest.approx([0.2] * 5)
    assert star[1] == pytest.approx([0.2, 0.8, 0, 0, 0])


@pytest.mark.parametrize("name", ["ring", "star", "complete"])
@pytest.mark.parametrize("n_agents", [1, 2, 3, 7])
def test_numbers_of_all_agents_tend_to_their_mean(name: str, n_agents: int) -> None:
    weights = graph_weights(name, n_agents)
    assert checked_weights(weights, n_agents) is not None
    values = np.random.default_rng(0).normal(size=n_agents)
    mixed = np.linalg.matrix_power(weights, 500) @ values
    assert mixed == pytest.approx(np.full(n_agents, values.mean()), abs=1e-9)


def test_a_matrix_of_ones_own_is_taken() -> None:
    own = [[0.5, 0.5, 0.0], [0.5, 0.0, 0.5], [0.0, 0.5, 0.5]]
    assert checked_weights(own, 3).tolist() == own


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (np.eye(3).tolist(), r"not connected: agents 1; 2; 3 never hear"),
        (
            [[0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5], [0, 0, 0.5, 0.5]],
            r"agents 1, 2; 3, 4 never hear of each other\. Add an edge",
        ),
        ([[0.5, 0.5], [0.4, 0.6]], r"sum of column 1 \(0.9\), 2 \(1.1\) is not 1"),
        ([[0.5, 0.4], [0.5, 0.6]], r"not doubly stochastic: the sum of row 1 \(0.9\)"),
        ([[1.5, -0.5], [-0.5, 1.5]], r"Weights \(1, 2\), \(2, 1\) are negative"),
        (
            [[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5]],
            r"Weights \(1, 2\), \(1, 3\), \(2, 3\) differ from those of the way back",
        ),
        ([[1.0]], r"shape \(1, 1\); expected finite numbers"),
    ],
)
def test_what_is_refused(weights: list[list[float]], words: str) -> None:
    n_agents = 2 if len(weights) == 1 else len(weights)
    with pytest.raises(InputError, match=words):
        checked_weights(weights, n_agents)


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        ("tree", r"'tree' is no edge of a graph, nor 'tree' a graph by name"),
        ("1-2,2-4", r"Edge '2-4' names an agent that is not there: agents are 1 to 3"),
        ("1-2", r"not connected: agents 1, 2; 3 never hear of each other"),
        ("1-2,", r"'' is no edge"),
    ],
)
def test_graphs_that_are_refused(graph: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        graph_weights(graph, 3)


def test_a_graph_by_its_edges() -> None:
    """A path: its middle has two neighbours, so that both edges weigh 1 / 3."""
    weights = graph_weights("1-2, 2-3", 3)
    third = 1.0 / 3.0
    assert weights[1] == pytest.approx([third, third, third])
    assert weights[0] == pytest.approx([2 * third, third, 0.0])


def test_where_the_centre_of_a_star_is_silent_all_others_are_alone() -> None:
    weights = without_agents(graph_weights("star", 4), [0])
    assert weights == pytest.approx(np.eye(4))


def test_a_ring_without_one_agent_is_a_path() -> None:
    weights = without_agents(graph_weights("ring", 4), [0])
    assert weights[1:, 1:] == pytest.approx(graph_weights("1-2,2-3", 3))
    assert weights[0] == pytest.approx([1.0, 0.0, 0.0, 0.0])
