"""One time step in casadi's symbols: what balances at nodes, what limits apply to, what is bought; all in per unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from tieline.linear.blocks import above, assemble, selection
from tieline.linear.expansion import as_real
from tieline.network.devices import GROUND, DeviceTable
from tieline.opf.decisions import Decisions
from tieline.opf.nlp.layout import Layout
from tieline.opf.problem import Problem
from tieline.typing import BoolArray, FloatArray, IntArray

Complex = tuple[Any, Any]
"""Real and imaginary part of a symbolic vector."""


@dataclass(frozen=True, eq=False)
class Step:
    """Constraints of one step and the power bought, with their derivatives; casadi's functions and numbers.

    The constraints are `linear` v + `curved`: most of the network is linear in its voltages, and only what is not has to be
    differentiated. Arguments are voltages (2 nodes), injections (`Decisions.network_columns`: P and Q of DERs, shares of flexible
    loads, changes of loads with a rebound), data (P and Q of loads, source voltages, change of Q by that of P, price) and the
    weights of branch limits in the constraint.

    Attributes:
        linear: (constraint, 2 nodes).
        curved: the rest of the constraints, and the power bought.
        slope: derivative of `curved` by voltages and by injections.
        bend: second derivative of multipliers (constraint,) times `curved`, plus a weight times the power bought, by voltages
            and injections together. Multipliers and weight follow the arguments.
    """

    linear: Any
    curved: Any
    slope: Any
    bend: Any


def step_function(
    casadi: Any, problem: Problem, layout: Layout, flexible: IntArray
) -> Step:
    """One step: current balances, voltages, branch limits, in the order of `Layout`."""
    n_loads = problem.n_loads
    n_ders = problem.n_ders
    v = casadi.SX.sym("v", 2 * layout.nodes)
    n_changes = problem.rebounds.n_devices
    injected = casadi.SX.sym("injected", 2 * n_ders + len(flexible) + n_changes)
    data = casadi.SX.sym("data", n_data(problem, layout))
    scale = casadi.SX.sym("scale", layout.rows)

    # Taken apart in the order in which `program` and `numbers.parameters` put them together.
    voltage = v[: layout.nodes], v[layout.nodes :]
    load_p, load_q, source_pu, q_per_p, _ = _split(
        casadi, data, n_loads, n_loads, layout.sources, n_changes
    )
    der_p, der_q, shares, change = _split(
        casadi, injected, n_ders, n_ders, len(flexible)
    )

    served = casadi.SX.ones(n_loads)
    served[flexible.tolist()] = shares
    places = selection(problem.rebounds.load, n_loads)
    by_load = _numbers(casadi, sparse.csr_array(places.T))
    taken_p = load_p * served + by_load @ change
    taken_q = load_q * served + by_load @ (q_per_p * change)
    p = casadi.vertcat(taken_p, -der_p)
    q = casadi.vertcat(taken_q, -der_q)
    current = _device_and_source_current(casadi, problem, voltage, p, q, source_pu)
    curved = casadi.vertcat(
        *constraint_current_balance(casadi, layout, current),
        constraint_voltage_limits(casadi, problem, voltage),
        constraint_flow_limits(casadi, problem, voltage, scale),
    )
    bought = _bought(casadi, problem, voltage, current, source_pu)
    linear = _linear_part(casadi, problem, layout)
    return _with_derivatives(casadi, linear, curved, bought, (v, injected, data, scale))


def n_data(problem: Problem, layout: Layout) -> int:
    """Numbers of a step's data: P and Q of loads, source voltages, Q by P of loads with a rebound, price."""
    return 2 * problem.n_loads + layout.sources + problem.rebounds.n_devices + 1


def _with_derivatives(
    casadi: Any, linear: Any, curved: Any, bought: Any, arguments: tuple[Any, ...]
) -> Step:
    v, injected, *_ = arguments
    multipliers = casadi.SX.sym("multipliers", curved.numel())
    weight = casadi.SX.sym("weight")
    unknowns = casadi.vertcat(v, injected)
    value = casadi.dot(multipliers, curved) + weight * bought
    second, _ = casadi.hessian(value, unknowns)
    slopes = [casadi.jacobian(curved, v), casadi.jacobian(curved, injected)]
    with_multipliers = [*arguments, multipliers, weight]
    return Step(
        linear=linear,
        curved=casadi.Function("curved", [*arguments], [curved, bought]),
        slope=casadi.Function("slope", [*arguments], slopes),
        bend=casadi.Function("bend", with_multipliers, [second]),
    )


def _linear_part(casadi: Any, problem: Problem, layout: Layout) -> Any:
    """Y v in the balances of every node that no ideal source holds, and nothing in the limits, (constraint, 2 nodes)."""
    admittance = problem.network.nodal_admittance(problem.setting.state)
    in_rows = layout.balance @ admittance[layout.balanced]
    balances = as_real(sparse.csr_array(in_rows))
    limits = sparse.csr_array((layout.points + layout.rows, 2 * layout.nodes))
    return _numbers(casadi, above(balances, limits))


def constraint_current_balance(
    casadi: Any, layout: Layout, current: Complex
) -> Complex:
    """Real and imaginary balances of every node that no ideal source holds, less their part Y v; zero together."""
    rows = _numbers(casadi, layout.balance)
    balanced = layout.balanced.tolist()
    re, im = current
    return rows @ re[balanced], rows @ im[balanced]


def constraint_voltage_limits(casadi: Any, problem: Problem, v: Complex) -> Any:
    """|V|^2 at the points, to be between the lowest and the highest allowed."""
    form = problem.limits.points.across(problem.network.n_nodes)
    across = _numbers(casadi, form)
    v_re, v_im = v
    # Squares, since |V| has no derivative where V is zero.
    return (across @ v_re) ** 2 + (across @ v_im) ** 2


def constraint_flow_limits(
    casadi: Any, problem: Problem, v: Complex, scale: Any
) -> Any:
    """Flow of every row of branch limits, to be below it: squares of magnitudes, power in kW as it is."""
    flows = problem.limits.flows
    if not len(flows):
        return casadi.SX(0, 1)
    p, q, current_re, current_im = _flows(casadi, problem, v, flows.gather)
    square_of_current = current_re**2 + current_im**2
    square_of_power = p**2 + q**2
    # Each row is of one kind: the weights, 0 or 1, choose its value.
    is_current = casadi.DM(flows.is_current.astype(float))
    is_directed = casadi.DM(flows.is_directed.astype(float))
    is_apparent = 1 - is_current - is_directed
    directed_power = casadi.DM(flows.sign) * p
    value = is_current * square_of_current
    value += is_directed * directed_power
    value += is_apparent * square_of_power
    return value * scale


def _flows(
    casadi: Any, problem: Problem, v: Complex, gather: sparse.csr_array
) -> tuple[Any, Any, Any, Any]:
    """P, Q and current (real, imaginary) into the terminals that each row of `gather` adds up."""
    network = problem.network
    admittance = network.terminal_admittance(problem.setting.state)
    node = network.terminals.node.tolist()
    v_re, v_im = v
    v_re, v_im = v_re[node], v_im[node]
    i_re, i_im = _product(casadi, admittance, v)
    rows = _numbers(casadi, gather)
    p = rows @ (v_re * i_re + v_im * i_im)
    q = rows @ (v_im * i_re - v_re * i_im)
    return p, q, rows @ i_re, rows @ i_im


def constraint_apparent_power(casadi: Any, decisions: Decisions, u: Any) -> Any:
    """P^2 + Q^2 of every DER with an apparent-power limit."""
    p_columns, q_columns = decisions.circle.T.tolist()
    p = u[p_columns]
    q = u[q_columns]
    return casadi.vec(p**2 + q**2)  # none of a single variable is a row, not a column


def constraint_couplings(casadi: Any, decisions: Decisions, u: Any) -> Any:
    """The linear constraints of the decisions over time."""
    if not len(decisions.row_lower):
        return casadi.SX(0, 1)
    return _numbers(casadi, decisions.matrix) @ u


def _device_and_source_current(
    casadi: Any, problem: Problem, v: Complex, p: Any, q: Any, source_pu: Any
) -> Complex:
    """Current that devices take from each node, less what sources bring: with Y v zero, or what an ideal source delivers."""
    network = problem.network
    load_re, load_im = _device_currents(
        casadi, network.devices, network.n_nodes, v, p, q
    )
    current_re = load_re - network.driven_pu.real
    current_im = load_im - network.driven_pu.imag
    if network.source_is_ideal:
        return current_re, current_im
    source_re, source_im = _source_current(casadi, problem, source_pu)
    return current_re - source_re, current_im - source_im


def _bought(
    casadi: Any, problem: Problem, v: Complex, current: Complex, source_pu: Any
) -> Any:
    """Active power that the source delivers at its bus, or that passes the meters."""
    network = problem.network
    if problem.meters is not None:
        p, _, _, _ = _flows(
            casadi,
            problem,
            v,
            problem.meters.gather,
        )
        return casadi.sum1(p)
    nodes = network.source_nodes.tolist()
    v_re, v_im = v
    state = problem.setting.state
    if network.source_is_ideal:
        admittance = network.nodal_admittance(state)
        inner_re, inner_im = _product(casadi, admittance[nodes], v)
        current_re, current_im = current
        out_re, out_im = inner_re + current_re[nodes], inner_im + current_im[nodes]
    else:
        # Behind an impedance the balance is zero; what is delivered is the Norton current less what its admittance takes.
        admittance = network.nodal_admittance_of(state, "source")
        inner_re, inner_im = _product(casadi, admittance[nodes], v)
        source_re, source_im = _source_current(casadi, problem, source_pu)
        out_re, out_im = source_re[nodes] - inner_re, source_im[nodes] - inner_im
    power = v_re[nodes] * out_re + v_im[nodes] * out_im
    return casadi.sum1(power)


def _source_current(casadi: Any, problem: Problem, source_pu: Any) -> Complex:
    """Norton current of a source behind an impedance, by the voltage of each of its nodes; without that of current sources."""
    by_node = problem.network.source_by_node
    re = casadi.DM(by_node.real) @ source_pu
    im = casadi.DM(by_node.imag) @ source_pu
    return re, im


def _product(casadi: Any, matrix: sparse.csr_array, v: Complex) -> Complex:
    """A complex matrix times a vector."""
    re = _numbers(casadi, matrix.real)
    im = _numbers(casadi, matrix.imag)
    v_re, v_im = v
    product_re = re @ v_re - im @ v_im
    product_im = re @ v_im + im @ v_re
    return product_re, product_im


def _numbers(casadi: Any, matrix: sparse.csr_array) -> Any:
    """A sparse matrix in casadi's form, which it makes from columns only."""
    return casadi.DM(sparse.csc_matrix(matrix))


def _split(casadi: Any, vector: Any, *sizes: int) -> list[Any]:
    """Parts of a vector, of these sizes, and what is left of it."""
    ends = np.cumsum([0, *sizes]).tolist()
    return casadi.vertsplit(vector, [*ends, vector.numel()])


def _device_currents(
    casadi: Any, devices: DeviceTable, n_nodes: int, v: Complex, p: Any, q: Any
) -> Complex:
    """Current that all devices take from each node, ZIP or exponential as in `network.devices`."""
    ends = _numbers(casadi, _between_nodes(devices, n_nodes))
    v_re, v_im = v
    re = ends @ v_re
    im = ends @ v_im
    square = re * re + im * im
    device = devices.device.tolist()
    share = casadi.DM(devices.share)
    # Admittance parts g + jb with S = (g + jb) |v|^2, so that the current is conj(g + jb) v.
    of_p = _admittance_factor(casadi, devices, devices.zip_p, 0, square)
    of_q = _admittance_factor(casadi, devices, devices.zip_q, 1, square)
    g = p[device] * share * of_p
    b = q[device] * share * of_q
    return ends.T @ (g * re + b * im), ends.T @ (g * im - b * re)


def _between_nodes(devices: DeviceTable, n_nodes: int) -> sparse.csr_array:
    """Voltage across each branch by those of the nodes, the second perhaps ground, (branch, node)."""
    branch = np.arange(len(devices.plus))
    between = np.flatnonzero(devices.minus != GROUND)
    rows = np.concatenate([branch, between])
    columns = np.concatenate([devices.plus, devices.minus[between]])
    signs = np.concatenate([np.ones(len(branch)), -np.ones(len(between))])
    return assemble(rows, columns, signs, (len(branch), n_nodes))


def _admittance_factor(
    casadi: Any, devices: DeviceTable, shares: FloatArray, part: int, square: Any
) -> Any:
    """Admittance per unit of rated power of every branch at |v|^2 = `square`; `part` is 0 for P and 1 for Q."""
    per_rated = devices.per_rated
    is_exponential = devices.is_exponential
    impedance, current, power = np.where(is_exponential[:, None], 0.0, shares).T
    factor = casadi.SX(casadi.DM(impedance * per_rated**2))
    # A term of share zero is left out: over a voltage of zero, at an idle neutral, it would be no number.
    for k in _places(power):
        factor[k] += casadi.DM(power[k]) / square[k]
    for k in _places(current):
        factor[k] += casadi.DM(current[k] * per_rated[k]) / casadi.sqrt(square[k])
    for k in _places(is_exponential):
        exponent = devices.exponents[k, part]
        half_order = casadi.DM(exponent / 2 - 1)
        factor[k] += casadi.DM(per_rated[k] ** exponent) * square[k] ** half_order
    return factor


def _places(values: FloatArray | BoolArray) -> list[list[int]]:
    """The places of what is not zero, as one list of indices; no list where there are none."""
    places = np.flatnonzero(values).tolist()
    return [places] if places else []
