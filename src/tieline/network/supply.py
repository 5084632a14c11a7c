"""Which nodes are live when lines are open.

A node is live if closed elements join it to the source. So is a neutral that is tied to earth only (by an electrode, a reactor at
its star point, a line of its own to ground) but into which a load or DER pushes the current of a live phase: its voltage is that
current times its impedance to earth, and at a star point without earth whatever makes the currents of the phases add up to
nothing. So is, for the same reason, any part with an earth into which a current source drives its current. A phase
without source and earth is dead, though a load may hang between it and a live neutral: no current closes its circuit. Nothing
takes the current of a current source there either, and a power flow with one has no answer.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from tieline.feeders.earths import earthed_nodes
from tieline.feeders.elements import FIRST_NEUTRAL
from tieline.feeders.joining import number_parts
from tieline.network.devices import GROUND
from tieline.network.network import Network
from tieline.typing import BoolArray, FloatArray, IntArray

ANSWERS_KEPT = 64
"""Sets of positions remembered: studies come back to the same few thousands of times."""


def dead_nodes(network: Network, state: FloatArray) -> BoolArray:
    """Nodes that neither a source nor, through a load or DER, any live node drives a current into.

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
    conducts = np.frombuffer(state_conducts, dtype=bool)
    island = _islands(network, conducts)
    is_live = np.zeros(island.max() + 1, dtype=bool)
    is_live[island[network.source_nodes]] = True
    # most states cut nothing off, and need no look at neutrals
    if not is_live.all():
        is_neutral = _neutral_islands(network, conducts, island)
        driven = island[network.driven_nodes]
        is_live[driven] |= is_neutral[driven]
        _spread_to_neutrals(is_live, island, is_neutral, _device_ends(network))
    return ~is_live[island]


def _islands(network: Network, conducts: BoolArray) -> IntArray:
    """Number of the part of the network that each node belongs to, joined by elements alone, (node,)."""
    entries = network.entries
    is_closed = conducts[entries.state_a] & conducts[entries.state_b]
    row = network.terminals.node[entries.row[is_closed]]
    column = entries.column[is_closed]
    return number_parts(network.n_nodes, row, column)


def _neutral_islands(
    network: Network, conducts: BoolArray, island: IntArray
) -> BoolArray:
    """Which islands have an earth, or no phase that could be without supply, (island,)."""
    phase_nodes = np.flatnonzero(network.node_number < FIRST_NEUTRAL)
    earthed_nodes = _earthed_nodes(network, conducts)
    is_neutral = np.ones(island.max() + 1, dtype=bool)
    is_neutral[island[phase_nodes]] = False
    # last, since an earth makes up for a phase: the current has a way to return
    is_neutral[island[earthed_nodes]] = True
    return is_neutral


def _spread_to_neutrals(
    is_live: BoolArray, island: IntArray, is_neutral: BoolArray, ends: IntArray
) -> None:
    """Mark the neutral islands into which a device pushes current from a live one, `ends` being (branch, 2)."""
    pairs = island[ends]
    # both ways round, since either end may be the live one
    ways = np.concatenate([pairs, pairs[:, ::-1]])
    driver = ways[:, 0]
    driven = ways[:, 1]
    while True:
        is_reached = is_live[driver] & is_neutral[driven] & ~is_live[driven]
        if not is_reached.any():
            return
        # a neutral that came alive may drive the next one: look again
        is_live[driven[is_reached]] = True


def _device_ends(network: Network) -> IntArray:
    """The two nodes of each device branch that is not to ground, (branch, 2)."""
    devices = network.devices
    is_between = devices.minus != GROUND
    return np.column_stack([devices.plus[is_between], devices.minus[is_between]])


def _earthed_nodes(network: Network, conducts: BoolArray) -> IntArray:
    """Nodes that a shunt or a closed line ties to ground."""
    is_closed = conducts[network.states.lines]
    earthed = earthed_nodes(network.feeder, is_closed.tolist())
    index = network.node_index
    places = [index[f"{bus}.{node}"] for bus, node in earthed]
    return np.array(places, dtype=np.int64)


def dead_nodes_per_scenario(network: Network, state: FloatArray) -> BoolArray:
    """`dead_nodes` for state vectors (scenario, state); the search runs once per distinct set of line positions."""
    if len(state) == 1:
        return dead_nodes(network, state[0])[None]
    position = state[:, network.states.lines]
    # finding the distinct sets takes time, which is saved when only taps differ
    if (position == position[0]).all():
        return np.broadcast_to(
            dead_nodes(network, state[0]), (len(state), network.n_nodes)
        )
    _, first, which = np.unique(
        position, axis=0, return_index=True, return_inverse=True
    )
    dead = np.stack([dead_nodes(network, state[k]) for k in first])
    return dead[which.ravel()]
