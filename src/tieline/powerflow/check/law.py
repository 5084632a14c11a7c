"""The arrays of a network that Kirchhoff's law is worked out from, put together for the check alone.

    r_n = sum over the entries e of node n of  y_e state_a state_b V_column  +  currents of its devices  -  current of its source

Nothing here comes from the plan, the matrix or the ports of the solver, so that a fault in these shows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tieline.network.devices import NO_BAND
from tieline.network.network import Network
from tieline.powerflow.check.device_law import Branches
from tieline.powerflow.kernel.device_currents import CONSTANT_POWER_KIND
from tieline.powerflow.kernel.machine_code import laid_out
from tieline.powerflow.kernel.plan import PLANS_KEPT
from tieline.powerflow.kernel.ports import branch_kinds
from tieline.powerflow.kernel.prepare import differing_states
from tieline.powerflow.kernel.voltage_bands import has_bands
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

ROUNDING = 64.0
"""Last digits; ten times the most seen there. Elimination adds up a node's entries in several goes."""

LAST_DIGIT = float(np.finfo(float).eps)

TINY = 1e-300
"""Keeps 0 / 0 away from nodes without entries and devices."""

LAWS_KEPT = 8
"""As many as matrices are kept for: studies come back to a few states."""


class Law(NamedTuple):
    """What the law says of each node of a network.

    `start` (node + 1,) is the first of the entries of each node that all scenarios have in common, added up by column: `column`,
    `g`, `b` (entry,). Those whose states differ follow in the same way: `own_start` (node + 1,), then column, value and the two
    states to multiply by (own entry,). `source_re`, `source_im` (row, source node) is the current at each
    `source_node` (row,) for one per unit at each node of the source, `rounding` (node,)
    what the sum may be off by, `is_judged` (node,) whether the law holds there.
    """

    start: IntArray
    column: IntArray
    g: FloatArray
    b: FloatArray
    own_start: IntArray
    own_column: IntArray
    own_g: FloatArray
    own_b: FloatArray
    own_state_a: IntArray
    own_state_b: IntArray
    source_node: IntArray
    source_re: FloatArray
    source_im: FloatArray
    rounding: FloatArray
    is_judged: BoolArray


class NodeEntries(NamedTuple):
    """Admittance entries by node and column: node, column, value and states (entry,), and the first of each pair (pair,)."""

    node: IntArray
    column: IntArray
    value: ComplexArray
    state_a: IntArray
    state_b: IntArray
    pair_start: IntArray


def law_of(network: Network, state: FloatArray) -> Law:
    """The law at states (scenario or 1, state), of which those that differ are left to the scenarios."""
    if len(state) == 1:
        return _law_of_one_state(network, state.tobytes())
    # Taps and capacitor steps end elsewhere in almost every call where controls act.
    varies = _movable_states(network) | differing_states(state)
    # One in place of what differs, so that batches that differ in the same states have the same key.
    common_state = np.where(varies, 1.0, state[0])
    return _law_of(network, common_state.tobytes(), varies.tobytes())


@lru_cache(maxsize=LAWS_KEPT)
def _law_of_one_state(network: Network, state_bytes: bytes) -> Law:
    """The same for one state vector, by a key that costs nothing to make."""
    varies = _movable_states(network)
    common_state = np.where(varies, 1.0, np.frombuffer(state_bytes))
    return _law_of(network, common_state.tobytes(), varies.tobytes())


@lru_cache(maxsize=PLANS_KEPT)
def _movable_states(network: Network) -> BoolArray:
    """Taps of regulators and steps of capacitors, (state,)."""
    states = network.states
    is_movable = np.zeros(len(states.as_feeder), dtype=bool)
    is_movable[states.regulated_windings] = True
    is_movable[states.capacitors] = True
    return is_movable


@lru_cache(maxsize=LAWS_KEPT)
def _law_of(network: Network, state_bytes: bytes, varies_bytes: bytes) -> Law:
    """The answer is the same for the same arguments: a network never changes, and is its own key."""
    state = np.frombuffer(state_bytes)
    varies = np.frombuffer(varies_bytes, dtype=bool)
    e = _node_entries(network)
    nodes = np.arange(network.n_nodes + 1)
    is_own = varies[e.state_a] | varies[e.state_b]
    own_entries = np.flatnonzero(is_own)
    common_factor = np.where(is_own, 0.0, state[e.state_a] * state[e.state_b])
    value = e.value * common_factor
    common = np.zeros(0, dtype=np.complex128)
    if len(value) > 0:  # one element at least, or NumPy has nothing to begin a sum with
        common = np.asarray(np.add.reduceat(value, e.pair_start), dtype=np.complex128)
    fixed = _constants(network)
    # Entries come in the order of nodes: where each node begins is a search, its end the next one's beginning.
    pair_node = e.node[e.pair_start]
    own_node = e.node[own_entries]
    own_value = e.value[own_entries]
    law = Law(
        start=np.searchsorted(pair_node, nodes).astype(np.int64),
        column=e.column[e.pair_start],
        g=np.ascontiguousarray(common.real),
        b=np.ascontiguousarray(common.imag),
        own_start=np.searchsorted(own_node, nodes).astype(np.int64),
        own_column=e.column[own_entries],
        own_g=np.ascontiguousarray(own_value.real),
        own_b=np.ascontiguousarray(own_value.imag),
        own_state_a=e.state_a[own_entries],
        own_state_b=e.state_b[own_entries],
        **fixed,
    )
    return laid_out(law)


@lru_cache(maxsize=PLANS_KEPT)
def _node_entries(network: Network) -> NodeEntries:
    """The entries of a network, those at the same node and column side by side."""
    e = network.entries
    node = network.terminals.node[e.row]
    order = np.lexsort((e.column, node))
    node = node[order]
    column = e.column[order]
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = (np.diff(node) != 0) | (np.diff(column) != 0)
    return NodeEntries(
        node=node,
        column=column,
        value=e.value[order],
        state_a=e.state_a[order],
        state_b=e.state_b[order],
        pair_start=np.flatnonzero(is_first),
    )


def _constants(network: Network) -> dict[str, np.ndarray]:
    """What does not depend on states: source currents, rounding, and where the law holds."""
    e = network.entries
    row = network.terminals.node[e.row]
    # With every state at one: taps are near it, and an open line only makes the measure coarser.
    sizes = np.bincount(row, np.abs(e.value), network.n_nodes)
    source = network.drive_by_part
    is_judged = np.ones(network.n_nodes, dtype=bool)
    is_judged[network.held_nodes] = False
    return {
        "source_node": network.driven_nodes,
        "source_re": np.ascontiguousarray(source.real),
        "source_im": np.ascontiguousarray(source.imag),
        "rounding": (ROUNDING * LAST_DIGIT * sizes + TINY).astype(np.float64),
        "is_judged": is_judged,
    }


@lru_cache(maxsize=PLANS_KEPT)
def branches_of(network: Network, use_band: bool) -> Branches:
    """The device branches of a network, with OpenDSS' load band or without."""
    devices = network.devices
    w = network.devices.per_rated
    per_volt = np.column_stack([w * w, w, np.ones(len(w))])
    kinds = branch_kinds(devices, use_band)
    has_band = has_bands(devices, use_band)
    branches = Branches(
        device=devices.device,
        plus=devices.plus,
        minus=devices.minus,
        share=devices.share / S_BASE_KVA,
        per_rated=devices.per_rated,
        zip_p=devices.zip_p,
        zip_q=devices.zip_q,
        inside_p=devices.zip_p * per_volt,
        inside_q=devices.zip_q * per_volt,
        is_constant_power=kinds == CONSTANT_POWER_KIND,
        has_pieces=has_band | devices.is_exponential,
        band=np.where(has_band[:, None], devices.band_pu, NO_BAND),
        exponents=devices.exponents,
        outside_p=devices.outside_p,
        outside_q=devices.outside_q,
        jumps_low=devices.jumps_low,
    )
    return laid_out(branches)
