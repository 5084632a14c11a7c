"""What droop units deliver, S = sum over the phases of v conj(i), and how it moves with voltages and powers.

    i = Y_h v + i_devices(v_h, u)        at the nodes h that units hold

The rows Y_h are those of the elements at these nodes; devices there stand between held nodes, or between one and a neutral.
`Delivery` has the derivative of S both ways: forward, dv and du to dS, and pulled back, dL/dS to dL/dv and dL/du.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tieline.network.devices import GROUND
from tieline.network.scatter import sum_columns
from tieline.powerflow.device_slopes import DeviceSlopes, device_slopes
from tieline.powerflow.solution import Solution
from tieline.typing import ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA


@dataclass(frozen=True, eq=False)
class Delivery:
    """Currents at held nodes of a solution.

    Attributes:
        flow: solved scenarios.
        n_units: units; each holds as many of `network.source_nodes`.
    """

    flow: Solution
    n_units: int

    @cached_property
    def power_kva(self) -> ComplexArray:
        """What each unit delivers, (scenario, unit) [kVA]."""
        power = self.voltage * np.conj(self.current)
        return self._per_unit(power) * S_BASE_KVA

    @cached_property
    def voltage(self) -> ComplexArray:
        """Voltages of the held nodes, (scenario, held) [pu]."""
        return self.flow.v_pu[:, self._held]

    @cached_property
    def current(self) -> ComplexArray:
        """Current that leaves the units at each held node, (scenario, held) [pu]."""
        v = self.flow.v_pu
        into_elements = self._current_into_elements(v)
        slopes = self._slopes
        # i = y d with y conj(d) = conj(S): the power at this voltage over the voltage
        device = self._branch_device
        share = self.flow.network.devices.share[self._branches] / S_BASE_KVA
        p = self.flow.p_kw[:, device] * slopes.p_factor
        q = self.flow.q_kvar[:, device] * slopes.q_factor
        into_devices = (p - 1j * q) * share * _inverse(np.conj(slopes.across))
        return into_elements + self._from_branches(into_devices)

    def forward(self, dv: ComplexArray, di: ComplexArray | float = 0.0) -> ComplexArray:
        """Change of what units deliver.

        Args:
            dv: change of the voltages, (scenario, node) [pu].
            di: change of the devices' currents by their powers, (scenario, held) [pu], see `device_current`.

        Returns:
            (scenario, unit) [kVA].
        """
        across = self._across(dv)
        slopes = self._slopes
        of_devices = slopes.slope * across + slopes.turn * np.conj(across)
        current = self._current_into_elements(dv) + self._from_branches(of_devices) + di
        by_voltage = dv[:, self._held] * np.conj(self.current)
        by_current = self.voltage * np.conj(current)
        return self._per_unit(by_voltage + by_current) * S_BASE_KVA

    def device_current(self, p_kw: FloatArray, q_kvar: FloatArray) -> ComplexArray:
        """Change of the devices' currents at held nodes, (scenario, held) [pu].

        Args:
            p_kw, q_kvar: change of what all devices ask for, (scenario or 1, device).
        """
        by_p, by_q = self._current_per_power
        device = self._branch_device
        return self._from_branches(by_p * p_kw[:, device] + by_q * q_kvar[:, device])

    def pull_back(self, s_bar: ComplexArray) -> tuple[ComplexArray, ComplexArray]:
        """Derivative of a number by the voltages and by the currents at held nodes, given that by P and Q of the units.

        Args:
            s_bar: dL/dP + j dL/dQ, (scenario, unit) [per kW, kvar].

        Returns:
            v_bar (scenario, node) and i_bar (scenario, held), both dL/dRe + j dL/dIm.
        """
        phases = len(self._held) // self.n_units
        bar = np.repeat(s_bar * S_BASE_KVA, phases, axis=1)
        i_bar = np.conj(bar) * self.voltage
        v_bar = np.zeros_like(self.flow.v_pu)
        v_bar[:, self._held] = bar * self.current
        columns = self._entry_column
        along_entries = np.conj(self._entry_value) * i_bar[:, self._entry_row]
        v_bar += sum_columns(along_entries, columns, v_bar.shape[1])
        v_bar += self._devices_pulled_back(i_bar)
        return v_bar, i_bar

    def powers_pulled_back(self, i_bar: ComplexArray) -> tuple[FloatArray, FloatArray]:
        """dL by P and by Q that every device asks for, both (scenario, device) [per kW, kvar], from that by held currents."""
        bar = self._at_branches(i_bar)
        by_p, by_q = self._current_per_power
        return self._per_device(bar, by_p), self._per_device(bar, by_q)

    def _per_device(self, bar: ComplexArray, per_power: ComplexArray) -> FloatArray:
        n_devices = len(self.flow.network.devices.p_kw)
        by_branch = (np.conj(bar) * per_power).real
        return sum_columns(by_branch, self._branch_device, n_devices)

    def _devices_pulled_back(self, i_bar: ComplexArray) -> ComplexArray:
        bar = self._at_branches(i_bar)
        slopes = self._slopes
        d_bar = np.conj(slopes.slope) * bar + slopes.turn * np.conj(bar)
        devices = self.flow.network.devices
        plus = devices.plus[self._branches]
        minus = devices.minus[self._branches]
        n_nodes = self.flow.v_pu.shape[1]
        v_bar = sum_columns(d_bar, plus, n_nodes)
        floats = np.flatnonzero(minus != GROUND)
        return v_bar - sum_columns(d_bar[:, floats], minus[floats], n_nodes)

    @cached_property
    def _current_per_power(self) -> tuple[ComplexArray, ComplexArray]:
        """Current of each branch at held nodes per kW and per kvar of its device, (scenario, branch) [pu]."""
        slopes = self._slopes
        share = self.flow.network.devices.share[self._branches] / S_BASE_KVA
        per_kva = share * _inverse(np.conj(slopes.across))
        return slopes.p_factor * per_kva, -1j * slopes.q_factor * per_kva

    def _per_unit(self, values: ComplexArray) -> ComplexArray:
        """Sum over the phases of each unit, (scenario, held) -> (scenario, unit)."""
        return values.reshape(len(values), self.n_units, -1).sum(axis=2)

    # --- elements at held nodes -------------------------------------------------------------------------------------------------

    @property
    def _held(self) -> IntArray:
        return self.flow.network.source_nodes

    @cached_property
    def _held_position(self) -> IntArray:
        """Position of each node among the held ones, -1 for the others, (node,)."""
        position = np.full(self.flow.network.n_nodes, -1)
        position[self._held] = np.arange(len(self._held))
        return position

    @cached_property
    def _entries(self) -> IntArray:
        """Admittance entries of elements at held nodes."""
        network = self.flow.network
        node = network.terminals.node[network.entries.row]
        return np.flatnonzero(self._held_position[node] >= 0)

    @property
    def _entry_row(self) -> IntArray:
        network = self.flow.network
        node = network.terminals.node[network.entries.row[self._entries]]
        return self._held_position[node]

    @property
    def _entry_column(self) -> IntArray:
        return self.flow.network.entries.column[self._entries]

    @cached_property
    def _entry_value(self) -> ComplexArray:
        """(scenario or 1, entry) [pu]."""
        entries = self.flow.network.entries
        state = self.flow.state
        states_a = state[:, entries.state_a[self._entries]]
        states_b = state[:, entries.state_b[self._entries]]
        return entries.value[self._entries] * states_a * states_b

    def _current_into_elements(self, v: ComplexArray) -> ComplexArray:
        along_entries = self._entry_value * v[:, self._entry_column]
        return sum_columns(along_entries, self._entry_row, len(self._held))

    # --- devices at held nodes --------------------------------------------------------------------------------------------------

    @cached_property
    def _branches(self) -> IntArray:
        """Device branches with an end at a held node."""
        devices = self.flow.network.devices
        # ground has no position: -1 would be that of the last node
        position = np.append(self._held_position, -1)
        touches = (position[devices.plus] >= 0) | (position[devices.minus] >= 0)
        return np.flatnonzero(touches)

    @property
    def _branch_device(self) -> IntArray:
        return self.flow.network.devices.device[self._branches]

    @cached_property
    def _slopes(self) -> DeviceSlopes:
        flow = self.flow
        return device_slopes(
            flow.network.devices,
            flow.v_pu,
            flow.p_kw,
            flow.q_kvar,
            use_band=flow.use_band,
            branches=self._branches,
        )

    @cached_property
    def _branch_ends(self) -> tuple[IntArray, IntArray]:
        """Held position of the two ends of each branch, -1 elsewhere, (branch,)."""
        devices = self.flow.network.devices
        position = np.append(self._held_position, -1)
        plus = position[devices.plus[self._branches]]
        minus = position[devices.minus[self._branches]]
        return plus, minus

    def _across(self, dv: ComplexArray) -> ComplexArray:
        """Change of voltage across the branches, (scenario, branch)."""
        devices = self.flow.network.devices
        minus = devices.minus[self._branches]
        beyond = np.where(minus == GROUND, 0.0, dv[:, minus])
        return dv[:, devices.plus[self._branches]] - beyond

    def _from_branches(self, current: ComplexArray) -> ComplexArray:
        """Currents of branches at the held nodes where they begin or end, (scenario, branch) -> (scenario, held)."""
        total = np.zeros((len(current), len(self._held)), dtype=complex)
        for sign, end in zip((1.0, -1.0), self._branch_ends, strict=True):
            at_held = np.flatnonzero(end >= 0)
            total += sign * sum_columns(
                current[:, at_held], end[at_held], total.shape[1]
            )
        return total

    def _at_branches(self, i_bar: ComplexArray) -> ComplexArray:
        """The transposed of `_from_branches`."""
        bar = np.zeros((len(i_bar), len(self._branches)), dtype=complex)
        for sign, end in zip((1.0, -1.0), self._branch_ends, strict=True):
            at_held = np.flatnonzero(end >= 0)
            bar[:, at_held] += sign * i_bar[:, end[at_held]]
        return bar


def _inverse(value: ComplexArray) -> ComplexArray:
    """1 / value, 0 where it is 0."""
    is_zero = value == 0
    return np.where(is_zero, 0.0, 1.0 / np.where(is_zero, 1.0, value))
