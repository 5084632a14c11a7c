"""Reactive power of PV inverters, and the power flow that it settles to.

    unity          q = 0
    power-factor   q = -p tan(acos(pf)), absorbing
    volt-var       q = s_rated curve(v), the default curve of IEEE 1547-2018 for category B

Volt-var is an inverter control of the feeder (`feeders.elements.inverters`) at every site, with the curve as a share of the rated
kVA; the power flow finds where it and the grid agree, as with the controls that a feeder has of its own.

The voltage of an inverter is the mean over its phases, per unit of its rated voltage. Left out: the inverter's response over
time, and active power given up for reactive power; inverters are as large as the curve asks for at full sun (`KVA_PER_KW`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tieline.devices.volt_var import VoltVar
from tieline.feeders.elements import InverterControl
from tieline.network import Network
from tieline.network.devices import der_rows
from tieline.network.scatter import sum_columns
from tieline.powerflow import Solution, solve
from tieline.powerflow.devices import across_pu
from tieline.powerflow.feeder_inputs import FEEDER_INPUTS
from tieline.settings.fields import Controls, Inverter
from tieline.typing import ComplexArray, FloatArray, IntArray

CURVE = VoltVar()
"""IEEE 1547-2018, table 8, category B, default settings."""

KVA_PER_KW = 1 / math.sqrt(1 - max(CURVE.q_share) ** 2)
"""Rating of an inverter per kW of PV: room for the curve's most reactive power beside full active power."""


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

    @cached_property
    def with_curves(self) -> Network:
        """The network whose sites follow the curve of the standard."""
        feeder = self.network.feeder
        controls = [
            InverterControl(
                name=f"curve_{pv.name}",
                der=pv.name,
                volt_var_v_pu=CURVE.v_pu,
                volt_var_q_share=CURVE.q_share,
                q_base="limits",
            )
            for pv in feeder.pvs[self.sites]
        ]
        with_controls = feeder.replace(
            inverter_controls=(*feeder.inverter_controls, *controls)
        )
        return Network.from_feeder(with_controls)

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
        no_kvar = np.zeros_like(snapshots.pv_kw)
        return _solve(plant, plant.with_curves, snapshots, no_kvar, acts)
    tangent = 0.0
    if inverter == "power-factor":
        tangent = math.tan(math.acos(power_factor))
    return solve_with_kvar(plant, snapshots, -tangent * snapshots.pv_kw, acts)


def solve_with_kvar(
    plant: Plant, snapshots: Snapshots, q_kvar: FloatArray, acts: bool
) -> Solution:
    """Solve snapshots with reactive power as given.

    Args:
        plant, snapshots: as in `solve_with_inverters`.
        q_kvar: injected by each site, (row, site) [kvar].
        acts: whether regulators and capacitors act.
    """
    return _solve(plant, plant.network, snapshots, q_kvar, acts)


def _solve(
    plant: Plant,
    network: Network,
    snapshots: Snapshots,
    q_kvar: FloatArray,
    acts: bool,
) -> Solution:
    """Solve snapshots; inverters with a characteristic follow it."""
    own_kw = plant.own_kw if snapshots.own_kw is None else snapshots.own_kw
    own_kvar = plant.own_kvar if snapshots.own_kvar is None else snapshots.own_kvar
    controls = "off"
    if acts:
        controls = "feeder"
    ratings = FEEDER_INPUTS["der_kva"].values(network)
    return solve(
        network,
        load_kw=snapshots.load_kw,
        load_kvar=snapshots.load_kvar,
        der_kw=der_rows(own_kw, plant.sites, snapshots.pv_kw),
        der_kvar=der_rows(own_kvar, plant.sites, q_kvar),
        der_kva=der_rows(ratings, plant.sites, snapshots.pv_kva),
        inverters="feeder",
        taps=snapshots.taps,
        capacitor_steps=snapshots.capacitor_steps,
        controls=controls,
    )
