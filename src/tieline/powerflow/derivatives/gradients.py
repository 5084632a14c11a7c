"""Derivatives of solved power flows by the implicit function theorem: exact at the solution, no iteration is differentiated.

At a solution the currents balance, F(v, u) = Y v - i_source(u) + i_devices(v, u) = 0, hence dv = -(dF/dv)^-1 (dF/du) du in
real coordinates. `tangent` solves this for a direction du; `adjoint` solves the transposed system once for a number L(v) and has
its derivative by every input.

Inputs u are the powers of loads and DERs, the voltage of each node of the source, and power taken at any node beside them. Taps,
line positions and capacitor steps are held: controls do not act.

Source: for constant-power injections of a single-phase equivalent this is the sensitivity of Q. Zhang, K. Dehghanpour, Z. Wang,
F. Qiu, D. Zhao, "Multi-agent safe policy learning for power management of networked microgrids", IEEE Trans. Smart Grid 12(2),
2021, eqs. 34-46.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from tieline.errors import InputError, NotConvergedError, ShapeError
from tieline.network.scatter import sum_columns
from tieline.powerflow.derivatives.jacobian import solve_with_jacobian
from tieline.powerflow.devices import across_pu, branch_power_kva
from tieline.powerflow.losses import series_loss_slope
from tieline.powerflow.solution import Solution
from tieline.typing import ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

Input = Literal[
    "load_kw", "load_kvar", "der_kw", "der_kvar", "node_kw", "node_kvar", "source_pu"
]
"""What can be differentiated by; `node_*` is power consumed at a node, of constant power, that is not there at the solution."""

ROWS_AT_ONCE = 4096
"""Directions worked on together: scenario by scenario they would fill memory."""


@dataclass(frozen=True)
class Gradient:
    """Derivative of one number per scenario by every input: per kW, kvar and pu; shapes (scenario, input)."""

    load_kw: FloatArray
    load_kvar: FloatArray
    der_kw: FloatArray
    der_kvar: FloatArray
    node_kw: FloatArray
    node_kvar: FloatArray
    source_pu: FloatArray


INPUT_NAMES = tuple(field.name for field in fields(Gradient))


def tangent(solution: Solution, **directions: ArrayLike) -> ComplexArray:
    """Change of all voltages along a direction of the inputs.

    Args:
        solution: solved scenarios.
        directions: an array per name in `Input`, (input,) or (scenario, input): the direction of each [kW, kvar, pu].

    Returns:
        dv, complex, (scenario, node) [pu per unit of the direction]; NaN for scenarios without an answer.

    Raises:
        ShapeError, InputError: if a direction does not fit or is not known.
    """
    rows = np.arange(solution.n_scenarios)
    right_sides = np.zeros((len(rows), solution.network.n_nodes), dtype=complex)
    for name, direction in directions.items():
        array = _direction(solution, name, direction)
        right_sides += _right_hand_side(solution, rows, name, array)
    return solve_with_jacobian(solution, rows, right_sides)


def adjoint(solution: Solution, v_bar: ArrayLike) -> Gradient:
    """Derivative of a number L(v) of each scenario, or of several numbers of the only one, by every input.

    Args:
        solution: solved scenarios.
        v_bar: dL/d(Re v) + j dL/d(Im v), (scenario, node), or (number, node) where there is one scenario.

    Returns:
        A row for each row of `v_bar`.

    Raises:
        ShapeError: if `v_bar` has another shape.
    """
    rows, weight = _adjoint_weight(solution, v_bar)
    by_input = {}
    for name in INPUT_NAMES:
        by_input[name] = _pulled_back(solution, rows, weight, name)
    return Gradient(**by_input)


def adjoint_by_der_kw(
    solution: Solution, v_bar: ArrayLike, ders: IntArray
) -> FloatArray:
    """`adjoint` by the active powers of some DERs alone, which leaves out the work for all other inputs.

    Args:
        solution: solved scenarios.
        v_bar: as for `adjoint`.
        ders: which DERs, each once, (chosen der,).

    Returns:
        (row of `v_bar`, chosen der).

    Raises:
        ShapeError: if `v_bar` has another shape than the voltages.
    """
    rows, weight = _adjoint_weight(solution, v_bar)
    return _pulled_back(solution, rows, weight, "der_kw", ders)[:, ders]


def _adjoint_weight(
    solution: Solution, v_bar: ArrayLike
) -> tuple[IntArray, ComplexArray]:
    """Scenario of each row of `v_bar`, (row,), and the solved transposed system, (row, node)."""
    bar = np.asarray(v_bar, dtype=complex)
    rows = np.arange(solution.n_scenarios)
    if bar.ndim == 2 and solution.n_scenarios == 1:
        rows = np.zeros(len(bar), dtype=np.int64)
    expected = (len(rows), solution.network.n_nodes)
    if bar.shape != expected:
        raise ShapeError(
            f"v_bar has shape {bar.shape}; expected that of the voltages, {solution.v_pu.shape}."
        )
    # One transposed solve serves all inputs: each derivative is then a sum over the nodes it enters.
    return rows, solve_with_jacobian(solution, rows, bar, transposed=True)


def voltage_sensitivity(solution: Solution, by: Input, scenario: int = 0) -> FloatArray:
    """d|v| / du of one scenario for every node and input, (node, input) [pu per kW, kvar or pu]; 0 at de-energised nodes."""
    change = all_tangents(solution, by, scenario)
    return _magnitude_change(_answered(solution, scenario), change).T


def current_sensitivity(solution: Solution, by: Input, scenario: int = 0) -> FloatArray:
    """d|i| / du of one scenario for every terminal conductor and input, (terminal, input) [A per kW, kvar or pu].

    Terminals as in `network.terminals`; 0 where no current flows, since its magnitude has no derivative there.
    """
    _answered(solution, scenario)
    network = solution.network
    state = solution.state[min(scenario, len(solution.state) - 1)]
    dv = all_tangents(solution, by, scenario)
    change = (network.terminal_admittance(state) @ dv.T).T
    current = solution.terminal_current_pu[scenario]
    base_a = network.node_base_a[network.terminals.node]
    return (_magnitude_change(current, change) * base_a).T


def _magnitude_change(phasor: ComplexArray, change: ComplexArray) -> FloatArray:
    """Change of |phasor|, (place,), where it changes by (input, place): the part of the change that points along it."""
    # a phasor of zero points nowhere: 0
    size = np.where(phasor == 0, 1.0, np.abs(phasor))
    direction = phasor / size
    return (np.conj(direction) * change).real


def loss_gradient(solution: Solution) -> Gradient:
    """Derivative of the active loss of lines and transformers by every input [kW per kW, kvar or pu]."""
    slope = series_loss_slope(solution.network, solution.v_pu, solution.state)
    return adjoint(solution, slope)


def loss_factors(solution: Solution, ders: IntArray | None = None) -> FloatArray:
    """How much more is lost for one kW more from a DER, `loss_gradient` by active injections alone.

    Args:
        solution: solved scenarios.
        ders: which DERs, each once; all if left out.

    Returns:
        (scenario, der) [kW/kW]; below zero where a DER relieves the feeder, NaN for scenarios without an answer.
    """
    slope = series_loss_slope(solution.network, solution.v_pu, solution.state)
    rows = np.arange(solution.n_scenarios)
    weight = solve_with_jacobian(solution, rows, slope, transposed=True)
    factor = _pulled_back(solution, rows, weight, "der_kw", ders)
    if ders is None:
        return factor
    return factor[:, ders]


def _pulled_back(
    solution: Solution,
    rows: IntArray,
    weight: ComplexArray,
    name: str,
    inputs: IntArray | None = None,
) -> FloatArray:
    """Derivative by the inputs of a kind, (row, input), from the solved transposed system; only some of them, and 0 elsewhere."""
    columns, node, current = _unit_currents(solution, rows, name, inputs)
    product = np.conj(weight[:, node]) * current
    return sum_columns(product.real, columns, _n_inputs(solution, name))


def _state_of(solution: Solution, rows: slice | IntArray) -> FloatArray:
    """State vectors of some scenarios, (row or 1, state)."""
    if len(solution.state) == 1:
        return solution.state
    return solution.state[rows]


def all_tangents(solution: Solution, by: Input, scenario: int) -> ComplexArray:
    """dv of one scenario along each input of a kind alone, complex, (input, node) [pu per kW, kvar or pu]."""
    inputs = np.arange(_n_inputs(solution, by))
    return chosen_tangents(solution, by, np.array([scenario]), inputs)[0]


def chosen_tangents(
    solution: Solution, by: Input, scenarios: IntArray, inputs: IntArray
) -> ComplexArray:
    """dv of some scenarios along some inputs of a kind, each alone.

    Args:
        solution: solved scenarios.
        by: kind of input.
        scenarios, inputs: which, in any order, each input once.

    Returns:
        Complex, (chosen scenario, chosen input, node) [pu per kW, kvar or pu]; NaN for scenarios without an answer.
    """
    n_nodes = solution.network.n_nodes
    count = len(inputs)
    place = np.full(_n_inputs(solution, by), -1)
    place[inputs] = np.arange(count)
    columns, node, current = _unit_currents(solution, scenarios, by)
    is_chosen = place[columns] >= 0
    entries = np.flatnonzero(is_chosen)
    # A row for each scenario and input, the inputs of a scenario one after the other.
    first_row = np.arange(len(scenarios)) * count
    row = first_row[:, None] + place[columns[entries]]
    node = np.broadcast_to(node[entries], row.shape)
    current = current[:, entries]
    scenario_of_row = np.repeat(scenarios, count)
    change = np.empty((len(scenario_of_row), n_nodes), dtype=complex)
    for first in range(0, len(change), ROWS_AT_ONCE):
        last = min(first + ROWS_AT_ONCE, len(change))
        is_inside = (row >= first) & (row < last)
        right_sides = np.zeros((last - first, n_nodes), dtype=complex)
        # A device between two nodes, or with several phases, has several entries in its row: they add up.
        places = (row[is_inside] - first, node[is_inside])
        np.add.at(right_sides, places, current[is_inside])
        change[first:last] = solve_with_jacobian(
            solution, scenario_of_row[first:last], right_sides
        )
    return change.reshape(len(scenarios), count, n_nodes)


def _right_hand_side(
    solution: Solution, rows: IntArray, name: str, direction: FloatArray
) -> ComplexArray:
    """-dF/du du, (row, node)."""
    columns, node, current = _unit_currents(solution, rows, name)
    along_direction = current * direction[:, columns]
    return sum_columns(along_direction, node, solution.network.n_nodes)


def _unit_currents(
    solution: Solution, rows: IntArray, name: str, inputs: IntArray | None = None
) -> tuple[IntArray, IntArray, ComplexArray]:
    """-dF/du as a list: input and node of each, (entry,), and the current into the node per unit of it, (row, entry).

    Of loads and DERs only those of `inputs`, if given.
    """
    network = solution.network
    if name == "source_pu":
        node, source_node = np.nonzero(network.source_by_node)
        current = network.source_by_node[node, source_node]
        return source_node, node, np.tile(current, (len(rows), 1))
    is_reactive = name.endswith("kvar")
    turn = -1j if is_reactive else 1.0
    # The row of a node whose voltage an ideal source holds is v = v_source: no current enters it.
    is_held = np.zeros(network.n_nodes, dtype=bool)
    is_held[network.held_nodes] = True
    if name in ("node_kw", "node_kvar"):
        every_node = np.arange(network.n_nodes)
        current = -turn * _inverse_conjugate(solution.v_pu[rows]) / S_BASE_KVA
        return every_node, every_node, np.where(is_held, 0.0, current)
    is_load = name.startswith("load")
    devices = network.devices
    is_branch_of_load = devices.device < devices.n_loads
    first_device = 0 if is_load else devices.n_loads
    is_asked = is_branch_of_load == is_load
    if inputs is not None:
        is_asked &= np.isin(devices.device - first_device, inputs)
    branches = np.flatnonzero(is_asked)
    columns = devices.device[branches] - first_device
    consumed = turn * _current_per_power(
        solution, rows, branches, is_reactive=is_reactive
    )
    into_node = -consumed if is_load else consumed  # a DER injects
    plus = devices.plus[branches]
    minus = devices.minus[branches]
    at_plus = ~is_held[plus]
    at_minus = (minus >= 0) & ~is_held[minus]
    columns_of_both = np.concatenate([columns[at_plus], columns[at_minus]])
    node_of_both = np.concatenate([plus[at_plus], minus[at_minus]])
    current = np.hstack([into_node[:, at_plus], -into_node[:, at_minus]])
    return columns_of_both, node_of_both, current


def _current_per_power(
    solution: Solution, rows: IntArray, branches: IntArray, *, is_reactive: bool
) -> ComplexArray:
    """Current that each branch takes per kW, or per kvar short of a quarter turn, of its device, (row, branch) [pu]."""
    devices = solution.network.devices
    v = solution.v_pu[rows]
    state = _state_of(solution, rows)
    # What a branch takes is linear in P and in Q, whatever its voltage model: asking for one unit gives the factor.
    unit = np.ones((1, len(devices.p_kw)))
    zero = np.zeros_like(unit)
    p_kw = zero if is_reactive else unit
    q_kvar = unit if is_reactive else zero
    kva = branch_power_kva(
        solution.network, v, state, p_kw, q_kvar, solution.use_band, branches
    )
    power = np.abs(kva) / S_BASE_KVA
    across = across_pu(devices, v, branches)
    return power * _inverse_conjugate(across)


def _inverse_conjugate(v: ComplexArray) -> ComplexArray:
    """1 / conj(v), 0 where v is and NaN where v is."""
    size = np.abs(v) ** 2
    is_zero = size == 0
    inverse = 1.0 / np.where(is_zero, 1.0, size)
    return v * np.where(is_zero, 0.0, inverse)


def _n_inputs(solution: Solution, name: str) -> int:
    devices = solution.network.devices
    if name not in INPUT_NAMES:
        raise InputError(
            f"'{name}' is no input of a power flow. Choose from {', '.join(f.name for f in fields(Gradient))}."
        )
    if name == "source_pu":
        return len(solution.network.source_nodes)
    if name.startswith("node"):
        return solution.network.n_nodes
    if name.startswith("load"):
        return devices.n_loads
    return len(devices.p_kw) - devices.n_loads


def _direction(solution: Solution, name: str, direction: ArrayLike) -> FloatArray:
    """A direction as (1 or scenario, input)."""
    width = _n_inputs(solution, name)
    array = np.asarray(direction, dtype=float)
    if array.ndim < 2:
        array = array.reshape(1, -1)
    has_rows = len(array) in (1, solution.n_scenarios)
    if array.ndim != 2 or array.shape[1] != width or not has_rows:
        raise ShapeError(
            f"Direction {name} has shape {np.shape(direction)}; expected ({width},) or ({solution.n_scenarios}, {width})."
        )
    return array


def _answered(solution: Solution, scenario: int) -> ComplexArray:
    """Voltages of a scenario that exists and has an answer."""
    if not 0 <= scenario < solution.n_scenarios:
        raise InputError(
            f"Scenario {scenario} does not exist; this solution has {solution.n_scenarios}."
        )
    if not solution.converged[scenario]:
        raise NotConvergedError(
            f"Scenario {scenario} has no answer and hence no derivative. {solution.failures[0]}"
        )
    return solution.v_pu[scenario]
