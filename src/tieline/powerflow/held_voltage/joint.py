"""Newton's method on voltages and reactive powers of one scenario together.

    Y v - i_source + i_devices(v, q) = 0            (or v = v_source at a node that an ideal source holds)
    mean |v across| - v_held = 0                    for each holder that is within its limits, q = limit for the others

in real and imaginary parts. It finds the way from no load to an operating point, where to solve at guessed reactive powers could
mean a network that has no solution. Holders that would have to leave their limits are fixed there one set after the other, and
freed again where the voltage is then on the wrong side. Steps are halved while they do not bring the equations nearer.

Source: bordered current equations as in V. M. da Costa, N. Martins, J. L. R. Pereira, "Developments in the Newton Raphson power
flow formulation based on current injections", IEEE Trans. Power Systems 14(4), 1999.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from tieline.network.network import Network
from tieline.network.supply import dead_nodes
from tieline.network.voltage_holders import VoltageHolders
from tieline.powerflow.device_slopes import device_slopes
from tieline.powerflow.devices import across_pu, branch_power_kva, node_current_pu
from tieline.powerflow.held_voltage.first_voltages import dc_angles_rad
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

MOST_STEPS = 60
"""Newton's method needs about ten from no load; a scenario that needs more is not near an answer."""

MOST_SETS = 20
"""Sets of holders at their limits that are tried: each is settled in few, unless two of them trade places for ever."""

MOST_HALVINGS = 8
"""A step cut to less than this leads nowhere."""

EXACT = 1e-10
"""Largest step of a voltage [pu] after which no other one follows: the next would be its square."""


BALANCED = 1e-6
"""Largest part of the current through a node that may be missing; the check of every solution is sharper."""


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
        self.source = network.source_by_node @ source_pu
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

    def _missing_current(
        self, v_pu: ComplexArray, injected_kvar: FloatArray
    ) -> ComplexArray:
        """Current that leaves each node and does not come, (node,) [pu]."""
        network = self.network
        kva = branch_power_kva(
            network,
            v_pu[None],
            self.state[None],
            self.p_kw[None],
            self.with_injection(injected_kvar),
            self.use_band,
        )
        devices = node_current_pu(network.devices, v_pu[None], kva)[0]
        return self.admittance @ v_pu + devices - self.source

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
        v_pu = self.no_load()
        if v_pu is not None:
            yield v_pu

    def _of_dc_angles(self) -> ComplexArray | None:
        fixed_v = np.where(self.is_fixed, self.fixed_v, np.nan)
        angle = dc_angles_rad(self.network, self.state, self.p_kw, fixed_v)
        if angle is None:
            return None
        size = np.ones(len(angle))
        devices = self.network.devices
        holders = self.holders
        held_pu = holders.v_pu[holders.holder] / devices.per_rated[holders.branch]
        size[devices.plus[holders.branch]] = held_pu
        return np.where(self.is_fixed, self.fixed_v, size * np.exp(1j * angle))

    def no_load(self) -> ComplexArray | None:
        """Voltages without any device, (node,) [pu]; None where there are none, such as on a part that only devices earth."""
        identity = sparse.diags_array(self.is_fixed.astype(float))
        free = sparse.diags_array((~self.is_fixed).astype(float))
        matrix = sparse.csc_array(free @ self.admittance + identity)
        right_side = np.where(self.is_fixed, self.fixed_v, self.source)
        try:
            return splu(matrix).solve(right_side.astype(np.complex128))
        except RuntimeError:  # singular
            return None

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


class JointAnswer(NamedTuple):
    """Voltages (node,) [pu], what the holders inject (holder,) [kvar], and the steps of Newton's method that it took."""

    v_pu: ComplexArray
    injected_kvar: FloatArray
    steps: int


def solve_jointly(case: JointCase) -> JointAnswer | None:
    """Voltages and reactive powers of the holders; None if Newton's method finds none."""
    for start in case.starts():
        answer = _solve_from(case, start)
        if answer is None:
            continue
        if case.is_balanced(answer.v_pu, answer.injected_kvar):
            return answer
    return None


def _solve_from(case: JointCase, v_pu: ComplexArray) -> JointAnswer | None:
    """Solve with one set of holders at their limits after the other until the set is the right one."""
    holders = case.holders
    injected_kvar = np.clip(
        np.zeros(holders.count), holders.low_kvar, holders.high_kvar
    )
    # where nothing has a voltage without devices, no holder can be told dead
    no_load = case.no_load()
    is_at_limit = np.zeros(holders.count, dtype=bool)
    if no_load is not None:
        is_at_limit = case.is_dead(no_load)
    steps = 0
    for _ in range(MOST_SETS):
        answer = _newton(case, v_pu, injected_kvar, is_at_limit)
        if answer is None:
            return None
        v_pu, injected_kvar, steps_of_set = answer
        steps += steps_of_set
        changes = limit_changes(holders, injected_kvar, case.gap(v_pu), is_at_limit)
        if not changes.any():
            return JointAnswer(v_pu, injected_kvar, steps)
        is_at_limit ^= changes
        injected_kvar = np.clip(injected_kvar, holders.low_kvar, holders.high_kvar)
    return None


def limit_changes(
    holders: VoltageHolders,
    injected_kvar: FloatArray,
    gap: FloatArray,
    is_at_limit: BoolArray,
) -> BoolArray:
    """Holders that must be fixed at a limit that they have passed, or freed because their voltage is on the other side of what
    they hold, (..., holder).
    """
    has_passed = (injected_kvar < holders.low_kvar) | (
        injected_kvar > holders.high_kvar
    )
    # at the highest kvar a voltage above the held one asks for less, at the lowest one below it for more
    is_freed = np.where(injected_kvar >= holders.high_kvar, gap > 0, gap < 0)
    return np.where(is_at_limit, is_freed, has_passed)


# a search that runs away ends where a step is not finite, and until then says nothing
@np.errstate(all="ignore")
def _newton(
    case: JointCase,
    v_pu: ComplexArray,
    injected_kvar: FloatArray,
    is_at_limit: BoolArray,
) -> JointAnswer | None:
    """Solve with a given set of holders at their limits."""
    n_nodes = len(v_pu)
    size = _size(case, v_pu, injected_kvar, is_at_limit)
    for steps in range(1, MOST_STEPS + 1):
        step = _step(case, v_pu, injected_kvar, is_at_limit)
        if step is None or not np.isfinite(step).all():
            return None
        v_step = step[:n_nodes] + 1j * step[n_nodes : 2 * n_nodes]
        q_step = step[2 * n_nodes :]
        if np.abs(v_step).max() <= EXACT:
            return JointAnswer(v_pu + v_step, injected_kvar + q_step, steps)
        factor = 1.0
        for _ in range(MOST_HALVINGS):
            next_v = v_pu + factor * v_step
            next_kvar = injected_kvar + factor * q_step
            next_size = _size(case, next_v, next_kvar, is_at_limit)
            if next_size < size:
                break
            factor /= 2
        # where no part of a step helps the smallest is taken all the same: it may lead over a ridge
        v_pu = next_v
        injected_kvar = next_kvar
        size = next_size
    return None


def _size(
    case: JointCase,
    v_pu: ComplexArray,
    injected_kvar: FloatArray,
    is_at_limit: BoolArray,
) -> float:
    """Largest residual of all equations [pu]; infinite where some are not finite."""
    gap = np.where(is_at_limit, 0.0, case.gap(v_pu))
    with np.errstate(all="ignore"):
        residual = np.abs(case.residual(v_pu, injected_kvar)).max()
    largest = max(residual, np.abs(gap).max(initial=0.0))
    return float(largest) if np.isfinite(largest) else np.inf


def _step(
    case: JointCase,
    v_pu: ComplexArray,
    injected_kvar: FloatArray,
    is_at_limit: BoolArray,
) -> FloatArray | None:
    """Newton's step, real parts, imaginary parts, kvar; None where the equations are singular."""
    of_nodes, by_kvar, of_gap = case.slopes(v_pu, injected_kvar)
    residual = case.residual(v_pu, injected_kvar)
    is_held = (~is_at_limit).astype(float)
    # the equation of a holder at its limit says that it stays there
    stays = sparse.diags_array(is_at_limit.astype(float))
    of_gap = sparse.diags_array(is_held) @ of_gap
    matrix = sparse.block_array([[of_nodes, by_kvar], [of_gap, stays]], format="csc")
    gap = is_held * case.gap(v_pu)
    right_side = -np.concatenate([residual.real, residual.imag, gap])
    try:
        return splu(matrix).solve(right_side)
    except RuntimeError:
        return None


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
