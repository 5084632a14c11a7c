"""What droop units deliver, S = sum over the phases of v conj(i), and how it moves with voltages and powers.

    i = Y_h v + i_devices(v, p, q)        at the nodes h that units hold

`Delivery` has the derivative of S both ways: forward, of voltages and powers to S, and pulled back, dL/dS to dL by them.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from tieline.powerflow.island.held_devices import HeldDevices
from tieline.powerflow.island.held_elements import HeldElements
from tieline.powerflow.solution import Solution
from tieline.typing import ComplexArray
from tieline.units import S_BASE_KVA


class Delivery:
    """Currents and powers at the held nodes of solved scenarios.

    Attributes:
        flow: solved scenarios.
        n_units: droop units; each holds as many of `network.source_nodes`.
        elements, devices: what takes current there.
    """

    def __init__(self, flow: Solution, n_units: int):
        self.flow = flow
        self.n_units = n_units
        self.elements = HeldElements(flow)
        self.devices = HeldDevices(flow)

    @cached_property
    def power_kva(self) -> ComplexArray:
        """What each unit delivers, (scenario, unit) [kVA]."""
        return self._per_unit(self.voltage * np.conj(self.current))

    @cached_property
    def voltage(self) -> ComplexArray:
        """Voltages of the held nodes, (scenario, held) [pu]."""
        return self.flow.v_pu[:, self.flow.network.source_nodes]

    @cached_property
    def current(self) -> ComplexArray:
        """Current that leaves the units at each held node, (scenario, held) [pu]."""
        into_elements = self.elements.current(self.flow.v_pu)
        return into_elements + self.devices.current()

    def forward(self, dv: ComplexArray, di: ComplexArray | float = 0.0) -> ComplexArray:
        """Change of what units deliver.

        Args:
            dv: change of the voltages, (scenario, node) [pu].
            di: change of the devices' currents by their powers, (scenario, held) [pu].

        Returns:
            (scenario, unit) [kVA].
        """
        nodes = self.flow.network.source_nodes
        change = self.elements.current(dv)
        change += self.devices.by_voltages(dv)
        change += di
        by_current = self.voltage * np.conj(change)
        by_voltage = dv[:, nodes] * np.conj(self.current)
        return self._per_unit(by_voltage + by_current)

    def pull_back(self, s_bar: ComplexArray) -> tuple[ComplexArray, ComplexArray]:
        """Derivative of a number by the voltages and by the currents at held nodes, given that by P and Q of the units.

        Args:
            s_bar: dL/dP + j dL/dQ, (scenario, unit) [per kW, kvar].

        Returns:
            v_bar (scenario, node) and i_bar (scenario, held), both dL/dRe + j dL/dIm.
        """
        nodes = self.flow.network.source_nodes
        n_phases = len(nodes) // self.n_units
        bar = np.repeat(s_bar * S_BASE_KVA, n_phases, axis=1)
        i_bar = np.conj(bar) * self.voltage
        v_bar = self.elements.pull_back(i_bar)
        v_bar += self.devices.pull_back(i_bar)
        v_bar[:, nodes] += bar * self.current
        return v_bar, i_bar

    def _per_unit(self, power: ComplexArray) -> ComplexArray:
        """Sum over the phases of each unit, (scenario, held) [pu] -> (scenario, unit) [kVA]."""
        by_phase = power.reshape(len(power), self.n_units, -1)
        return by_phase.sum(axis=2) * S_BASE_KVA
