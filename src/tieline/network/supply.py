"""Which nodes have a conducting path to the source when lines are open."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from tieline.network.network import Network
from tieline.typing import BoolArray, FloatArray

ANSWERS_KEPT = 64
"""Sets of positions remembered: studies come back to the same few thousands of times."""


def dead_nodes(network: Network, state: FloatArray) -> BoolArray:
    """Nodes that no closed element joins to the source.

    Args:
        network: feeder arrays.
        state: state vector, (state,).

    Returns:
        True where a node is de-energised, (node,).
    """
    return _dead_nodes(network, (state != 0).tobytes())


@lru_cache(maxsize=ANSWERS_KEPT)
def _dead_nodes(network: Network, state_conducts: bytes) -> BoolArray:
    """The answer is the same for the same arguments: a network never changes, and is its own key."""
    e, state = network.entries, np.frombuffer(state_conducts, dtype=bool)
    conducts = state[e.state_a] & state[e.state_b]
    row, column = network.terminals.node[e.row[conducts]], e.column[conducts]
    shape = (network.n_nodes, network.n_nodes)
    graph = sparse.coo_array((np.ones(len(row)), (row, column)), shape=shape)
    _, island = connected_components(graph, directed=False)
    return ~np.isin(island, island[network.source_nodes])


def dead_nodes_per_scenario(network: Network, state: FloatArray) -> BoolArray:
    """`dead_nodes` for state vectors (scenario, state); the search runs once per distinct set of line positions."""
    position = state[:, network.states.lines]
    if (position == position[0]).all():  # sorting is what takes time when only taps differ
        return np.broadcast_to(dead_nodes(network, state[0]), (len(state), network.n_nodes))
    lines, which = np.unique(position, axis=0, return_inverse=True)
    first = [int(np.argmax(which.ravel() == k)) for k in range(len(lines))]
    return np.stack([dead_nodes(network, state[k]) for k in first])[which.ravel()]
