"""Loads and DERs at the nodes that droop units hold: their currents, and how these move with voltages and with what they ask for.

With N the incidence of device branches on nodes, d = N v the voltages across them and N_h its columns of held nodes,

    i = N_h^T i_branch(d, p, q)
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from tieline.network.devices import GROUND
from tieline.network.scatter import sum_columns
from tieline.powerflow.device_slopes import DeviceSlopes, device_slopes
from tieline.powerflow.solution import Solution
from tieline.typing import ComplexArray, FloatArray
from tieline.units import S_BASE_KVA


class HeldDevices:
    """Device branches with an end at a held node."""

    def __init__(self, flow: Solution):
        network = flow.network
        devices = network.devices
        is_held = np.zeros(network.n_nodes + 1, dtype=bool)
        is_held[network.source_nodes] = True
        # the place after the last node stands for ground, whose index is -1
        touches = is_held[devices.plus] | is_held[devices.minus]
        self.flow = flow
        self.branches = np.flatnonzero(touches)
        self.device = devices.device[self.branches]
        self.incidence = self._incidence()
        self.held_incidence = self.incidence[:, network.source_nodes]

    @cached_property
    def slopes(self) -> DeviceSlopes:
        """Of the branches' currents at the solution."""
        flow = self.flow
        return device_slopes(
            flow.network.devices,
            flow.v_pu,
            flow.p_kw,
            flow.q_kvar,
            use_band=flow.use_band,
            branches=self.branches,
        )

    @cached_property
    def by_p(self) -> ComplexArray:
        """Current of each branch per kW that its device asks for, (scenario, branch) [pu]."""
        return self.slopes.p_factor * self._per_kva

    @cached_property
    def by_q(self) -> ComplexArray:
        """The same per kvar."""
        # a current takes the conjugate of a power
        return -1j * self.slopes.q_factor * self._per_kva

    def current(self) -> ComplexArray:
        """What the devices take from each held node, (scenario, held) [pu]."""
        return self.by_powers(self.flow.p_kw, self.flow.q_kvar)

    def by_powers(self, p_kw: FloatArray, q_kvar: FloatArray) -> ComplexArray:
        """The same for other powers at the same voltages; it is linear in them, (scenario or 1, device) -> (scenario, held)."""
        of_p = self.by_p * p_kw[:, self.device]
        of_q = self.by_q * q_kvar[:, self.device]
        return (of_p + of_q) @ self.held_incidence

    def by_voltages(self, dv: ComplexArray) -> ComplexArray:
        """Change of the current for a change of voltages, (scenario, node) -> (scenario, held)."""
        across = self._across(dv)
        of_branches = self.slopes.slope * across
        of_branches += self.slopes.turn * np.conj(across)
        return of_branches @ self.held_incidence

    def pull_back(self, i_bar: ComplexArray) -> ComplexArray:
        """Derivative of a number by all voltages from that by these currents, (scenario, held) -> (scenario, node)."""
        bar = i_bar @ self.held_incidence.T
        of_slope = np.conj(self.slopes.slope) * bar
        of_turn = self.slopes.turn * np.conj(bar)
        return (of_slope + of_turn) @ self.incidence

    def powers_pulled_back(self, i_bar: ComplexArray) -> tuple[FloatArray, FloatArray]:
        """The same by P and by Q that every device asks for, both (scenario, device)."""
        bar = np.conj(i_bar @ self.held_incidence.T)
        p_bar = self._per_device(bar * self.by_p)
        q_bar = self._per_device(bar * self.by_q)
        return p_bar, q_bar

    def _across(self, v: ComplexArray) -> ComplexArray:
        """N v, (scenario, node) -> (scenario, branch)."""
        devices = self.flow.network.devices
        minus = devices.minus[self.branches]
        # the ground's index is -1, and its voltage 0
        at_minus = np.where(minus == GROUND, 0.0, v[:, minus])
        return v[:, devices.plus[self.branches]] - at_minus

    def _per_device(self, by_branch: ComplexArray) -> FloatArray:
        n_devices = len(self.flow.network.devices.p_kw)
        return sum_columns(by_branch.real, self.device, n_devices)

    @cached_property
    def _per_kva(self) -> ComplexArray:
        """1 / conj(d) of each branch, for its share of a device's power; 0 where there is no voltage."""
        share = self.flow.network.devices.share[self.branches] / S_BASE_KVA
        across = np.conj(self.slopes.across)
        is_dead = across == 0
        live = np.where(is_dead, 1.0, across)
        return np.where(is_dead, 0.0, share / live)

    def _incidence(self) -> FloatArray:
        """N, (branch, node)."""
        network = self.flow.network
        plus = network.devices.plus[self.branches]
        minus = network.devices.minus[self.branches]
        every = np.arange(len(self.branches))
        floats = np.flatnonzero(minus != GROUND)
        incidence = np.zeros((len(every), network.n_nodes))
        incidence[every, plus] = 1.0
        incidence[floats, minus[floats]] = -1.0
        return incidence
