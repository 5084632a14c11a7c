"""`Plan`: what the kernel needs of a network, worked out once for all batches in which the same elements conduct."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tieline.network.devices import GROUND
from tieline.network.network import Network
from tieline.network.supply import dead_nodes
from tieline.powerflow.kernel.device_currents import Ports
from tieline.powerflow.kernel.elimination import eliminate
from tieline.powerflow.kernel.pattern import FactorPattern, factor_pattern
from tieline.powerflow.kernel.ports import make_ports
from tieline.typing import BoolArray, IntArray

PLANS_KEPT = 16
"""Plans remembered: a study works on a few networks at a time."""

NO_NODES = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Plan:
    """Order, pattern and ports of a network.

    Attributes:
        order: node eliminated at each step, (node,).
        rank: step at which each node is eliminated, (node,).
        pattern: entries of the factors.
        entries: admittance entries that can conduct and do not stand in a row held by an ideal source, (entry,).
        position: where each of them stands in the factors, (entry,).
        held: positions of the diagonal in rows held by an ideal source, which are those of the identity.
        ports: where devices take current.
    """

    order: IntArray
    rank: IntArray
    pattern: FactorPattern
    entries: IntArray
    position: IntArray
    held: IntArray
    ports: Ports


def plan_for(
    network: Network,
    can_conduct: BoolArray,
    varies: BoolArray,
    use_band: bool,
    watched: IntArray = NO_NODES,
) -> Plan:
    """Plan for states that are zero wherever `can_conduct`, (state,), is False (an open line costs nothing), and the same in all
    scenarios but where `varies`, (state,); the plan holds for any states, but is best for these. The voltages of the nodes
    `watched` are known after every iteration.
    """
    return _plan(
        network, can_conduct.tobytes(), varies.tobytes(), use_band, watched.tobytes()
    )


@lru_cache(maxsize=PLANS_KEPT)
def _plan(
    network: Network, can_conduct: bytes, varies: bytes, use_band: bool, watched: bytes
) -> Plan:
    """The plan is the same for the same arguments: a network never changes, and is its own key."""
    conducts = np.frombuffer(can_conduct, dtype=bool)
    varying = np.frombuffer(varies, dtype=bool)
    watched_nodes = np.frombuffer(watched, dtype=np.int64)
    n_nodes = network.n_nodes
    e = network.entries
    devices = network.devices
    is_held = _mask(n_nodes, network.source_nodes) & network.source_is_ideal
    row = network.terminals.node[e.row]
    is_conducting = conducts[e.state_a] & conducts[e.state_b]
    entries = np.flatnonzero(is_conducting & ~is_held[row])
    is_variable = varying[e.state_a[entries]] | varying[e.state_b[entries]]
    variable = entries[is_variable]
    between = np.flatnonzero(devices.minus != GROUND)
    plus = devices.plus[between]
    minus = devices.minus[between]
    # The slope of a device between two nodes is a matrix entry too, though no conductor joins them.
    elimination = eliminate(
        size=n_nodes,
        row=np.concatenate([row[entries], plus]),
        column=np.concatenate([e.column[entries], minus]),
        bus=network.node_bus,
        has_device=_mask(n_nodes, devices.plus, minus),
        watched=_mask(n_nodes, watched_nodes),
        varies=_mask(n_nodes, row[variable], e.column[variable]),
        source=network.driven_nodes,
    )
    pattern = factor_pattern(elimination)
    rank = np.empty(n_nodes, dtype=np.int64)
    rank[elimination.order] = np.arange(n_nodes)
    # A node that is dead even with everything closed that can be stays so in all scenarios.
    is_dead = dead_nodes(network, conducts.astype(float))
    return Plan(
        order=elimination.order,
        rank=rank,
        pattern=pattern,
        entries=entries,
        position=pattern.positions(rank[row[entries]], rank[e.column[entries]]),
        held=pattern.diagonal[rank[is_held]],
        ports=make_ports(devices, rank, is_held, is_dead, pattern, use_band),
    )


def _mask(size: int, *index_sets: IntArray) -> BoolArray:
    """True at the chosen indices, (size,)."""
    mask = np.zeros(size, dtype=bool)
    for indices in index_sets:
        mask[indices] = True
    return mask
