"""Values of branch limits to first order around a solved scenario, over the unknowns (Re V, Im V) of a linear model.

    |I|            moves along the direction of I0
    S = V conj(I)  moves by  V0 conj(dI) + dV conj(I0);   |S| along the direction of S0, a power in kW along the real axis

Left out: everything of second order, as in `linear.tangent_model`.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from tieline.linear.blocks import beside, selection, times_rows
from tieline.opf.flow_limits import FlowLimits
from tieline.powerflow import Solution
from tieline.typing import ComplexArray
from tieline.units import S_BASE_KVA


def flow_slopes(flows: FlowLimits, solution: Solution) -> sparse.csr_array:
    """Derivative of each row's value by (Re V, Im V) of the first scenario, (row, 2 x node) [A, kVA or kW per pu]."""
    network = solution.network
    node = network.terminals.node
    v = solution.v_pu[0, node]
    current = solution.terminal_current_pu[0]
    by_voltage = network.terminal_admittance(solution.state[0])

    # L = Re(conj(c) dI) + Re(conj(d) dS): as a form of dV, with dS = V0 conj(dI) + dV conj(I0).
    current_weight, power_weight = _directions(flows, solution)
    gather = flows.gather
    current_factor = np.conj(current_weight)[:, None]
    power_factor = np.conj(power_weight)[:, None]
    on_current = sparse.csr_array(gather.multiply(current_factor))
    on_power = sparse.csr_array(gather.multiply(power_factor))
    base_a = network.node_base_a[node]
    through_current = _columns_times(on_current, base_a) @ by_voltage
    # Re(conj(d) V0 conj(dI)) is Re(d conj(V0) dI): the conjugate of the whole has the same real part.
    through_power = _columns_times(on_power.conj(), np.conj(v)) @ by_voltage
    own_voltage = selection(node, network.n_nodes)
    at_terminal = _columns_times(on_power, np.conj(current)) @ own_voltage
    form = through_current + S_BASE_KVA * (through_power + at_terminal)
    return beside(form.real, -form.imag)


def _directions(
    flows: FlowLimits, solution: Solution
) -> tuple[ComplexArray, ComplexArray]:
    """Unit phasors along which each row's current and power count, 0 where the row is of the other kind, (row,) each."""
    terminal_power = solution.terminal_kva[0]
    current = np.asarray(flows.gather @ solution.terminal_current_pu[0])
    power = np.asarray(flows.gather @ terminal_power)
    by_current = np.where(flows.is_current, _direction(current), 0.0)
    by_size = np.where(flows.is_directed, flows.sign, _direction(power))
    by_power = np.where(flows.is_current, 0.0, by_size)
    return by_current, by_power


def _columns_times(matrix: sparse.csr_array, weight: np.ndarray) -> sparse.csr_array:
    """Each column of a matrix times its weight."""
    return sparse.csr_array(times_rows(weight, matrix.T).T)


def _direction(z: ComplexArray) -> ComplexArray:
    """z / |z|, 0 where z is: the magnitude has no derivative there."""
    size = np.abs(z)
    divisor = np.where(size == 0, 1.0, size)
    return np.where(size == 0, 0.0, z / divisor)
