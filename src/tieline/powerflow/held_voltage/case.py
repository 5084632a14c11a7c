"""`JointCase`: one scenario with holders as equations in the voltages and reactive powers together.

    Y v - i_source + i_devices(v, q) = 0            (or v = v_source at a node that an ideal source holds)
    mean |v across| - v_held = 0                    for each holder that is within its limits

The first are taken as powers, v conj(.), which Newton's method from far away comes nearer to. Here are the equations, their
slopes and the voltages to begin at; `joint` solves them.

Source: bordered current equations as in V. M. da Costa, N. Martins, J. L. R. Pereira, "Developments in the Newton Raphson power
flow formulation based on current injections", IEEE Trans. Power Systems 14(4), 1999.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from tieline.network.network import Network
from tieline.network.supply import dead_nodes
from tieline.powerflow.device_slopes import device_slopes
from tieline.powerflow.devices import across_pu, branch_power_kva, node_current_pu
from tieline.powerflow.held_voltage.first_voltages import dc_angles_rad
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

BALANCED = 1e-6
"""Largest part of the current through a node that may be missing; the check of every solution is sharper."""

ROUNDING = 8 * math.ulp(1.0)
"""Part of the currents that meet in a node which their sum may be off by: each is rounded, and so is every sum on the way."""


class JointCase:
    """One scenario: what is asked, in network order.

    Args:
        network: feeder arrays.
        state: state vector, (state,).
        p_kw, q_kvar: consumption of each device; that of holders is replaced, (device,).
        source_pu: voltage of each source node, (source node,) [pu].
        use_band: apply OpenDSS' load band.
    """

    def __init__(
        self,
        network: Network,
        state: FloatArray,
        p_kw: FloatArray,
        q_kvar: FloatArray,
        source_pu: ComplexArray,
        use_band: bool,
    ) -> None:
        self.network = network
        self.holders = network.voltage_holders
        self.state = state
        self.p_kw = p_kw
        self.q_kvar = q_kvar
        self.use_band = use_band
        self.source = network.drive(source_pu)
        self.is_fixed = dead_nodes(network, state).copy()
        self.is_fixed[network.held_nodes] = True
        self.fixed_v = np.zeros(network.n_nodes, dtype=complex)
        self.fixed_v[network.held_nodes] = self.source[network.held_nodes]
        self.admittance = network.nodal_admittance(state)
        self.incidence = _incidence(network)

    def with_injection(self, injected_kvar: FloatArray) -> FloatArray:
        """Consumption of all devices while the holders inject, (1, device) [kvar]."""
        q_kvar = self.q_kvar.copy()
        q_kvar[self.holders.device] = -injected_kvar
        return q_kvar[None]

    def residual(self, v_pu: ComplexArray, injected_kvar: FloatArray) -> ComplexArray:
        """Power that is missing at each node, or what a fixed voltage is off by, (node,) [pu]."""
        power = v_pu * np.conj(self._missing_current(v_pu, injected_kvar))
        return np.where(self.is_fixed, v_pu - self.fixed_v, power)

    def is_balanced(self, v_pu: ComplexArray, injected_kvar: FloatArray) -> bool:
        """Whether the currents balance too: without a voltage no power is missing, whatever the current."""
        missing = np.where(
            self.is_fixed, 0.0, self._missing_current(v_pu, injected_kvar)
        )
        through = abs(self.admittance) @ np.abs(v_pu)
        return bool((np.abs(missing) <= BALANCED * (1.0 + through)).all())

    def rounding(self, v_pu: ComplexArray) -> FloatArray:
        """Power that may be missing at each node because currents are rounded, (node,) [pu]; much beside next to no impedance."""
        size = np.abs(v_pu)
        return ROUNDING * size * (abs(self.admittance) @ size)

    def _missing_current(
        self, v_pu: ComplexArray, injected_kvar: FloatArray
    ) -> ComplexArray:
        """Current that leaves each node and does not come, (node,) [pu]."""
        devices = self._device_current(v_pu, injected_kvar)
        return self.admittance @ v_pu + devices - self.source

    def _device_current(
        self, v_pu: ComplexArray, injected_kvar: FloatArray
    ) -> ComplexArray:
        """Current that devices take out of each node, (node,) [pu]."""
        kva = branch_power_kva(
            self.network,
            v_pu[None],
            self.state[None],
            self.p_kw[None],
            self.with_injection(injected_kvar),
            self.use_band,
        )
        return node_current_pu(self.network.devices, v_pu[None], kva)[0]

    def gap(self, v_pu: ComplexArray) -> FloatArray:
        """Measured less held voltage of each holder, (holder,) [pu of rated]."""
        across = across_pu(self.network.devices, v_pu[None], self.holders.branch)
        measured = self.holders.mean_v_pu(across)[0]
        # a holder without voltage has none to hold
        return np.where(measured == 0, 0.0, measured - self.holders.v_pu)

    def is_dead(self, v_pu: ComplexArray) -> BoolArray:
        """Holders without voltage, (holder,)."""
        across = across_pu(self.network.devices, v_pu[None], self.holders.branch)
        return self.holders.mean_v_pu(across)[0] == 0

    def starts(self) -> Iterator[ComplexArray]:
        """Voltages from which Newton's method begins, the next where one fails, (node,) [pu]: of a single-phase equivalent first
        those with the angles of the DC power flow; then those of no load.
        """
        if self.network.feeder.single_phase_equivalent:
            v_pu = self._of_dc_angles()
            if v_pu is not None:
                yield v_pu
        yield self.no_load()

    def _of_dc_angles(self) -> ComplexArray | None:
        fixed_v = np.where(self.is_fixed, self.fixed_v, np.nan)
        angle = dc_angles_rad(self.network, self.state, self.p_kw, fixed_v, self.source)
        if angle is None:
            return None
        size = np.ones(len(angle))
        devices = self.network.devices
        holders = self.holders
        held_pu = holders.v_pu[holders.holder] / devices.per_rated[holders.branch]
        held_nodes = devices.plus[holders.branch]
        size[held_nodes] = held_pu
        v_pu = np.where(self.is_fixed, self.fixed_v, size * np.exp(1j * angle))
        is_given = self.is_fixed.copy()
        is_given[held_nodes] = True
        # one of 1 pu beside one that is held higher, with next to no impedance between, would miss many times the load
        current = self._device_current(v_pu, np.zeros(holders.count))
        return self._with_given(is_given, v_pu, self.source - current)

    def no_load(self) -> ComplexArray:
        """Voltages without any device, (node,) [pu]."""
        return self._with_given(self.is_fixed, self.fixed_v, self.source)

    def _with_given(
        self, is_given: BoolArray, given_v: ComplexArray, current: ComplexArray
    ) -> ComplexArray:
        """Voltages at which the other nodes take these currents from the network while some are given, (node,) [pu]; NaN where
        there are none, such as on a part that only devices earth.
        """
        identity = sparse.diags_array(is_given.astype(float))
        free = sparse.diags_array((~is_given).astype(float))
        matrix = sparse.csc_array(free @ self.admittance + identity)
        right_side = np.where(is_given, given_v, current)
        try:
            return splu(matrix).solve(right_side.astype(np.complex128))
        except RuntimeError:  # singular
            return np.full(len(right_side), complex(np.nan, np.nan))

    def slopes(
        self, v_pu: ComplexArray, injected_kvar: FloatArray
    ) -> tuple[sparse.csc_array, sparse.csr_array, sparse.csr_array]:
        """Slope of the residual by the voltages and by the holders' kvar, and of the gap by the voltages, all in real parts."""
        devices = self.network.devices
        of_devices = device_slopes(
            devices,
            v_pu[None],
            self.p_kw[None],
            self.with_injection(injected_kvar),
            use_band=self.use_band,
        )
        by_current = self._spread(of_devices.slope[0]) + self.admittance
        by_conjugate = self._spread(of_devices.turn[0])
        # the power that is missing, v conj(F): its slope has one of v and one of F
        free = np.where(self.is_fixed, 0.0, v_pu)
        missing = self._missing_current(v_pu, injected_kvar)
        by_v = sparse.diags_array(free) @ by_conjugate.conj() + sparse.diags_array(
            np.where(self.is_fixed, 1.0, np.conj(missing))
        )
        by_conjugate_v = sparse.diags_array(free) @ by_current.conj()
        of_nodes = _in_parts(by_v, by_conjugate_v)
        across = of_devices.across[0, self.holders.branch]
        return of_nodes, self._by_kvar(across, free), self._gap_slope(across)

    def _spread(self, by_branch: ComplexArray) -> sparse.csr_array:
        """Slopes of branches as a matrix between nodes."""
        return sparse.csr_array(
            self.incidence.T @ sparse.diags_array(by_branch) @ self.incidence
        )

    def _by_kvar(self, across: ComplexArray, free: ComplexArray) -> sparse.csr_array:
        """Slope of the residual by the reactive power that each holder injects, (2 node, holder)."""
        holders = self.holders
        share = self.network.devices.share[holders.branch] / S_BASE_KVA
        # i = conj(S / v), and injected kvar are consumed ones with the other sign
        current = 1j * share * _inverse_conjugate(across)
        places = (np.arange(len(current)), holders.holder)
        shape = (len(current), holders.count)
        by_branch = sparse.csr_array((current, places), shape=shape)
        by_node = self.incidence[holders.branch].T @ by_branch
        by_node = sparse.diags_array(free) @ np.conj(by_node)
        return sparse.csr_array(sparse.vstack([by_node.real, by_node.imag]))

    def _gap_slope(self, across: ComplexArray) -> sparse.csr_array:
        """Slope of each holder's measured voltage, d|v| = Re(conj(v) dv) / |v|, (holder, 2 node)."""
        holders = self.holders
        size = np.abs(across)
        direction = np.conj(across) / np.where(size > 0, size, 1.0) * holders.weight
        places = (holders.holder, np.arange(len(direction)))
        shape = (holders.count, len(direction))
        by_branch = sparse.csr_array((direction, places), shape=shape)
        by_node = by_branch @ self.incidence[holders.branch]
        return sparse.csr_array(sparse.hstack([by_node.real, -by_node.imag]))


def _incidence(network: Network) -> sparse.csr_array:
    """Voltage across each device branch by node, (branch, node)."""
    devices = network.devices
    n_branches = len(devices.plus)
    between: IntArray = np.flatnonzero(devices.minus >= 0)
    row = np.concatenate([np.arange(n_branches), between])
    column = np.concatenate([devices.plus, devices.minus[between]])
    sign = np.concatenate([np.ones(n_branches), -np.ones(len(between))])
    shape = (n_branches, network.n_nodes)
    return sparse.csr_array((sign, (row, column)), shape=shape)


def _in_parts(
    by_v: sparse.csr_array, by_conjugate: sparse.csr_array
) -> sparse.csc_array:
    """The map dv -> A dv + B conj(dv) on real parts and then imaginary ones."""
    plus = by_v + by_conjugate
    minus = by_v - by_conjugate
    parts = [[plus.real, -minus.imag], [plus.imag, minus.real]]
    return sparse.csc_array(sparse.block_array(parts))


def _inverse_conjugate(v: ComplexArray) -> ComplexArray:
    """1 / conj(v), 0 where there is no voltage."""
    is_dead = v == 0
    return np.where(is_dead, 0.0, 1.0 / np.conj(np.where(is_dead, 1.0, v)))
