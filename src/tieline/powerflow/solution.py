"""`Solution`: voltages of a batch of scenarios and how each ended; flows, losses, loading and unbalance worked out when asked
for.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tieline.errors import InputError
from tieline.network.current_sources import current_source_kva
from tieline.network.network import Network
from tieline.network.neutrals import neutral_nodes
from tieline.network.scatter import sum_columns
from tieline.powerflow.devices import (
    branch_power_kva,
    device_power_kva,
    node_current_pu,
    outside_band,
)
from tieline.powerflow.loading import (
    current_loading_pct,
    loading_of_elements,
    power_loading_pct,
)
from tieline.powerflow.losses import series_loss_kva
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution_text import solution_html, solution_text
from tieline.powerflow.unbalance import unbalance_pct
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

if TYPE_CHECKING:
    import pandas as pd

    from tieline import Plot

CONVERGED = int(Outcome.CONVERGED)
"""As a plain number: NumPy takes longer to compare with an `IntEnum` than to solve a small feeder."""

AT_ONCE = 256
"""Scenarios whose branch currents are worked out together where taps or switches differ: entries x scenarios fill memory."""


@dataclass(frozen=True, eq=False)
class Solution:
    """Solved scenarios of one network. All axes: scenario first; scenarios that did not converge hold NaN.

    Attributes:
        network: the network that was solved.
        v_pu: complex node voltages, (scenario, node) [pu of the node's base]; 0 where de-energised.
        outcome: `Outcome` codes, (scenario,).
        iterations: iterations taken, (scenario,).
        taps: tap positions the solution belongs to, (scenario, regulator).
        state: state vectors the solution belongs to, (scenario or 1, state).
        p_kw, q_kvar: consumption asked of each device at rated voltage, (scenario or 1, device).
        use_band: whether devices outside their voltage band turned into impedances, as in OpenDSS.
        holds_voltages: whether generators held voltages; their reactive power in `q_kvar` is then an answer.
        follows_curves: whether inverters followed their characteristics; what they inject is then an answer too.
        reasons: why scenarios have no answer and what to do, by scenario, where more is known than its outcome says.
    """

    network: Network
    v_pu: ComplexArray
    outcome: IntArray
    iterations: IntArray
    taps: IntArray
    state: FloatArray
    p_kw: FloatArray
    q_kvar: FloatArray
    use_band: bool
    holds_voltages: bool = False
    follows_curves: bool = False
    reasons: dict[int, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """What a user wants to know at a prompt: how the scenarios ended, and where voltage is lowest and highest."""
        return solution_text(self)

    def _repr_html_(self) -> str:
        """The same in a notebook, with the totals of the first scenarios."""
        return solution_html(self)

    @property
    def n_scenarios(self) -> int:
        """Number of scenarios."""
        return len(self.v_pu)

    @property
    def converged(self) -> BoolArray:
        """True for scenarios with an answer, (scenario,)."""
        return self.outcome == CONVERGED

    @property
    def failures(self) -> list[str]:
        """One sentence for each scenario without an answer: which one, why, what to do."""
        return [
            f"scenario {k}: {self.reason(int(k))}"
            for k in np.flatnonzero(~self.converged)
        ]

    def reason(self, scenario: int) -> str:
        """Why a scenario has no answer, where, and what to do."""
        return self.reasons.get(scenario, Outcome(self.outcome[scenario]).remedy)

    def of_scenarios(self, rows: slice | IntArray) -> Solution:
        """Some scenarios of this solution, counted from 0 again: a slice of the scenario axis, or numbers, which may repeat."""
        numbers = np.arange(self.n_scenarios)[rows].tolist()

        def cut(array: FloatArray) -> FloatArray:
            # one row may stand for all scenarios
            if len(array) == 1:
                return array
            return array[rows]

        reasons = {
            k: self.reasons[number]
            for k, number in enumerate(numbers)
            if number in self.reasons
        }
        return replace(
            self,
            v_pu=self.v_pu[rows],
            outcome=self.outcome[rows],
            iterations=self.iterations[rows],
            taps=self.taps[rows],
            state=cut(self.state),
            p_kw=cut(self.p_kw),
            q_kvar=cut(self.q_kvar),
            reasons=reasons,
        )

    @property
    def vm_pu(self) -> FloatArray:
        """Voltage magnitudes, (scenario, node) [pu]."""
        return np.abs(self.v_pu)

    @property
    def neutral_v(self) -> FloatArray:
        """Neutral-to-earth voltage at `network.neutrals.neutral_nodes`, (scenario, neutral) [V]."""
        nodes = neutral_nodes(self.network)
        return self.vm_pu[:, nodes] * self.network.node_kv[nodes] * 1e3

    @cached_property
    def capacitor_steps(self) -> FloatArray:
        """Steps in of each capacitor, (scenario or 1, capacitor)."""
        capacitors = self.network.feeder.capacitors
        steps = np.array([capacitor.steps for capacitor in capacitors], dtype=float)
        share = self.state[:, self.network.states.capacitors]
        return share * steps

    @cached_property
    def terminal_current_pu(self) -> ComplexArray:
        """Current into every terminal conductor, (scenario, terminal) [pu]."""
        state = self.state
        # One matrix for all scenarios is a sparse product, many times as fast as entry by entry.
        if len(state) == 1 or (state == state[0]).all():
            return (self.network.terminal_admittance(state[0]) @ self.v_pu.T).T
        e = self.network.entries
        count = len(self.network.terminals.node)
        current = np.empty((self.n_scenarios, count), dtype=complex)
        for first in range(0, self.n_scenarios, AT_ONCE):
            rows = slice(first, first + AT_ONCE)
            admittance = e.value * state[rows, e.state_a] * state[rows, e.state_b]
            entry_current = admittance * self.v_pu[rows, e.column]
            current[rows] = sum_columns(entry_current, e.row, count)
        return current

    @cached_property
    def terminal_kva(self) -> ComplexArray:
        """Complex power into every terminal conductor, (scenario, terminal) [kVA]."""
        v_pu = self.v_pu[:, self.network.terminals.node]
        return v_pu * np.conj(self.terminal_current_pu) * S_BASE_KVA

    @cached_property
    def terminal_current_a(self) -> FloatArray:
        """Current magnitude at every terminal conductor, (scenario, terminal) [A]."""
        base_a = self.network.node_base_a[self.network.terminals.node]
        return np.abs(self.terminal_current_pu) * base_a

    @cached_property
    def element_loss_kva(self) -> ComplexArray:
        """What enters each element and does not leave it, (scenario, element) [kVA]; order of `network.elements`."""
        return sum_columns(
            self.terminal_kva,
            self.network.terminals.element,
            len(self.network.elements),
        )

    @property
    def loss_kw(self) -> FloatArray:
        """Active loss of lines and transformers, (scenario,) [kW]."""
        return self._series_loss.real

    @property
    def loss_kvar(self) -> FloatArray:
        """Reactive loss of lines and transformers, (scenario,) [kvar]."""
        return self._series_loss.imag

    @cached_property
    def _series_loss(self) -> ComplexArray:
        return series_loss_kva(self.network, self.v_pu, self.state)

    @cached_property
    def _branch_kva(self) -> ComplexArray:
        return branch_power_kva(
            self.network, self.v_pu, self.state, self.p_kw, self.q_kvar, self.use_band
        )

    @cached_property
    def _device_kva(self) -> ComplexArray:
        return device_power_kva(self.network.devices, self._branch_kva)

    @cached_property
    def outside_band(self) -> BoolArray:
        """Devices (loads, then DERs) at a voltage outside their band, under either load model, (scenario, device)."""
        return outside_band(self.network.devices, self.v_pu)

    @property
    def load_kva(self) -> ComplexArray:
        """Power each load takes at its voltage, (scenario, load) [kVA]."""
        return self._device_kva[:, : self.network.devices.n_loads]

    @property
    def der_kva(self) -> ComplexArray:
        """Power each DER injects, (scenario, DER) [kVA]."""
        return -self._device_kva[:, self.network.devices.n_loads :]

    @cached_property
    def source_kva(self) -> ComplexArray:
        """Power the source delivers, (scenario,) [kVA]."""
        v_pu = self.v_pu[:, self.network.source_nodes]
        return (v_pu * np.conj(self.source_current_pu)).sum(axis=1) * S_BASE_KVA

    @cached_property
    def source_current_pu(self) -> ComplexArray:
        """Current that the source delivers at each of its nodes, (scenario, source node) [pu]."""
        net = self.network
        # What others draw from its nodes: the current behind its own impedance is not what it delivers.
        fed = np.flatnonzero(~net.is_kind("source"))
        terminal_current = self.terminal_current_pu[:, fed]
        into_elements = sum_columns(
            terminal_current, net.terminals.node[fed], net.n_nodes
        )
        into_devices = node_current_pu(net.devices, self.v_pu, self._branch_kva)
        return (into_elements + into_devices - net.driven_pu)[:, net.source_nodes]

    @cached_property
    def current_source_kva(self) -> ComplexArray:
        """Power that each current source gives at its voltages, (scenario, current source) [kVA]."""
        return current_source_kva(self.network, self.v_pu)

    @cached_property
    def kcl_residual_pu(self) -> FloatArray:
        """Largest current that does not balance at any node but the source's, (scenario,) [pu]."""
        net = self.network
        into = node_current_pu(net.devices, self.v_pu, self._branch_kva)
        into += sum_columns(self.terminal_current_pu, net.terminals.node, net.n_nodes)
        into -= net.driven_pu
        into[:, net.source_nodes] = 0.0
        return np.abs(into).max(axis=1)

    @cached_property
    def loading_pct(self) -> FloatArray:
        """Loading of each element by current, in percent of its rated current, (scenario, element) [%]; NaN without a rating.

        This is what studies limit, and what pandapower (by default), PowerFactory and ETAP show. A transformer's rated current
        is that of each winding at its rated voltage; a line rated in kVA alone has the current of this power at nominal voltage.
        """
        return current_loading_pct(self.network, self.terminal_current_a)

    def loading_of(self, elements: IntArray) -> FloatArray:
        """The columns of `loading_pct` of some elements, without working out those of the others.

        Args:
            elements: lines and transformers, indices into `network.elements`, (place,).

        Returns:
            (scenario, place) [%].
        """
        state = self.state
        if len(elements) and (len(state) == 1 or (state == state[0]).all()):
            return loading_of_elements(
                self.network, self._v_by_node, state[0], elements
            )
        return self.loading_pct[:, elements]

    @cached_property
    def _v_by_node(self) -> ComplexArray:
        """Node voltages with all scenarios of a node side by side, (node, scenario) [pu]."""
        return np.ascontiguousarray(self.v_pu.T)

    @cached_property
    def loading_kva_pct(self) -> FloatArray:
        """Loading of each element by apparent power, in percent of its rating, (scenario, element) [%]; NaN without a rating.

        This is what MATPOWER limits. A line rated in A alone has the power of this current at nominal voltage.
        """
        return power_loading_pct(self.network, self.terminal_kva)

    @cached_property
    def _terminals_of(self) -> list[slice]:
        # terminals stand element by element
        elements = np.arange(len(self.network.elements) + 1)
        bounds = np.searchsorted(self.network.terminals.element, elements)
        return [slice(*ends) for ends in pairwise(bounds.tolist())]

    @cached_property
    def unbalance_pct(self) -> FloatArray:
        """Voltage unbalance factor |V2| / |V1| of each bus, (scenario, bus) [%]; NaN for buses without three phases."""
        return unbalance_pct(self.network, self.v_pu)

    def voltages(self, *, wide: bool = False) -> pd.DataFrame:
        """One row for each scenario and node: scenario, node, bus, phase, v_pu, angle_deg, v_kv.

        `wide`: magnitudes [pu] alone, a row for each scenario and a column for each node.
        """
        # not at the top: a solve needs no pandas
        from tieline.powerflow import solution_tables

        if wide:
            return solution_tables.wide_voltages(self)
        return solution_tables.voltage_table(self)

    def branches(self) -> pd.DataFrame:
        """One row for each scenario, line and transformer: kind, name, p_from_kw and q_from_kvar into its first end, loss_kw,
        loss_kvar, i_max_a, loading_pct, loading_kva_pct.
        """
        from tieline.powerflow.solution_tables import branch_flows

        return branch_flows(self)

    def loads(self) -> pd.DataFrame:
        """One row for each scenario and load: scenario, name, bus, and p_kw, q_kvar that it takes at its voltage."""
        from tieline.powerflow.solution_tables import load_table

        return load_table(self)

    def ders(self) -> pd.DataFrame:
        """One row for each scenario and DER: scenario, kind, name, bus, and p_kw, q_kvar that it injects."""
        from tieline.powerflow.solution_tables import der_table

        return der_table(self)

    def totals(self) -> pd.DataFrame:
        """One row for each scenario: outcome, power of the source, the loads and the DERs, loss_kw, v_min_pu, v_max_pu."""
        from tieline.powerflow.solution_tables import totals_table

        return totals_table(self)

    def plot(self, show: str = "lowest", scenario: int | None = None) -> Plot:
        """A picture of the voltages, `tieline.plot_voltages` of this solution."""
        # the package itself: a solution knows nothing of drawings
        import tieline

        return tieline.plot_voltages(self, show, scenario)

    def node_table(self, scenario: int = 0) -> pd.DataFrame:
        """One row per node: bus, phase, v_pu, angle_deg, v_kv."""
        from tieline.powerflow.solution_tables import node_table

        return node_table(self, self.require_scenario(scenario))

    def branch_table(self, scenario: int = 0) -> pd.DataFrame:
        """The rows of `branches` of one scenario."""
        k = self.require_scenario(scenario)
        table = self.of_scenarios(slice(k, k + 1)).branches()
        return table.drop(columns="scenario")

    def tap_table(self, scenario: int = 0) -> pd.DataFrame:
        """One row per regulator: tap position and ratio."""
        from tieline.powerflow.solution_tables import tap_table

        return tap_table(self, self.require_scenario(scenario))

    def require_scenario(self, scenario: int) -> int:
        """The number of a scenario itself; raises `InputError` if there is none of it."""
        if not 0 <= scenario < self.n_scenarios:
            raise InputError(
                f"Scenario {scenario} does not exist; this solution has {self.n_scenarios} (0 to {self.n_scenarios - 1})."
            )
        return scenario
