"""How an island moves with its units' voltages, and how that meets the droop laws: the Newton system of the island.

Unknowns x = (V of every unit, angle of every unit but the first), D + D - 1 of them. Equations, as many:

    r_d = V_d - V*_d + n_d (Q_d - Q*_d) = 0,                 d = 1 ... D
    r_d = f_d(P_d) - f_1(P_1) = 0,  f_d = f*_d - m_d (P_d - P*_d),    d = 2 ... D

P and Q are those of the power flow with the units' voltages held. With n buses this is the square system of 3 (n - 1) + n + 2 D +
1 unknowns of the branch-flow form, the power flow being solved within it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.devices import DroopSettings
from tieline.devices.droop_unit import KILO
from tieline.powerflow.derivatives.jacobian import solve_with_jacobian
from tieline.powerflow.island.delivered import Delivery
from tieline.typing import ComplexArray, FloatArray


@dataclass(frozen=True, eq=False)
class Response:
    """Derivatives by the unknowns x.

    Attributes:
        voltage: of all node voltages, (scenario, unknown, node) [pu].
        power: of P and then Q of the units, (scenario, 2 unit, unknown) [kW, kvar].
    """

    voltage: ComplexArray
    power: FloatArray

    def voltage_change(self, dx: FloatArray) -> ComplexArray:
        """Change of all voltages for a change of x, (scenario, unknown) -> (scenario, node)."""
        return np.einsum("sx,sxn->sn", dx, self.voltage)

    def power_change(self, dx: FloatArray) -> FloatArray:
        """Change of P and then Q of the units, (scenario, 2 unit)."""
        return np.einsum("sux,sx->su", self.power, dx)

    def pull_back(self, v_bar: ComplexArray, power_bar: FloatArray) -> FloatArray:
        """dL/dx of a number, (scenario, unknown), from that by voltages and by P and Q of the units."""
        by_voltage = np.einsum("sn,sxn->sx", np.conj(v_bar), self.voltage)
        by_power = np.einsum("su,sux->sx", power_bar, self.power)
        return by_voltage.real + by_power


def unit_response(
    delivery: Delivery,
    phasors: ComplexArray,
    v_unit_pu: FloatArray,
    angle_rad: FloatArray,
) -> Response:
    """Response at a power flow whose units hold `v_unit_pu` at `angle_rad`, both (scenario, unit)."""
    flow = delivery.flow
    n_nodes = flow.network.n_nodes
    directions = _held_directions(phasors, v_unit_pu, angle_rad)
    count, n_unknowns, _ = directions.shape
    right_sides = np.zeros((count, n_unknowns, n_nodes), dtype=complex)
    right_sides[:, :, flow.network.source_nodes] = directions
    # the unknowns of a scenario one after the other
    rows = np.repeat(np.arange(count), n_unknowns)
    right_sides = right_sides.reshape(-1, n_nodes)
    change = solve_with_jacobian(flow, rows, right_sides)
    voltage = change.reshape(count, n_unknowns, n_nodes)
    columns = [delivery.forward(voltage[:, k]) for k in range(n_unknowns)]
    power = np.stack(columns, axis=2)
    return Response(voltage, as_real(power))


def _held_directions(
    phasors: ComplexArray, v_unit_pu: FloatArray, angle_rad: FloatArray
) -> ComplexArray:
    """Change of the held voltages along each unknown, (scenario, unknown, held)."""
    count, n_units = v_unit_pu.shape
    turn = np.exp(1j * angle_rad)
    by_size = turn[:, :, None] * phasors
    by_angle = 1j * v_unit_pu[:, :, None] * by_size
    # the angle of the first unit is the reference
    n_unknowns = 2 * n_units - 1
    directions = np.zeros((count, n_unknowns, *by_size.shape[1:]), dtype=complex)
    for unit in range(n_units):
        directions[:, unit, unit] = by_size[:, unit]
    for unit in range(1, n_units):
        unknown = n_units + unit - 1
        directions[:, unknown, unit] = by_angle[:, unit]
    return directions.reshape(count, n_unknowns, -1)


def residual(
    settings: DroopSettings, v_unit_pu: FloatArray, power_kva: ComplexArray
) -> FloatArray:
    """By how much the droop laws are missed, (scenario, 2 unit - 1) [pu, Hz]."""
    v_law_pu = settings.v_pu(power_kva.imag)
    of_voltage = v_unit_pu - v_law_pu
    frequency = settings.frequency_hz(power_kva.real)
    return np.hstack([of_voltage, against_first(frequency)])


def against_first(frequency: FloatArray) -> FloatArray:
    """Frequency of every unit but the first, less that of the first, (scenario, unit) -> (scenario, unit - 1)."""
    first = frequency[:, :1]
    return frequency[:, 1:] - first


def residual_by_power(settings: DroopSettings) -> FloatArray:
    """Derivative of the residual by P and then Q of the units, (scenario or 1, 2 unit - 1, 2 unit) [pu/kvar, Hz/kW]."""
    n = settings.v_droop_pu_per_mvar / KILO
    m = settings.f_droop_hz_per_mw / KILO
    count, n_units = n.shape
    slope = np.zeros((count, 2 * n_units - 1, 2 * n_units))
    for unit in range(n_units):
        slope[:, unit, n_units + unit] = n[:, unit]
    for unit in range(1, n_units):
        row = n_units + unit - 1
        slope[:, row, unit] = -m[:, unit]
        slope[:, row, 0] = m[:, 0]
    return slope


def newton_matrix(settings: DroopSettings, response: Response) -> FloatArray:
    """Derivative of the residual by x, (scenario, 2 unit - 1, 2 unit - 1)."""
    matrix = residual_by_power(settings) @ response.power
    n_units = settings.v_set_pu.shape[1]
    # the voltage stands in its own equation
    voltage = np.arange(n_units)
    matrix[:, voltage, voltage] += 1.0
    return matrix


def solved(matrix: FloatArray, right_side: FloatArray) -> FloatArray:
    """Small systems scenario by scenario, (scenario, row); NaN where a scenario has no answer."""
    is_finite = np.isfinite(matrix)
    rows = np.flatnonzero(is_finite.all(axis=(1, 2)))
    columns = right_side[rows, :, None]
    answer = np.linalg.solve(matrix[rows], columns)
    x = np.full(right_side.shape, np.nan)
    x[rows] = answer[:, :, 0]
    return x


def as_real(power: ComplexArray) -> FloatArray:
    """P of the units and then Q, along the axis of the units, the second one."""
    return np.concatenate([power.real, power.imag], axis=1)


def as_complex(power: FloatArray) -> ComplexArray:
    """P + jQ of the units, (scenario, 2 unit) -> (scenario, unit)."""
    n_units = power.shape[1] // 2
    return power[:, :n_units] + 1j * power[:, n_units:]
