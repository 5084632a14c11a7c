"""`UncertainPowers`: loads and DERs whose P and Q are known up to a share, around a solved power flow.

    [P_i] = P_i (1 + [xi_i]),   [Q_i] = Q_i (1 + [xi_j])        each xi between -spread and spread, on its own

A power of zero stays zero. Taps, capacitor steps, lines and the source voltage stay as they are at the centre.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tieline.errors import InputError
from tieline.network.network import Network
from tieline.powerflow.derivatives.gradients import Input, all_tangents
from tieline.powerflow.solution import Solution
from tieline.powerflow.solve import solve
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

CENTRE_OPTIONS = (
    "load_kw",
    "load_kvar",
    "load_scale",
    "der_kw",
    "der_kvar",
    "taps",
    "capacitor_steps",
    "controls",
    "start_pu",
)
"""Keywords of `solve` that say where the centre is; the others hold at every point of the intervals."""


@dataclass(frozen=True, eq=False)
class UncertainPowers:
    """Uncertain variables around a centre. A sample x, (variable,), lies between -1 and 1: from the lowest to the highest power.

    Attributes:
        centre: the solved centre, one scenario.
        device: device of each variable, (variable,).
        is_reactive: whether it is Q or P, (variable,).
        reach: consumption at x = 1 less that at the centre, (variable,) [kW, kvar].
        held: keywords of `solve` that hold at every sample.
    """

    centre: Solution
    device: IntArray
    is_reactive: BoolArray
    reach: FloatArray
    held: Mapping[str, Any]

    @property
    def network(self) -> Network:
        """The network."""
        return self.centre.network

    @property
    def n_variables(self) -> int:
        """Number of variables."""
        return len(self.device)

    def solve(self, samples: FloatArray) -> Solution:
        """AC power flows at some samples, (scenario, variable)."""
        n_loads = self.network.devices.n_loads
        p_kw = self._consumption(samples, is_reactive=False)
        q_kvar = self._consumption(samples, is_reactive=True)
        return solve(
            self.network,
            load_kw=p_kw[:, :n_loads],
            load_kvar=q_kvar[:, :n_loads],
            der_kw=-p_kw[:, n_loads:],
            der_kvar=-q_kvar[:, n_loads:],
            start_pu=self.centre.v_pu[0],
            **self.held,
        )

    @cached_property
    def tangents(self) -> ComplexArray:
        """Change of the voltages per unit of each variable, (variable, node) [pu]."""
        change = np.empty((self.n_variables, self.network.n_nodes), dtype=complex)
        n_loads = self.network.devices.n_loads
        is_der = self.device >= n_loads
        kinds: tuple[tuple[Input, bool, bool], ...] = (
            ("load_kw", False, False),
            ("load_kvar", False, True),
            ("der_kw", True, False),
            ("der_kvar", True, True),
        )
        for name, of_der, is_reactive in kinds:
            variables = np.flatnonzero(
                (is_der == of_der) & (self.is_reactive == is_reactive)
            )
            # A kind that is certain costs no linear solves.
            if len(variables) == 0:
                continue
            first_device = n_loads if of_der else 0
            sign = -1.0 if of_der else 1.0  # reach is consumption, and a DER injects
            per_unit = all_tangents(self.centre, name, 0)
            per_variable = per_unit[self.device[variables] - first_device]
            change[variables] = sign * self.reach[variables, None] * per_variable
        return change

    def _consumption(self, samples: FloatArray, is_reactive: bool) -> FloatArray:
        """P or Q of every device at some samples, (scenario, device) [kW, kvar]."""
        centre = self.centre.q_kvar if is_reactive else self.centre.p_kw
        variables = self.is_reactive == is_reactive
        change = samples[:, variables] * self.reach[variables]
        power = np.repeat(centre[:1], len(samples), axis=0)
        # Plain += serves: a device has one variable for P and one for Q, so that no column comes twice.
        power[:, self.device[variables]] += change
        return power


def uncertain_powers(
    network: Network, load_pct: float, der_pct: float, **options: Any
) -> UncertainPowers:
    """Solve the centre and set up its variables.

    Args:
        network: feeder arrays.
        load_pct, der_pct: spread of the powers of loads and of DERs, up and down [%].
        options: keywords of `solve` for the centre, without scenario axis; loads keep to their ZIP model, also on a feeder whose
            own model has a band.

    Raises:
        InputError: if a spread is not from 0 to below 100 %, nothing is uncertain, or the options hold many scenarios.
        NotConvergedError: if the centre has no answer.
    """
    for name, value in (("load_pct", load_pct), ("der_pct", der_pct)):
        if not 0 <= value < 100:
            raise InputError(
                f"{name} is {value:g} %, but a spread is from 0 to below 100 %: at 100 % a power would reach zero "
                "and change sign beyond. Give a smaller one."
            )
    if options.get("load_model") == "opendss-band":
        raise InputError(
            "Interval bounds need smooth loads. Use load_model='zip'; OpenDSS' load band has corners."
        )
    options = {**options, "load_model": "zip"}
    centre = solve(network, **options)
    if centre.n_scenarios != 1:
        raise InputError(
            f"The centre of an interval is one scenario, but the options hold {centre.n_scenarios}. Give one row."
        )
    device, is_reactive, reach = _variables(centre, load_pct, der_pct)
    if len(device) == 0:
        raise InputError(
            f"Nothing is uncertain on feeder '{network.feeder.name}': no load or DER with power has a spread above 0 %. "
            "Raise the spread of the loads, or that of the DERs if the feeder has any."
        )
    held_options = {
        name: value for name, value in options.items() if name not in CENTRE_OPTIONS
    }
    # Controls acted at the centre; what they did stays, since a tap that moves has no derivative.
    held_options["taps"] = centre.taps[0]
    held_options["controls"] = "off"
    if network.feeder.capacitors:
        held_options["capacitor_steps"] = centre.capacitor_steps[0]
    return UncertainPowers(centre, device, is_reactive, reach, held_options)


def _variables(
    centre: Solution, load_pct: float, der_pct: float
) -> tuple[IntArray, BoolArray, FloatArray]:
    """Device, kind and reach of every power that is uncertain: P of all devices, then Q."""
    devices = centre.network.devices
    is_load = np.arange(len(devices.p_kw)) < devices.n_loads
    spread = np.where(is_load, load_pct, der_pct) / 100
    p_reach = centre.p_kw[0] * spread
    q_reach = centre.q_kvar[0] * spread
    # A power of zero has no reach and is no variable: each costs a linear solve.
    p_device = np.flatnonzero(p_reach)
    q_device = np.flatnonzero(q_reach)
    device = np.concatenate([p_device, q_device])
    is_reactive = np.arange(len(device)) >= len(p_device)
    reach = np.concatenate([p_reach[p_device], q_reach[q_device]])
    return device, is_reactive, reach
