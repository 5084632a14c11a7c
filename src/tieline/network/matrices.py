"""Admittance matrices of a network at a state vector, and what kinds of elements its terminals belong to; remembered.

A network never changes and is its own key; a state vector is one by its bytes. `Network` gives each of these as a method.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from tieline.network.assembly import ElementKind
from tieline.typing import BoolArray, FloatArray

if TYPE_CHECKING:
    from tieline.network.network import Network

STATES_KEPT = 8
"""State vectors whose matrices are remembered: a study comes back to few, and asks for the matrices of each many times."""


@lru_cache(maxsize=STATES_KEPT)
def is_kind(network: Network, kinds: tuple[ElementKind, ...]) -> BoolArray:
    """Whether each terminal conductor is of these kinds, (terminal,); to be read only.

    Going through all elements takes as long as a small power flow.
    """
    is_of_kind = np.array([kind in kinds for kind, _ in network.elements])
    return is_of_kind[network.terminals.element]


def terminal_admittance(network: Network, state: FloatArray) -> sparse.csr_array:
    """Currents into all terminal conductors per node voltage, (terminal, node) [pu]; to be read only."""
    return _terminal_admittance(network, _key(state))


def nodal_admittance_of(
    network: Network, state: FloatArray, kinds: tuple[ElementKind, ...]
) -> sparse.csr_array:
    """The part of the nodal admittance matrix that elements of these kinds make, (node, node) [pu]; to be read only."""
    return _nodal_admittance_of(network, _key(state), kinds)


def nodal_admittance(network: Network, state: FloatArray) -> sparse.csr_array:
    """Nodal admittance without the identity rows of an ideal source, (node, node) [pu]; to be read only."""
    return _nodal_admittance(network, _key(state))


def _key(state: FloatArray) -> bytes:
    return np.asarray(state, dtype=float).tobytes()


@lru_cache(maxsize=STATES_KEPT)
def _terminal_admittance(network: Network, state: bytes) -> sparse.csr_array:
    entries = network.entries
    value = network.entry_values(np.frombuffer(state))
    shape = (len(network.terminals.node), network.n_nodes)
    places = (entries.row, entries.column)
    return sparse.coo_array((value, places), shape=shape).tocsr()


@lru_cache(maxsize=STATES_KEPT)
def _nodal_admittance_of(
    network: Network, state: bytes, kinds: tuple[ElementKind, ...]
) -> sparse.csr_array:
    node = network.terminals.node
    counts = network.is_kind(*kinds).astype(float)
    terminal = np.arange(len(node))
    shape = (network.n_nodes, len(node))
    gather = sparse.csr_array((counts, (node, terminal)), shape=shape)
    by_terminal = network.terminal_admittance(np.frombuffer(state))
    return sparse.csr_array(gather @ by_terminal)


@lru_cache(maxsize=STATES_KEPT)
def _nodal_admittance(network: Network, state: bytes) -> sparse.csr_array:
    entries = network.entries
    row = network.terminals.node[entries.row]
    value = network.entry_values(np.frombuffer(state))
    shape = (network.n_nodes, network.n_nodes)
    return sparse.coo_array((value, (row, entries.column)), shape=shape).tocsr()
