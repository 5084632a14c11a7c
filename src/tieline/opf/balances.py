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

from tieline.feeders.joining import number_parts
from tieline.linear.blocks import assemble
from tieline.network.network import Network
from tieline.typing import BoolArray, FloatArray, IntArray

STIFF_PU = 1e4
"""Admittance above which a line counts as a switch [pu on 1 MVA]. Any value gives the same answer; common lines have 1 to
1000.
"""


def balance_rows(
    network: Network, state: FloatArray, balanced: IntArray
) -> sparse.csr_array:
    """T, one row for each balanced node, (row, balanced node)."""
    admittance = network.nodal_admittance(state)
    nodes = np.arange(network.n_nodes)
    group = _stiff_groups(network, admittance)
    is_alone = np.bincount(group)[group] == 1
    is_balanced = np.isin(nodes, balanced)
    lead = _leads(group, is_balanced)[group]
    is_lead = (lead == nodes) & ~is_alone

    # A row beside the lead's holds the large entries of a switch: only such a row needs scaling.
    single = np.flatnonzero(~is_lead)
    size = np.maximum(np.abs(admittance.diagonal()), 1.0)
    weight = np.where(is_alone, 1.0, 1 / size)[single]

    # The lead's row is the sum over its group, unscaled, so that the large entries cancel.
    member = np.flatnonzero((lead >= 0) & ~is_alone)
    rows = np.concatenate([single, lead[member]])
    columns = np.concatenate([single, member])
    values = np.concatenate([weight, np.ones(len(member))])
    matrix = assemble(rows, columns, values, (len(nodes), len(nodes)))
    return sparse.csr_array(matrix[balanced][:, balanced])


def _stiff_groups(network: Network, admittance: sparse.csr_array) -> IntArray:
    """Number of the group of each node; stiff lines join the nodes of a group, (node,)."""
    pairs = _stiff_pairs(network, admittance)
    return number_parts(network.n_nodes, pairs[:, 0], pairs[:, 1])


def _leads(group: IntArray, is_balanced: BoolArray) -> IntArray:
    """The node whose row becomes the sum of its group, (group,); -1 where a voltage is held, which stands for the sum."""
    nodes = np.arange(len(group))
    lead = np.full(group.max() + 1, -1)
    np.maximum.at(lead, group, nodes)
    lead[group[~is_balanced]] = -1
    return lead


def _stiff_pairs(network: Network, admittance: sparse.csr_array) -> IntArray:
    """Nodes that one conductor of a stiff line joins, (pair, 2)."""
    terminals = network.terminals
    is_line = network.is_kind("line")
    # Conductors of an element stand in the same order at both ends.
    start = terminals.node[is_line & (terminals.side == 1)]
    end = terminals.node[is_line & (terminals.side == 2)]
    mutual = np.asarray(admittance[start, end]).ravel()
    pairs = np.stack([start, end], axis=1)
    return pairs[np.abs(mutual) > STIFF_PU]
