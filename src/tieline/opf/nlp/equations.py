"""One time step in casadi's symbols: what balances at nodes, what limits apply to, what is bought; all in per unit."""

from __future__ import annotations

from typing import Any

from scipy import sparse

from tieline.network.devices import GROUND, DeviceTable
from tieline.opf.decisions import Decisions
from tieline.opf.nlp.layout import Layout
from tieline.opf.problem import Problem
from tieline.typing import FloatArray, IntArray

Complex = tuple[Any, Any]
"""Real and imaginary part of a symbolic vector."""


def step_function(casadi: Any, problem: Problem, layout: Layout, flexible: IntArray) -> Any:
    """A casadi function of one step.

    Takes the voltages (2 nodes), injections (P and Q of DERs, shares of flexible loads), slacks (2 points + rows), what is given
    (P and Q of loads, source voltages, price) and the weights of branch limits in the constraint; returns the step's constraints
    and the power bought.
    """
    n_loads = problem.n_loads
    n_ders = problem.n_ders
    n_sources = layout.sources
    v = casadi.SX.sym("v", 2 * layout.nodes)
    injected = casadi.SX.sym("injected", 2 * n_ders + len(flexible))
    slack = casadi.SX.sym("slack", 2 * layout.points + layout.rows)
    given = casadi.SX.sym("given", 2 * n_loads + n_sources + 1)
    scale = casadi.SX.sym("scale", layout.rows)
    voltage = v[: layout.nodes], v[layout.nodes :]
    source_pu = given[2 * n_loads : 2 * n_loads + n_sources]
    share = casadi.SX.ones(n_loads)
    for k, load in enumerate(flexible.tolist()):
        share[load] = injected[2 * n_ders + k]
    p = casadi.vertcat(given[:n_loads] * share, -injected[:n_ders])
    q = casadi.vertcat(given[n_loads : 2 * n_loads] * share, -injected[n_ders : 2 * n_ders])
    unbalanced = _unbalanced_current(casadi, problem, voltage, p, q, source_pu)
    low_slack = slack[: layout.points]
    high_slack = slack[layout.points : 2 * layout.points]
    flow_slack = slack[2 * layout.points :]
    constraints = casadi.vertcat(
        *constraint_current_balance(casadi, layout, unbalanced),
        *constraint_voltage_limits(casadi, problem, voltage, low_slack, high_slack),
        constraint_flow_limits(casadi, problem, voltage, scale, flow_slack),
    )
    bought = _bought(casadi, problem, voltage, unbalanced, source_pu)
    return casadi.Function("step", [v, injected, slack, given, scale], [constraints, bought])


def constraint_current_balance(casadi: Any, layout: Layout, unbalanced: Complex) -> Complex:
    """Real and imaginary balances of every node that no ideal source holds; zero."""
    rows = casadi.DM(sparse.csc_matrix(layout.balance))
    balanced = layout.balanced.tolist()
    re, im = unbalanced
    return rows @ re[balanced], rows @ im[balanced]


def constraint_voltage_limits(
    casadi: Any, problem: Problem, v: Complex, low_slack: Any, high_slack: Any
) -> tuple[Any, Any]:
    """|V|^2 at the points, to be above the lowest and below the highest allowed."""
    form = problem.limits.points.across(problem.network.n_nodes)
    across = casadi.DM(sparse.csc_matrix(form))
    re, im = across @ v[0], across @ v[1]
    square = re**2 + im**2
    return square + low_slack, square - high_slack


def constraint_flow_limits(
    casadi: Any, problem: Problem, v: Complex, scale: Any, slack: Any
) -> Any:
    """Flow of every row of branch limits, to be below it: squares of magnitudes, power in kW as it is."""
    flows = problem.limits.flows
    network = problem.network
    if not len(flows):
        return casadi.SX(0, 1)
    current_re, current_im = _product(casadi, network.terminal_admittance(problem.setting.state), v)
    node = network.terminals.node.tolist()
    at_re, at_im = v[0][node], v[1][node]
    gather = casadi.DM(sparse.csc_matrix(flows.gather))
    p = gather @ (at_re * current_re + at_im * current_im)
    q = gather @ (at_im * current_re - at_re * current_im)
    of_current = (gather @ current_re) ** 2 + (gather @ current_im) ** 2
    is_current = casadi.DM(flows.is_current.astype(float))
    is_directed = casadi.DM(flows.is_directed.astype(float))
    of_power = is_directed * casadi.DM(flows.sign) * p + (1 - is_directed) * (p**2 + q**2)
    return (is_current * of_current + (1 - is_current) * of_power) * scale - slack


def constraint_apparent_power(casadi: Any, decisions: Decisions, u: Any) -> Any:
    """P^2 + Q^2 of every DER with an apparent-power limit."""
    p = u[decisions.circle[:, 0].tolist()]
    q = u[decisions.circle[:, 1].tolist()]
    return casadi.vec(p**2 + q**2)  # none of a single variable is a row, not a column


def constraint_couplings(casadi: Any, decisions: Decisions, u: Any) -> Any:
    """The linear constraints of the decisions over time."""
    if not len(decisions.row_lower):
        return casadi.MX(0, 1)
    return casadi.DM(sparse.csc_matrix(decisions.matrix)) @ u


def _unbalanced_current(
    casadi: Any, problem: Problem, v: Complex, p: Any, q: Any, source_pu: Any
) -> Complex:
    """Current that leaves each node and nothing brings; at an ideal source, what it delivers."""
    network = problem.network
    flow_re, flow_im = _product(casadi, network.nodal_admittance(problem.setting.state), v)
    taken_re, taken_im = _device_currents(casadi, network.devices, network.n_nodes, v, p, q)
    if network.source_is_ideal:
        return flow_re + taken_re, flow_im + taken_im
    source_re, source_im = _source_current(casadi, problem, source_pu)
    return flow_re + taken_re - source_re, flow_im + taken_im - source_im


def _bought(casadi: Any, problem: Problem, v: Complex, unbalanced: Complex, source_pu: Any) -> Any:
    """Active power that the source delivers at its bus."""
    network = problem.network
    (out_re, out_im) = unbalanced
    if not network.source_is_ideal:
        admittance = network.nodal_admittance_of(problem.setting.state, "source")
        inner_re, inner_im = _product(casadi, admittance, v)
        source_re, source_im = _source_current(casadi, problem, source_pu)
        out_re, out_im = source_re - inner_re, source_im - inner_im
    nodes = network.source_nodes.tolist()
    return casadi.sum1(v[0][nodes] * out_re[nodes] + v[1][nodes] * out_im[nodes])


def _source_current(casadi: Any, problem: Problem, source_pu: Any) -> Complex:
    """Norton current of a source behind an impedance, by the voltage of each of its nodes."""
    by_node = problem.network.source_by_node
    re, im = casadi.DM(by_node.real), casadi.DM(by_node.imag)
    return re @ source_pu, im @ source_pu


def _product(casadi: Any, matrix: sparse.csr_array, v: Complex) -> Complex:
    """A complex matrix times a vector."""
    re, im = (casadi.DM(sparse.csc_matrix(part)) for part in (matrix.real, matrix.imag))
    return re @ v[0] - im @ v[1], re @ v[1] + im @ v[0]


def _device_currents(
    casadi: Any, devices: DeviceTable, n_nodes: int, v: Complex, p: Any, q: Any
) -> Complex:
    """Current that all devices take from each node, ZIP as in `network.devices`."""
    v_re, v_im = v
    re, im = [0] * n_nodes, [0] * n_nodes
    for k in range(len(devices.device)):
        plus, minus = int(devices.plus[k]), int(devices.minus[k])
        across_re, across_im = v_re[plus], v_im[plus]
        if minus != GROUND:
            across_re, across_im = across_re - v_re[minus], across_im - v_im[minus]
        square = across_re * across_re + across_im * across_im
        device = int(devices.device[k])
        share = float(devices.share[k])
        per_rated = devices.per_rated[k]
        # Admittance parts g + jb with S = (g + jb) |v|^2, hence the current is conj(g + jb) v.
        g = p[device] * share * _zip_factor(casadi, devices.zip_p[k], square, per_rated)
        b = q[device] * share * _zip_factor(casadi, devices.zip_q[k], square, per_rated)
        current_re = g * across_re + b * across_im
        current_im = g * across_im - b * across_re
        for node, sign in ((plus, 1), (minus, -1)):
            if node != GROUND:
                re[node] = re[node] + sign * current_re
                im[node] = im[node] + sign * current_im
    return casadi.vertcat(*re), casadi.vertcat(*im)


def _zip_factor(casadi: Any, shares: FloatArray, square: Any, per_rated: float) -> Any:
    """Admittance per unit of rated power at |v|^2 = `square`."""
    impedance, current, power = (float(share) for share in shares)
    rated = float(per_rated)
    factor = impedance * rated**2
    if power:
        factor = power / square + factor
    if current:
        factor = factor + current * rated / casadi.sqrt(square)
    return factor
