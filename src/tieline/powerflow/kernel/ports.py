"""From the device table to the ports at which current is taken, see `device_currents.Ports`."""

from __future__ import annotations

import numpy as np

from tieline.network.devices import GROUND, DeviceTable
from tieline.powerflow.kernel.device_currents import (
    BAND_KIND,
    CONSTANT_POWER_KIND,
    EXPONENT_KIND,
    ROWS_OF_KIND,
    ZIP_KIND,
    Ports,
)
from tieline.powerflow.kernel.pattern import FactorPattern
from tieline.powerflow.kernel.voltage_bands import has_bands, make_bands
from tieline.typing import BoolArray, IntArray
from tieline.units import S_BASE_KVA


def branch_kinds(devices: DeviceTable, use_band: bool) -> IntArray:
    """The cheapest kernel kind that describes each device branch, (branch,)."""
    has_constant_p = (devices.zip_p[:, :2] == 0).all(axis=1)
    has_constant_q = (devices.zip_q[:, :2] == 0).all(axis=1)
    kinds = np.where(has_constant_p & has_constant_q, CONSTANT_POWER_KIND, ZIP_KIND)
    kinds = np.where(has_bands(devices, use_band), BAND_KIND, kinds)
    kinds = np.where(devices.is_exponential, EXPONENT_KIND, kinds)
    return kinds.astype(np.int64)


def make_ports(
    devices: DeviceTable,
    rank: IntArray,
    is_held: BoolArray,
    is_dead: BoolArray,
    pattern: FactorPattern,
    use_band: bool,
) -> Ports:
    """Ports of a device table.

    Args:
        devices: loads and DERs, nodes in the network's order.
        rank: elimination step of each node, (node,).
        is_held: nodes whose voltage an ideal source holds: no current is booked there, (node,).
        is_dead: nodes that are de-energised in all scenarios: what hangs on one takes no current, (node,).
        pattern: where the matrix entries stand.
        use_band: apply OpenDSS' load band.
    """
    # The last place is that of GROUND, -1.
    step = np.append(rank, GROUND)
    is_held_end = np.append(is_held, True)
    branches = _branches_that_count(devices, is_held_end, is_dead)
    kinds = branch_kinds(devices, use_band)[branches]
    leader, port = _merge(
        step[devices.plus[branches]], step[devices.minus[branches]], kinds
    )
    # The kinds are numbered from the cheapest: a port needs that of its most demanding branch.
    kind = np.zeros(len(leader), dtype=np.int64)
    np.maximum.at(kind, port, kinds)
    leading_branch = branches[leader]
    plus_node = devices.plus[leading_branch]
    minus_node = devices.minus[leading_branch]
    plus = step[plus_node]
    minus = step[minus_node]
    into_plus = np.where(is_held_end[plus_node], GROUND, plus)
    into_minus = np.where(is_held_end[minus_node], GROUND, minus)
    n_rows = np.array(ROWS_OF_KIND)[kind]
    row = np.cumsum(n_rows) - n_rows
    return Ports(
        kind=kind,
        plus=plus,
        minus=minus,
        into=_positions(pattern, plus, minus, into_plus, into_minus),
        row=row,
        **_ends(plus, minus, into_plus, into_minus, len(rank)),
        **_terms(devices, branches, kind[port], row[port], int(n_rows.sum())),
        **make_bands(devices, leading_branch, use_band)._asdict(),
    )


def _branches_that_count(
    devices: DeviceTable, is_held_end: BoolArray, is_dead: BoolArray
) -> IntArray:
    """Branches that change a voltage: neither between two ends that are held, nor to a dead one.

    Args:
        devices: loads and DERs.
        is_held_end: of each node and, last, of GROUND.
        is_dead: of each node.
    """
    is_dead_end = np.append(is_dead, False)
    has_dead_end = is_dead_end[devices.plus] | is_dead_end[devices.minus]
    has_held_ends = is_held_end[devices.plus] & is_held_end[devices.minus]
    return np.flatnonzero(~has_held_ends & ~has_dead_end)


def _merge(
    plus: IntArray, minus: IntArray, kinds: IntArray
) -> tuple[IntArray, IntArray]:
    """First branch of each port, ports to ground first, in the order of nodes; and the port of each branch.

    A branch with a load band or exponents has parameters of its own and stays a port of its own.
    """
    is_alone = (kinds == BAND_KIND) | (kinds == EXPONENT_KIND)
    number_if_alone = np.where(is_alone, np.arange(len(kinds)), GROUND)
    # In the order of nodes, so that the iteration walks through the voltages forwards.
    keys = np.column_stack([minus != GROUND, plus, minus, number_if_alone])
    _, leader, port = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return leader, port.ravel()


def _ends(
    plus: IntArray,
    minus: IntArray,
    into_plus: IntArray,
    into_minus: IntArray,
    n_nodes: int,
) -> dict[str, IntArray]:
    """The ends of ports by the node at which they take current, see `Ports`."""
    port = np.arange(len(plus))
    node = np.concatenate([into_plus, into_minus])
    order = np.argsort(node, kind="stable")
    order = order[node[order] != GROUND]
    return {
        "end_start": np.searchsorted(node[order], np.arange(n_nodes + 1)),
        "end_port": np.concatenate([port, port])[order],
        "end_other": np.concatenate([minus, plus])[order],
    }


def _positions(
    pattern: FactorPattern,
    plus: IntArray,
    minus: IntArray,
    into_plus: IntArray,
    into_minus: IntArray,
) -> IntArray:
    """Matrix positions plus-plus, plus-minus, minus-plus, minus-minus of each port, -1 where its slope is not wanted."""
    places = (
        (into_plus, plus),
        (into_plus, minus),
        (into_minus, plus),
        (into_minus, minus),
    )
    positions = np.full((len(plus), 4), -1, dtype=np.int64)
    for k, (row, column) in enumerate(places):
        is_wanted = (row != GROUND) & (column != GROUND)
        positions[is_wanted, k] = pattern.positions(row[is_wanted], column[is_wanted])
    return positions


def _terms(
    devices: DeviceTable, branches: IntArray, kind: IntArray, row: IntArray, n_rows: int
) -> dict[str, np.ndarray]:
    """How the power of each device enters the rows of its port, ordered by row.

    Args:
        devices: loads and DERs.
        branches: their branches that take current, (branch,).
        kind, row: of the port of each of these, (branch,).
        n_rows: rows of power in all.
    """
    share = devices.share[branches] / S_BASE_KVA
    is_zip = kind == ZIP_KIND
    of_zip = np.flatnonzero(is_zip)
    of_others = np.flatnonzero(~is_zip)
    # A ZIP branch has three pairs of rows, P and Q of constant impedance, current and power; any other has one pair.
    zip_rows = [row[of_zip] + 2 * c for c in range(3)]
    target = np.concatenate([row[of_others], *zip_rows])
    order = np.argsort(target, kind="stable")
    device = devices.device[branches]
    term_device = np.concatenate([device[of_others], np.tile(device[of_zip], 3)])
    zip_p, zip_q = _zip_weights(devices, branches[of_zip])
    term_p = np.concatenate([share[of_others], zip_p])
    term_q = np.concatenate([share[of_others], zip_q])
    pair_start = np.arange(0, n_rows + 2, 2)
    return {
        "term_start": np.searchsorted(target[order], pair_start),
        "term_device": term_device[order],
        "term_p": term_p[order],
        "term_q": term_q[order],
    }


def _zip_weights(
    devices: DeviceTable, branches: IntArray
) -> tuple[np.ndarray, np.ndarray]:
    """Admittance of all branches, then current, then power, per unit of P and of Q, (3 * branch,)."""
    w = devices.per_rated[branches]
    share = devices.share[branches] / S_BASE_KVA
    # A rated voltage next to zero overflows: its scenarios have no solution, and say so.
    with np.errstate(over="ignore"):
        per_rated = np.column_stack([w * w, w, np.ones(len(w))])
        per_power = per_rated * share[:, None]
    of_p = per_power * devices.zip_p[branches]
    of_q = per_power * devices.zip_q[branches]
    return of_p.T.ravel(), of_q.T.ravel()
