"""From the device table to the points at which current is taken, see `device_currents.Points`."""

from __future__ import annotations

import numpy as np

from tieline.network.devices import GROUND, NO_BAND, DeviceTable
from tieline.powerflow.kernel.device_currents import (
    BAND_KIND,
    CONSTANT_POWER_KIND,
    ROWS_OF_KIND,
    ZIP_KIND,
    Points,
)
from tieline.powerflow.kernel.pattern import FactorPattern
from tieline.powerflow.kernel.voltage_bands import make_bands
from tieline.typing import BoolArray, IntArray
from tieline.units import S_BASE_KVA


def branch_kinds(devices: DeviceTable, use_band: bool) -> IntArray:
    """The cheapest kernel kind that describes each device branch, (branch,)."""
    constant = (devices.zip_p[:, :2] == 0).all(axis=1) & (devices.zip_q[:, :2] == 0).all(axis=1)
    kinds = np.where(constant, CONSTANT_POWER_KIND, ZIP_KIND)
    if use_band:
        has_band = (devices.band_pu != NO_BAND).any(axis=1)
        kinds = np.where(has_band, BAND_KIND, kinds)
    return kinds.astype(np.int64)


def make_points(
    devices: DeviceTable,
    rank: IntArray,
    is_held: BoolArray,
    is_dead: BoolArray,
    pattern: FactorPattern,
    use_band: bool,
) -> Points:
    """Points of a device table.

    Args:
        devices: loads and DERs, nodes in the network's order.
        rank: elimination step of each node, (node,).
        is_held: nodes whose voltage an ideal source holds: no current is booked there, (node,).
        is_dead: nodes that are de-energised in all scenarios: what hangs on one takes no current, (node,).
        pattern: where the matrix entries stand.
        use_band: apply OpenDSS' load band.
    """
    step, held, dead = (
        np.append(rank, GROUND),
        np.append(is_held, True),
        np.append(is_dead, False),
    )  # the last is GROUND (-1)
    takes_current = ~(held[devices.plus] & held[devices.minus]) & ~(
        dead[devices.plus] | dead[devices.minus]
    )
    branches = np.flatnonzero(takes_current)
    kinds = branch_kinds(devices, use_band)[branches]
    first, point = _merge(step[devices.plus[branches]], step[devices.minus[branches]], kinds)
    kind = np.zeros(len(first), dtype=np.int64)
    np.maximum.at(kind, point, kinds)
    first = branches[first]
    plus, minus = step[devices.plus[first]], step[devices.minus[first]]
    into_plus, into_minus = ~held[devices.plus[first]], ~held[devices.minus[first]]
    width = np.array(ROWS_OF_KIND)[kind]
    row = np.cumsum(width) - width
    return Points(
        kind=kind,
        plus=plus,
        minus=minus,
        into_plus=np.where(into_plus, plus, GROUND),
        into_minus=np.where(into_minus, minus, GROUND),
        into=_positions(pattern, plus, minus, into_plus, into_minus),
        row=row,
        **_terms(devices, branches, point, kind, row, int(width.sum())),
        **make_bands(devices, first)._asdict(),
    )


def _merge(plus: IntArray, minus: IntArray, kinds: IntArray) -> tuple[IntArray, IntArray]:
    """First branch of each point, points to ground first, in the order of nodes; and the point of each branch.

    A branch with a load band has parameters of its own and stays a point of its own.
    """
    own = np.where(kinds == BAND_KIND, np.arange(len(kinds)), GROUND)
    keys = np.column_stack([minus != GROUND, plus, minus, own])
    _, first, point = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return first, point.ravel()


def _positions(
    pattern: FactorPattern,
    plus: IntArray,
    minus: IntArray,
    into_plus: BoolArray,
    into_minus: BoolArray,
) -> IntArray:
    """Matrix positions plus-plus, plus-minus, minus-plus, minus-minus of each point, -1 where its slope is not wanted."""
    has_minus = minus != GROUND
    wanted = [into_plus, into_plus & has_minus, into_minus & has_minus, into_minus & has_minus]
    pairs = [(plus, plus), (plus, minus), (minus, plus), (minus, minus)]
    columns = [
        np.where(w, pattern.positions(np.where(w, a, 0), np.where(w, b, 0)), -1)
        for w, (a, b) in zip(wanted, pairs, strict=True)
    ]
    return np.column_stack(columns).astype(np.int64)


def _terms(
    devices: DeviceTable,
    branches: IntArray,
    point: IntArray,
    kind: IntArray,
    row: IntArray,
    n_rows: int,
) -> dict[str, np.ndarray]:
    """How the power of each device enters the rows of its points, ordered by row."""
    w, share = devices.per_rated[branches], devices.share[branches] / S_BASE_KVA
    with np.errstate(
        over="ignore"
    ):  # a rated voltage next to zero: its scenarios have no solution, and say so
        rated = (
            np.column_stack([w * w, w, np.ones(len(w))]) * share[:, None]
        )  # admittance, current, power per unit of power
    of_zip, others = (
        np.flatnonzero(chosen) for chosen in (kind[point] == ZIP_KIND, kind[point] != ZIP_KIND)
    )
    target = np.concatenate([row[point[others]], *(row[point[of_zip]] + 2 * c for c in range(3))])
    order = np.argsort(target, kind="stable")
    zip_p, zip_q = (
        (rated * shares[branches])[of_zip].T.ravel() for shares in (devices.zip_p, devices.zip_q)
    )
    return {
        "term_start": np.searchsorted(target[order], np.arange(0, n_rows + 2, 2)),
        "term_device": np.concatenate(
            [devices.device[branches[others]], np.tile(devices.device[branches[of_zip]], 3)]
        )[order],
        "term_p": np.concatenate([share[others], zip_p])[order],
        "term_q": np.concatenate([share[others], zip_q])[order],
    }
