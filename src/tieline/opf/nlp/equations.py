"""One time step in casadi's symbols: what balances at nodes, what limits apply to, what is bought; all in per unit."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from tieline.network.devices import GROUND, DeviceTable
from tieline.opf.decisions import Decisions
from tieline.opf.nlp.layout import Layout
from tieline.opf.problem import Problem
from tieline.typing import FloatArray, IntArray

Complex = tuple[Any, Any]
"""Real and imaginary part of a symbolic vector."""


def step_function(
    casadi: Any, problem: Problem, layout: Layout, flexible: IntArray
) -> Any:
    """A casadi function of one step.

    Takes the voltages (2 nodes), injections (P and Q of DERs, shares of flexible loads), slacks (2 points + rows), data
    (P and Q of loads, source voltages, price) and the weights of branch limits in the constraint; returns the step's constraints
    and the power bought.
    """
    n_loads = problem.n_loads
    n_ders = problem.n_ders
    n_points = layout.points
    v = casadi.SX.sym("v", 2 * layout.nodes)
    injected = casadi.SX.sym("injected", 2 * n_ders + len(flexible))
    slack = casadi.SX.sym("slack", 2 * n_points + layout.rows)
    data = casadi.SX.sym("data", 2 * n_loads + layout.sources + 1)
    scale = casadi.SX.sym("scale", layout.rows)

    # Taken apart in the order in which `NlpModel` and `numbers.parameters` put them together.
    voltage = v[: layout.nodes], v[layout.nodes :]
    load_p, load_q, source_pu, _ = _split(
        casadi, data, n_loads, n_loads, layout.sources
    )
    der_p, der_q, shares = _split(casadi, injected, n_ders, n_ders)
    low_slack, high_slack, flow_slack = _split(casadi, slack, n_points, n_points)

    served = casadi.SX.ones(n_loads)
    served[flexible.tolist()] = shares
    p = casadi.vertcat(load_p * served, -der_p)
    q = casadi.vertcat(load_q * served, -der_q)
    unbalanced = _unbalanced_current(casadi, problem, voltage, p, q, source_pu)
    constraints = casadi.vertcat(
        *constraint_current_balance(casadi, layout, unbalanced),
        *constraint_voltage_limits(casadi, problem, voltage, low_slack, high_slack),
        constraint_flow_limits(casadi, problem, voltage, scale, flow_slack),
    )
    bought = _bought(casadi, problem, voltage, unbalanced, source_pu)
    inputs = [v, injected, slack, data, scale]
    return casadi.Function("step", inputs, [constraints, bought])


def constraint_current_balance(
    casadi: Any, layout: Layout, unbalanced: Complex
) -> Complex:
    """Real and imaginary balances of every node that no ideal source holds; zero."""
    rows = _numbers(casadi, layout.balance)
    balanced = layout.balanced.tolist()
    re, im = unbalanced
    return rows @ re[balanced], rows @ im[balanced]


def constraint_voltage_limits(
    casadi: Any, problem: Problem, v: Complex, low_slack: Any, high_slack: Any
) -> tuple[Any, Any]:
    """|V|^2 at the points, to be above the lowest and below the highest allowed."""
    form = problem.limits.points.across(problem.network.n_nodes)
    across = _numbers(casadi, form)
    v_re, v_im = v
    # Squares, since |V| has no derivative where V is zero.
    square = (across @ v_re) ** 2 + (across @ v_im) ** 2
    return square + low_slack, square - high_slack


def constraint_flow_limits(
    casadi: Any, problem: Problem, v: Complex, scale: Any, slack: Any
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
    return value * scale - slack


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
        return casadi.MX(0, 1)
    return _numbers(casadi, decisions.matrix) @ u


def _unbalanced_current(
    casadi: Any, problem: Problem, v: Complex, p: Any, q: Any, source_pu: Any
) -> Complex:
    """Current that leaves each node and nothing brings; at an ideal source, what it delivers."""
    network = problem.network
    admittance = network.nodal_admittance(problem.setting.state)
    out_re, out_im = _product(casadi, admittance, v)
    load_re, load_im = _device_currents(
        casadi, network.devices, network.n_nodes, v, p, q
    )
    out_re = out_re + load_re - network.driven_pu.real
    out_im = out_im + load_im - network.driven_pu.imag
    if network.source_is_ideal:
        return out_re, out_im
    source_re, source_im = _source_current(casadi, problem, source_pu)
    return out_re - source_re, out_im - source_im


def _bought(
    casadi: Any, problem: Problem, v: Complex, unbalanced: Complex, source_pu: Any
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
    out_re, out_im = unbalanced
    if not network.source_is_ideal:
        # Behind an impedance the balance is zero; what is delivered is the Norton current less what its admittance takes.
        admittance = network.nodal_admittance_of(problem.setting.state, "source")
        inner_re, inner_im = _product(casadi, admittance, v)
        source_re, source_im = _source_current(casadi, problem, source_pu)
        out_re, out_im = source_re - inner_re, source_im - inner_im
    power = v_re[nodes] * out_re[nodes] + v_im[nodes] * out_im[nodes]
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
    re = [0] * n_nodes
    im = [0] * n_nodes
    for k in range(len(devices.device)):
        plus = int(devices.plus[k])
        minus = int(devices.minus[k])
        across = _across(v, plus, minus)
        current_re, current_im = _branch_current(casadi, devices, k, across, p, q)
        for node, sign in ((plus, 1), (minus, -1)):
            if node != GROUND:
                re[node] = re[node] + sign * current_re
                im[node] = im[node] + sign * current_im
    return casadi.vertcat(*re), casadi.vertcat(*im)


def _across(v: Complex, plus: int, minus: int) -> Complex:
    """Voltage between two nodes, the second perhaps ground."""
    v_re, v_im = v
    if minus == GROUND:
        return v_re[plus], v_im[plus]
    return v_re[plus] - v_re[minus], v_im[plus] - v_im[minus]


def _branch_current(
    casadi: Any, devices: DeviceTable, k: int, across: Complex, p: Any, q: Any
) -> Complex:
    """Current through a device branch at the voltage across it; p, q are the powers of all devices."""
    re, im = across
    square = re * re + im * im
    device = int(devices.device[k])
    share = float(devices.share[k])
    per_rated = float(devices.per_rated[k])
    # Admittance parts g + jb with S = (g + jb) |v|^2, so that the current is conj(g + jb) v.
    if devices.is_exponential[k]:
        of_p, of_q = (
            per_rated**exponent * square ** (exponent / 2 - 1)
            for exponent in devices.exponents[k].tolist()
        )
    else:
        of_p = _zip_factor(casadi, devices.zip_p[k], square, per_rated)
        of_q = _zip_factor(casadi, devices.zip_q[k], square, per_rated)
    g = p[device] * share * of_p
    b = q[device] * share * of_q
    return g * re + b * im, g * im - b * re


def _zip_factor(casadi: Any, shares: FloatArray, square: Any, per_rated: float) -> Any:
    """Admittance per unit of rated power at |v|^2 = `square`."""
    impedance, current, power = (float(share) for share in shares)
    factor = impedance * per_rated**2
    # A term of share zero is left out: over a voltage of zero, at an idle neutral, it would be no number.
    if power:
        factor = power / square + factor
    if current:
        factor = factor + current * per_rated / casadi.sqrt(square)
    return factor
