"""Which nodes are neutral conductors.

A node numbered 1 to 3 is a phase. From 4 on a number says nothing: it is the neutral of a line of four wires, and the phase of a
second circuit on the same poles. What tells them apart is physical: without load, and with every line closed, a phase stands near
its voltage to earth and a neutral near earth. One half of the bus' voltage lies between them.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import sparse

from tieline.feeders.elements import FIRST_NEUTRAL
from tieline.network.network import Network
from tieline.network.supply import dead_nodes
from tieline.typing import ComplexArray, FloatArray, IntArray

BETWEEN_PU = 0.5
"""Below it a node is nearer to earth than to a phase."""

LEAK = 1e-9
"""Earth of every node, as a part of its own admittance: a section that nothing earths has a voltage to earth too."""


@lru_cache(maxsize=8)
def neutral_nodes(network: Network) -> IntArray:
    """Nodes of neutral conductors, whose voltage to earth is a quantity of its own, (neutral,)."""
    is_candidate = network.node_number >= FIRST_NEUTRAL
    if not is_candidate.any():
        return np.flatnonzero(is_candidate)
    is_near_earth = np.abs(_no_load_pu(network)) < BETWEEN_PU
    return np.flatnonzero(is_candidate & is_near_earth)


def _no_load_pu(network: Network) -> ComplexArray:
    """Voltages without loads and DERs, every line closed, (node,) [pu]."""
    from scipy.sparse.linalg import splu  # late: few feeders have such nodes

    state = _with_lines_closed(network)
    admittance = network.nodal_admittance(state)
    size = np.abs(admittance.diagonal())
    # identity rows give the voltage itself: of an ideal source, and none where nothing leads
    is_given = dead_nodes(network, state) | (size == 0)
    is_given[network.held_nodes] = True
    free_rows = sparse.diags_array((~is_given).astype(float))
    given_rows = sparse.diags_array(is_given + LEAK * size)
    system = sparse.csc_array(free_rows @ admittance + given_rows)
    return splu(system).solve(network.source_current)


def _with_lines_closed(network: Network) -> FloatArray:
    state = network.states.as_feeder.copy()
    state[network.states.lines] = 1.0
    return state
