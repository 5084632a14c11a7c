"""Who hears whom: doubly stochastic weights W of a connected graph. Mixed with them, numbers of all agents tend to their mean.

Weights of ring, star and any edges are those of Metropolis: W_ij = 1 / (1 + max(d_i, d_j)) on edges with d the numbers of
neighbours, the rest on the diagonal; on the complete graph all are 1 / N.

Source: L. Xiao, S. Boyd, S. Lall, "Distributed average consensus with time-varying Metropolis weights", 2006, section 1.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal

import networkx as nx
import numpy as np
from numpy.typing import ArrayLike

from tieline.errors import InputError
from tieline.typing import FloatArray

GraphName = Literal["ring", "star", "complete"]

_MAKERS = {
    "ring": nx.cycle_graph,
    "star": lambda n_agents: nx.star_graph(n_agents - 1),
    "complete": nx.complete_graph,
}
_EDGE = re.compile(r"\s*(\d+)\s*-\s*(\d+)\s*")

ROUNDING = 1e-9
"""Of the sums of weights."""


def graph_weights(graph: str, n_agents: int) -> FloatArray:
    """W of a graph, (agent, agent).

    Args:
        graph: "ring", "star" around the first agent, "complete", or edges between agents counted from 1, as "1-2,2-3".
        n_agents: agents there are.

    Raises:
        InputError: if there is no such graph, an edge leads nowhere, or some agents never hear of others.
    """
    if n_agents < 1:
        raise InputError(
            f"There is no graph of {n_agents} agents. At least one is needed."
        )
    maker = _MAKERS.get(graph)
    made = maker(n_agents) if maker else _graph_of_edges(graph, n_agents)
    made.remove_edges_from(list(nx.selfloop_edges(made)))
    return checked_weights(metropolis_weights(made), n_agents)


def _graph_of_edges(text: str, n_agents: int) -> nx.Graph:
    graph = nx.empty_graph(n_agents)
    for edge in text.split(","):
        match = _EDGE.fullmatch(edge)
        if match is None:
            raise InputError(
                f"'{edge}' is no edge of a graph, nor '{text}' a graph by name. Choose ring, star or complete, or give edges "
                "between agents such as 1-2,2-3."
            )
        ends = [int(number) - 1 for number in match.groups()]
        if not all(0 <= end < n_agents for end in ends):
            raise InputError(
                f"Edge '{edge.strip()}' names an agent that is not there: agents are 1 to {n_agents}."
            )
        graph.add_edge(*ends)
    return graph


def metropolis_weights(graph: nx.Graph) -> FloatArray:
    """W of any graph without loops, (agent, agent), agents in the order of its nodes."""
    nodes = list(graph)
    place = {node: number for number, node in enumerate(nodes)}
    weights = np.zeros((len(nodes), len(nodes)))
    degree = dict(graph.degree)
    for one, neighbour in graph.edges:
        larger_degree = max(degree[one], degree[neighbour])
        weight = 1.0 / (1.0 + larger_degree)
        row = place[one]
        column = place[neighbour]
        weights[row, column] = weight
        weights[column, row] = weight
    to_others = weights.sum(axis=1)
    np.fill_diagonal(weights, 1.0 - to_others)
    return weights


def neighbours_of(weights: FloatArray, agent: int) -> list[int]:
    """Those whom an agent hears."""
    heard = np.flatnonzero(weights[agent])
    return [int(sender) for sender in heard if sender != agent]


def without_agents(weights: FloatArray, absent: Collection[int]) -> FloatArray:
    """Metropolis weights on the edges that are left where some agents do not answer, (agent, agent); these are by themselves."""
    edges = (weights > 0).astype(int)
    graph = nx.from_numpy_array(edges)
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    graph.remove_edges_from(list(graph.edges(list(absent))))
    return metropolis_weights(graph)


def checked_weights(weights: ArrayLike, n_agents: int) -> FloatArray:
    """A matrix of one's own, once it is known to lead to agreement.

    Args:
        weights: W, (agent, agent); the weight that the row's agent gives to the column's.
        n_agents: agents there are.

    Raises:
        InputError: with all that is wrong: not square, negative, rows or columns that do not add up to 1, pairs with two weights,
            agents who do not hear of each other.
    """
    matrix = np.asarray(weights, dtype=float)
    if matrix.shape != (n_agents, n_agents) or not np.isfinite(matrix).all():
        raise InputError(
            f"Weights of the graph have shape {matrix.shape}; expected finite numbers, one for each pair of {n_agents} agents."
        )
    problems = [
        *_wrong_sums(matrix),
        *_wrong_signs(matrix),
        *_wrong_pairs(matrix),
        *_apart(matrix),
    ]
    if problems:
        raise InputError(" ".join(problems))
    return matrix


def _wrong_sums(matrix: FloatArray) -> list[str]:
    problems = []
    for axis, side in ((1, "row"), (0, "column")):
        sums = matrix.sum(axis=axis)
        error = np.abs(sums - 1.0)
        wrong = np.flatnonzero(error > ROUNDING)
        if len(wrong):
            listed = ", ".join(f"{k + 1} ({sums[k]:.6g})" for k in wrong)
            problems.append(
                f"Weights are not doubly stochastic: the sum of {side} {listed} is not 1. Correct them, or name a graph."
            )
    return problems


def _wrong_signs(matrix: FloatArray) -> list[str]:
    pairs = [f"({i + 1}, {j + 1})" for i, j in np.argwhere(matrix < -ROUNDING)]
    return [f"Weights {', '.join(pairs)} are negative."] if pairs else []


def _wrong_pairs(matrix: FloatArray) -> list[str]:
    """Pairs that do not weigh each other alike: what the two have disagreed by would not cancel."""
    is_uneven = np.abs(matrix - matrix.T) > ROUNDING
    pairs = [f"({i + 1}, {j + 1})" for i, j in np.argwhere(np.triu(is_uneven))]
    if not pairs:
        return []
    return [
        f"Weights {', '.join(pairs)} differ from those of the way back. Give both agents of a pair the same weight."
    ]


def _apart(matrix: FloatArray) -> list[str]:
    """What is wrong where some agents never hear of others."""
    edges = (matrix > 0).astype(int)
    graph = nx.from_numpy_array(edges, create_using=nx.DiGraph)
    components = nx.strongly_connected_components(graph)
    parts = sorted(sorted(part) for part in components)
    if len(parts) == 1:
        return []
    listed = "; ".join(", ".join(str(agent + 1) for agent in part) for part in parts)
    return [
        f"The graph is not connected: agents {listed} never hear of each other. Add an edge between these parts."
    ]
