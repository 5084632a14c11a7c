"""Well-scaled combinations of nodal current balances.

A closed switch of a micro-ohm puts entries of millions into two rows of the nodal admittance matrix. Scaled to size, both say
the same, v_i = v_j, and what they say together, that the currents of the rest balance, is lost in rounding. So of all nodes that
such lines join one row is replaced by the sum of their rows, in which the large entries cancel; the others are divided by their
size:

    T F(v) = 0  instead of  F(v) = 0;      the multipliers of F are T' times those of T F
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from tieline.network.network import Network
from tieline.typing import FloatArray, IntArray

STIFF_PU = 1e4
"""Admittance above which a line counts as a switch [pu on 1 MVA]. Any value gives the same answer; common lines have 1 to
1000.
"""


def balance_rows(network: Network, state: FloatArray, balanced: IntArray) -> sparse.csr_array:
    """T, one row for each balanced node, (row, balanced node)."""
    admittance = network.nodal_admittance(state)
    pairs = _stiff_pairs(network, admittance)
    count = network.n_nodes
    joined = sparse.coo_array(
        (np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count)
    )
    _, group = connected_components(joined, directed=False)
    is_balanced = np.isin(np.arange(count), balanced)
    lead = np.full(group.max() + 1, -1)
    np.maximum.at(lead, group, np.arange(count))
    has_held = np.zeros(len(lead), dtype=bool)
    has_held[group[~is_balanced]] = True
    lead[has_held] = -1  # the held voltage stands for the sum
    size = np.maximum(np.abs(admittance.diagonal()), 1.0)
    alone = np.bincount(group)[group] == 1
    leads = (lead[group] == np.arange(count)) & ~alone
    weight = np.where(alone, 1.0, 1 / size)
    member = np.flatnonzero((lead[group] >= 0) & ~alone)
    rows = np.concatenate([np.flatnonzero(~leads), lead[group[member]]])
    columns = np.concatenate([np.flatnonzero(~leads), member])
    values = np.concatenate([weight[~leads], np.ones(len(member))])
    every = sparse.coo_array((values, (rows, columns)), shape=(count, count)).tocsr()
    return sparse.csr_array(every[balanced][:, balanced])


def _stiff_pairs(network: Network, admittance: sparse.csr_array) -> IntArray:
    """Nodes that one conductor of a stiff line joins, (pair, 2)."""
    terminals = network.terminals
    is_line = network.is_kind("line")
    first, second = (np.flatnonzero(is_line & (terminals.side == side)) for side in (1, 2))
    pairs = np.stack([terminals.node[first], terminals.node[second]], axis=1)
    return pairs[np.abs(np.asarray(admittance[pairs[:, 0], pairs[:, 1]]).ravel()) > STIFF_PU]
