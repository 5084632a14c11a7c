"""How far voltages are from the answer where currents balance worse than `balance` expects of their tolerance.

A residual at a device is what its current changed in the solver's last step. But it is the error that remains which is held to
the tolerance, not that step, and where an iteration contracts by q the step may be 1 / q times as long. q is about the load
current of a node over its short-circuit current: for a small load beside a stiff source it is below 1 / `SLACK`, and a residual
that `balance` doubts is worth less than the tolerance. So the fixed point on the admittance goes on from there,

    Y dv = r(v),   Y dv' = r(v - dv),   error <= |dv| / (1 - |dv'| / |dv|)

(Banach), with factors of SuperLU and not those of the solver; r is what is more than rounding (`balance`), for where r is made of
digits that were lost, its next value is no contraction of it. Voltages tell nothing where impedances are tiny: a residual that is
worth more than `LOST` of the power asked for is no answer, however little voltage it makes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from tieline.network.network import Network
from tieline.network.supply import dead_nodes
from tieline.powerflow.check.law import law_of
from tieline.powerflow.check.residuals import LOST
from tieline.powerflow.devices import branch_power_kva, node_current_pu
from tieline.powerflow.kernel.iteration import ROUNDING
from tieline.powerflow.solution import Solution
from tieline.typing import BoolArray, ComplexArray, FloatArray
from tieline.units import S_BASE_KVA

if TYPE_CHECKING:
    from scipy.sparse.linalg import SuperLU

FACTORS_KEPT = 8
"""As many as laws: studies come back to a few states."""


def most_lost_pu(solution: Solution) -> FloatArray:
    """Largest residual of an answer, (scenario or 1,) [pu]: `LOST` of all power asked for, and of one per unit at least."""
    kva = np.hypot(solution.p_kw, solution.q_kvar).sum(axis=1)
    return LOST * np.maximum(kva / S_BASE_KVA, 1.0)


def voltage_error_pu(solution: Solution, source_pu: FloatArray, scenario: int) -> float:
    """How far the voltages of a scenario are from the answer at most [pu]; infinite where that cannot be said, or where currents
    are missing that are worth more than `most_lost_pu`.

    Args:
        solution: solved scenarios.
        source_pu: source voltage, (scenario or 1, source node) [pu].
        scenario: one of them.
    """
    case = _Case(solution, source_pu, scenario)
    v_pu = solution.v_pu[scenario]
    residual = case.residual(v_pu)
    if not np.abs(residual).max() <= _row(most_lost_pu(solution), scenario):
        return np.inf
    if residual[case.dead].any():
        return np.inf
    factors = _factors(case.network, case.state.tobytes())
    if factors is None:
        return np.inf
    first = factors.solve(residual)
    step = np.abs(first).max()
    # a quotient of two rounding errors is no contraction
    if step <= ROUNDING:
        return float(step)
    second = factors.solve(case.residual(v_pu - first))
    quotient = np.abs(second).max() / step
    if quotient < 1.0:
        return float(step / (1.0 - quotient))
    return np.inf


class _Case:
    """One scenario: what is asked there, and the residual of Kirchhoff's law at any voltages."""

    def __init__(self, solution: Solution, source_pu: FloatArray, scenario: int):
        self.network = solution.network
        self.state = _row(solution.state, scenario)
        self.dead = dead_nodes(self.network, self.state)
        self._p_kw = _row(solution.p_kw, scenario)
        self._q_kvar = _row(solution.q_kvar, scenario)
        self._use_band = solution.use_band
        self._source = _driven(self.network, _row(source_pu, scenario))
        self._admittance = self.network.nodal_admittance(self.state)
        rounding = law_of(self.network, self.state[None]).rounding
        self._rounding = np.minimum(rounding, _row(most_lost_pu(solution), scenario))

    def residual(self, v_pu: ComplexArray) -> ComplexArray:
        """Current that leaves each node and does not come, (node,) [pu]; 0 at a node that an ideal source holds."""
        branch_kva = branch_power_kva(
            self.network,
            v_pu[None],
            self.state[None],
            self._p_kw[None],
            self._q_kvar[None],
            self._use_band,
        )
        devices = node_current_pu(self.network.devices, v_pu[None], branch_kva)[0]
        residual = self._admittance @ v_pu + devices - self._source
        residual[self.network.held_nodes] = 0.0
        return self._beyond_rounding(residual)

    def _beyond_rounding(self, residual: ComplexArray) -> ComplexArray:
        """What of a residual is more than the digits that its sum loses: many, beside switches of next to no impedance."""
        size = np.abs(residual)
        excess = np.maximum(size - self._rounding, 0.0)
        share = np.divide(excess, size, out=np.zeros_like(size), where=size > 0)
        return residual * share


def _driven(network: Network, source_pu: FloatArray) -> ComplexArray:
    """Current that sources drive into each node, or an ideal one's voltage, (node,) [pu]."""
    parts = network.drive_parts(source_pu[None])[0]
    current = np.zeros(network.n_nodes, dtype=complex)
    current[network.driven_nodes] = network.drive_by_part[:, : len(parts)] @ parts
    return current


@lru_cache(maxsize=FACTORS_KEPT)
def _factors(network: Network, state_bytes: bytes) -> SuperLU | None:
    """Factors of the admittance with identity rows at nodes whose voltage is held, or is 0; None if it has none."""
    from scipy.sparse.linalg import splu  # late: few answers are doubted

    state = np.frombuffer(state_bytes)
    is_held = dead_nodes(network, state).copy()
    is_held[network.held_nodes] = True
    matrix = _with_identity_rows(network.nodal_admittance(state), is_held)
    try:
        return splu(matrix)
    except RuntimeError:  # singular: nothing ties some node down
        return None


def _with_identity_rows(matrix: sparse.csr_array, rows: BoolArray) -> sparse.csc_array:
    equations = sparse.diags_array((~rows).astype(float))
    identity = sparse.diags_array(rows.astype(float))
    return sparse.csc_array(equations @ matrix + identity)


def _row(array: FloatArray, scenario: int) -> FloatArray:
    """The row of a scenario in an array that may have one row for all."""
    return array[min(scenario, len(array) - 1)]
