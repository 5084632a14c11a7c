"""How well currents balance: Kirchhoff's current law at every node, and with it the balance of power (compiled: `residuals`).

    r_n = sum over the entries e of node n of  y_e state_a state_b V_column  +  currents of its devices  -  current of its source

It is worked out from the arrays of `Network`, not from the factors and points of the solver, so that a fault in these shows. What
is missing between source, load, loss and shunts is the sum of V_n conj(r_n), small where all r_n are. The nodes of an ideal
source, which delivers whatever is asked, are left out; de-energised nodes are not, since a device may push current there.

What r_n may be:

- the voltages are known to the tolerance, hence the current of a device to tolerance |i| / |v|, times `SLACK`; for i that of the
  scenario or of the mean one of the batch, whose slopes the iteration uses, whichever is larger;
- sums are rounded: `ROUNDING` times the last digit of sum |y| |V|, though never more than `LOST` of all device currents together,
  or of one per unit where these are less: digits that are worth more than that are missing from the answer.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tieline.network.network import Network
from tieline.network.supply import dead_nodes_per_scenario
from tieline.powerflow.check.residuals import Inputs, Verdict, judge_groups
from tieline.powerflow.kernel.device_currents import BAND_KIND
from tieline.powerflow.kernel.lanes import LANES
from tieline.powerflow.kernel.ports import branch_kinds
from tieline.powerflow.kernel.threads import over_threads
from tieline.powerflow.solution import Solution
from tieline.typing import BoolArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

ROUNDING = 64.0
"""Last digits; ten times the most seen there. Elimination adds up a node's entries in several goes."""

LAST_DIGIT = float(np.finfo(float).eps)

TINY = 1e-300
"""Keeps 0 / 0 away from nodes without entries and devices."""

NETWORKS_KEPT = 16
"""As many as plans are kept for."""


class NodeEntries(NamedTuple):
    """Admittance entries node by node: `start` (node + 1,) is the first of each node; then value, size and states (entry,).

    `source_re`, `source_im` (node,) is the source current at one per unit, `is_judged` (node,) whether the law holds there.
    """

    start: IntArray
    column: IntArray
    g: FloatArray
    b: FloatArray
    state_a: IntArray
    state_b: IntArray
    source_re: FloatArray
    source_im: FloatArray
    rounding: FloatArray
    is_judged: BoolArray


class Branches(NamedTuple):
    """Device branches, (branch,) each, as in `DeviceTable`; `share` is in per unit of power per kW."""

    device: IntArray
    plus: IntArray
    minus: IntArray
    share: FloatArray
    per_rated: FloatArray
    zip_p: FloatArray
    zip_q: FloatArray
    has_band: BoolArray
    band: FloatArray
    outside_p: FloatArray
    outside_q: FloatArray
    jumps_low: BoolArray


def judge(solution: Solution, source_pu: FloatArray, tolerance: float, rows: IntArray) -> Verdict:
    """How well the currents balance in some scenarios.

    Args:
        solution: solved scenarios.
        source_pu: source voltage, (scenario or 1,) [pu].
        tolerance: error of the voltages that was asked for [pu].
        rows: scenarios to be judged, those with an answer.
    """
    network, count, state = solution.network, len(rows), solution.state
    verdict = Verdict(np.zeros(count), np.zeros(count, dtype=np.int64), np.zeros(count))
    if count == 0:
        return verdict
    judged_state = np.ascontiguousarray(state[rows] if len(state) > 1 else state)
    entries, branches = node_entries(network), device_branches(network, solution.use_band)
    dead = dead_nodes_per_scenario(network, state)
    if dead.strides[0] == 0:  # the same row for all
        dead = dead[:1]
    inputs = Inputs(
        voltage=np.ascontiguousarray(solution.v_pu).view(np.float64),
        state=judged_state,
        varies=(judged_state != judged_state[0]).any(axis=0),
        p_kw=solution.p_kw,
        q_kvar=solution.q_kvar,
        source_pu=source_pu,
        dead=np.ascontiguousarray(dead) if dead.any() else np.empty((0, 0), dtype=bool),
    )
    over_threads(
        judge_groups,
        -(-count // LANES),
        len(entries.column),
        rows,
        inputs,
        entries,
        branches,
        tolerance,
        verdict,
    )
    return verdict


@lru_cache(maxsize=NETWORKS_KEPT)
def node_entries(network: Network) -> NodeEntries:
    """The entries of a network; a network never changes, and is its own key."""
    e = network.entries
    row = network.terminals.node[e.row]
    order = np.argsort(row, kind="stable")
    rounding = (
        ROUNDING * LAST_DIGIT * np.bincount(row, np.abs(e.value), network.n_nodes) + TINY
    ).astype(np.float64)
    is_judged = np.ones(network.n_nodes, dtype=bool)
    is_judged[network.held_nodes] = False
    return NodeEntries(
        start=np.searchsorted(row[order], np.arange(network.n_nodes + 1)).astype(np.int64),
        column=e.column[order],
        g=np.ascontiguousarray(e.value[order].real),
        b=np.ascontiguousarray(e.value[order].imag),
        state_a=e.state_a[order],
        state_b=e.state_b[order],
        source_re=np.ascontiguousarray(network.source_current.real),
        source_im=np.ascontiguousarray(network.source_current.imag),
        rounding=rounding,
        is_judged=is_judged,
    )


@lru_cache(maxsize=NETWORKS_KEPT)
def device_branches(network: Network, use_band: bool) -> Branches:
    """The device branches of a network, with OpenDSS' load band or without."""
    devices = network.devices
    return Branches(
        device=devices.device,
        plus=devices.plus,
        minus=devices.minus,
        share=devices.share / S_BASE_KVA,
        per_rated=devices.per_rated,
        zip_p=devices.zip_p,
        zip_q=devices.zip_q,
        has_band=branch_kinds(devices, use_band) == BAND_KIND,
        band=devices.band_pu,
        outside_p=devices.outside_p,
        outside_q=devices.outside_q,
        jumps_low=devices.jumps_low,
    )
