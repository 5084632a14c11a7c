"""Reactive power of PV inverters, and the power flow that it settles to.

    unity          q = 0
    power-factor   q = -p tan(acos(pf)), absorbing
    volt-var       q = s_rated curve(v), the default curve of IEEE 1547-2018 for category B

Volt-var depends on the voltage it changes; `devices.volt_var` finds the balance. Inverters act in seconds, regulators and
capacitors in tens of seconds: taps are held while q settles, then move with q held, and so on until both rest.

The voltage of an inverter is the mean over its phases, per unit of its rated voltage. Left out: the inverter's response over
time, and active power given up for reactive power; inverters are as large as the curve asks for at full sun (`KVA_PER_KW`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace

import numpy as np

from tieline.devices.volt_var import VoltVar, settle
from tieline.network import Network
from tieline.network.devices import der_rows
from tieline.network.scatter import sum_columns
from tieline.powerflow import Solution, solve
from tieline.powerflow.devices import across_pu
from tieline.powerflow.outcome import Outcome
from tieline.settings.fields import Controls, Inverter
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

CURVE = VoltVar()
"""IEEE 1547-2018, table 8, category B, default settings."""

KVA_PER_KW = 1 / math.sqrt(1 - max(CURVE.q_share) ** 2)
"""Rating of an inverter per kW of PV: room for the curve's most reactive power beside full active power."""

MOST_ROUNDS = 10
"""Rounds of taps and q in turn; a scenario beyond them hunts and is marked `CONTROL_LIMIT`."""


@dataclass(frozen=True)
class Snapshots:
    """Inputs of many power flows, a row each: loads (row, load), `pv_kw` output and `pv_kva` rating of the sites (row, site),
    `own_kw` and `own_kvar`, what all DERs inject without the sites' PV (row, der), None for that of the plant, and where the
    controls start or stay, `taps` and `capacitor_steps`, None for the feeder's own.
    """

    load_kw: FloatArray
    load_kvar: FloatArray
    pv_kw: FloatArray
    pv_kva: FloatArray
    own_kw: FloatArray | None = None
    own_kvar: FloatArray | None = None
    taps: IntArray | None = None
    capacitor_steps: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.pv_kw)


@dataclass(frozen=True, eq=False)
class Plant:
    """A network with PV sites among its DERs: injection of each DER without the sites' PV, and the slice of the sites."""

    network: Network
    own_kw: FloatArray
    own_kvar: FloatArray
    sites: slice

    def site_v_pu(self, v_pu: ComplexArray) -> FloatArray:
        """Mean voltage over the phases of each site, (row, node) -> (row, site) [pu of rated]."""
        devices = self.network.devices
        count = len(devices.p_kw)
        across = np.abs(across_pu(devices, v_pu)) * devices.per_rated
        sums = sum_columns(across, devices.device, count)
        n_branches = np.bincount(devices.device, minlength=count)
        mean = sums / np.maximum(n_branches, 1)
        of_ders = mean[:, devices.n_loads :]
        return of_ders[:, self.sites]


def solve_with_inverters(
    plant: Plant,
    snapshots: Snapshots,
    inverter: Inverter,
    power_factor: float,
    controls: Controls,
) -> Solution:
    """Solve snapshots with inverters of one kind.

    Args:
        plant: the network and its sites.
        snapshots: what loads and PV do, and the controls' start.
        inverter: kind of inverter.
        power_factor: where it is fixed.
        controls: "feeder" lets regulators and capacitors act, otherwise they stay.

    Returns:
        The solution, a row per snapshot; a scenario whose inverters do not come to rest is marked `CONTROL_LIMIT` and NaN.
    """
    acts = controls == "feeder"
    if inverter == "volt-var":
        return _settle(plant, snapshots, acts)
    tangent = 0.0
    if inverter == "power-factor":
        tangent = math.tan(math.acos(power_factor))
    return _solve(plant, snapshots, -tangent * snapshots.pv_kw, acts)


def _solve(
    plant: Plant, snapshots: Snapshots, q_kvar: FloatArray, acts: bool
) -> Solution:
    """Solve snapshots with reactive power as given.

    Args:
        plant, snapshots: as in `solve_with_inverters`.
        q_kvar: injected by each site, (row, site) [kvar].
        acts: whether regulators and capacitors act.
    """
    own_kw = plant.own_kw if snapshots.own_kw is None else snapshots.own_kw
    own_kvar = plant.own_kvar if snapshots.own_kvar is None else snapshots.own_kvar
    controls = "off"
    if acts:
        controls = "feeder"
    return solve(
        plant.network,
        load_kw=snapshots.load_kw,
        load_kvar=snapshots.load_kvar,
        der_kw=der_rows(own_kw, plant.sites, snapshots.pv_kw),
        der_kvar=der_rows(own_kvar, plant.sites, q_kvar),
        taps=snapshots.taps,
        capacitor_steps=snapshots.capacitor_steps,
        controls=controls,
    )


def _settle(plant: Plant, snapshots: Snapshots, acts: bool) -> Solution:
    """Taps and reactive power in turn until both rest."""
    q_kvar = np.zeros_like(snapshots.pv_kw)
    solution = _solve(plant, snapshots, q_kvar, acts)
    rests = np.zeros(len(snapshots), dtype=bool)
    for _ in range(MOST_ROUNDS if acts else 1):
        # taps are held while q settles, then may move once with q held; both rest when neither moves any more
        standing = _at_rest_of(snapshots, solution)
        settled = _settle_q(plant, standing, q_kvar)
        solution = _solve(plant, standing, q_kvar, acts)
        rests = settled & _same_positions(standing, solution)
        if rests.all():
            break
    hunting = ~rests & solution.converged
    solution.outcome[hunting] = Outcome.CONTROL_LIMIT
    solution.v_pu[hunting] = np.nan
    return solution


def _settle_q(plant: Plant, snapshots: Snapshots, q_kvar: FloatArray) -> BoolArray:
    """Bring `q_kvar`, (row, site), onto the curve in place with taps held; True for rows that got there."""

    def asked(rows: IntArray, q_of_rows: FloatArray) -> FloatArray:
        part = _rows(snapshots, rows)
        solution = _solve(plant, part, q_of_rows, acts=False)
        v_pu = plant.site_v_pu(solution.v_pu)
        return CURVE.share_at(v_pu) * part.pv_kva

    return settle(q_kvar, snapshots.pv_kva, asked)


def _at_rest_of(snapshots: Snapshots, solution: Solution) -> Snapshots:
    """The same snapshots with the controls where a solution left them."""
    steps = np.broadcast_to(
        solution.capacitor_steps, (len(snapshots), solution.capacitor_steps.shape[1])
    )
    return replace(
        snapshots, taps=np.array(solution.taps), capacitor_steps=np.array(steps)
    )


def _same_positions(standing: Snapshots, solution: Solution) -> BoolArray:
    """Rows in which no control moved."""
    assert standing.taps is not None  # set by _at_rest_of
    assert standing.capacitor_steps is not None
    same_taps = (solution.taps == standing.taps).all(axis=1)
    same_steps = np.isclose(solution.capacitor_steps, standing.capacitor_steps).all(
        axis=1
    )
    return same_taps & same_steps


def _rows(snapshots: Snapshots, rows: IntArray) -> Snapshots:
    """The snapshots of some rows."""
    if len(rows) == len(snapshots):
        return snapshots
    changes = {}
    for field in fields(snapshots):
        values = getattr(snapshots, field.name)
        if values is not None:
            changes[field.name] = values[rows]
    return replace(snapshots, **changes)
