"""One time step in casadi's symbols: what balances at nodes, what limits apply to, what is bought; all in per unit."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from tieline.network.devices import GROUND, DeviceTable
from tieline.opf.nlp.layout import Layout
from tieline.opf.problem import Problem
from tieline.typing import FloatArray, IntArray

Complex = tuple[Any, Any]
"""Real and imaginary part of a symbolic vector."""


def step_function(casadi: Any, problem: Problem, layout: Layout, flexible: IntArray) -> Any:
    """A casadi function of one step.

    Takes the voltages (2 nodes), injections (P and Q of DERs, shares of flexible loads), slacks (2 points + rows), what is given
    (P and Q of loads, source voltage, price) and 1 / limit^2 of each branch limit; returns the step's constraints and the power
    bought.
    """
    n_loads, n_ders = len(problem.flexible.is_flexible), problem.n_ders
    sizes = (
        2 * layout.nodes,
        2 * n_ders + len(flexible),
        2 * layout.points + layout.rows,
        2 * n_loads + 2,
        layout.rows,
    )
    names = ("v", "injected", "slack", "given", "scale")
    v, injected, slack, given, scale = inputs = [
        casadi.SX.sym(name, size) for name, size in zip(names, sizes, strict=True)
    ]
    voltage, source_pu = (v[: layout.nodes], v[layout.nodes :]), given[2 * n_loads]
    share = casadi.SX.ones(n_loads)
    for k, load in enumerate(flexible.tolist()):
        share[load] = injected[2 * n_ders + k]
    p = casadi.vertcat(given[:n_loads] * share, -injected[:n_ders])
    q = casadi.vertcat(given[n_loads : 2 * n_loads] * share, -injected[n_ders : 2 * n_ders])
    rest = _rest(casadi, problem, voltage, p, q, source_pu)
    rows, balanced = casadi.DM(sparse.csc_matrix(layout.balance)), layout.balanced.tolist()
    square, points = _squared_voltages(casadi, problem, voltage), layout.points
    constraints = casadi.vertcat(
        *(rows @ part[balanced] for part in rest),
        square + slack[:points],
        square - slack[points : 2 * points],
        _squared_flows(casadi, problem, voltage) * scale - slack[2 * points :],
    )
    bought = _bought(casadi, problem, voltage, rest, source_pu)
    return casadi.Function("step", inputs, [constraints, bought])


def _rest(casadi: Any, problem: Problem, v: Complex, p: Any, q: Any, source_pu: Any) -> Complex:
    """Current that leaves each node and nothing brings; at an ideal source, what it delivers."""
    network = problem.network
    into = _product(casadi, network.nodal_admittance(problem.setting.state), v)
    taken = _device_currents(casadi, network.devices, network.n_nodes, v, p, q)
    source = np.zeros(network.n_nodes) if network.source_is_ideal else network.source_current
    parts = zip(into, taken, (source.real, source.imag), strict=True)
    re, im = (flow + device - casadi.DM(own) * source_pu for flow, device, own in parts)
    return re, im


def _bought(casadi: Any, problem: Problem, v: Complex, rest: Complex, source_pu: Any) -> Any:
    """Active power that the source delivers at its bus."""
    network, out = problem.network, rest
    if not network.source_is_ideal:
        own = _product(casadi, network.nodal_admittance_of(problem.setting.state, "source"), v)
        parts = zip((network.source_current.real, network.source_current.imag), own, strict=True)
        out = tuple(casadi.DM(part) * source_pu - flow for part, flow in parts)
    nodes = network.source_nodes.tolist()
    return casadi.sum1(v[0][nodes] * out[0][nodes] + v[1][nodes] * out[1][nodes])


def _product(casadi: Any, matrix: sparse.csr_array, v: Complex) -> Complex:
    """A complex matrix times a vector."""
    re, im = (casadi.DM(sparse.csc_matrix(part)) for part in (matrix.real, matrix.imag))
    return re @ v[0] - im @ v[1], re @ v[1] + im @ v[0]


def _device_currents(
    casadi: Any, devices: DeviceTable, n_nodes: int, v: Complex, p: Any, q: Any
) -> Complex:
    """Current that all devices take from each node, ZIP as in `network.devices`."""
    (e, f), re, im = v, [0] * n_nodes, [0] * n_nodes
    for k in range(len(devices.device)):
        plus, minus, d = int(devices.plus[k]), int(devices.minus[k]), int(devices.device[k])
        de, df = (e[plus], f[plus]) if minus == GROUND else (e[plus] - e[minus], f[plus] - f[minus])
        square = de * de + df * df
        asked_p = (
            p[d]
            * float(devices.share[k])
            * _zip_factor(casadi, devices.zip_p[k], square, devices.per_rated[k])
        )
        asked_q = (
            q[d]
            * float(devices.share[k])
            * _zip_factor(casadi, devices.zip_q[k], square, devices.per_rated[k])
        )
        current_re, current_im = asked_p * de + asked_q * df, asked_p * df - asked_q * de
        for node, sign in ((plus, 1), (minus, -1)):
            if node != GROUND:
                re[node], im[node] = re[node] + sign * current_re, im[node] + sign * current_im
    return casadi.vertcat(*re), casadi.vertcat(*im)


def _zip_factor(casadi: Any, shares: FloatArray, square: Any, per_rated: float) -> Any:
    """Admittance per unit of rated power at |v|^2 = `square`."""
    impedance, current, power = (float(share) for share in shares)
    rated = float(per_rated)
    factor = power / square + impedance * rated**2 if power else impedance * rated**2
    return factor + current * rated / casadi.sqrt(square) if current else factor


def _squared_voltages(casadi: Any, problem: Problem, v: Complex) -> Any:
    """|v|^2 at the points."""
    across = casadi.DM(sparse.csc_matrix(problem.limits.points.across(problem.network.n_nodes)))
    return (across @ v[0]) ** 2 + (across @ v[1]) ** 2


def _squared_flows(casadi: Any, problem: Problem, v: Complex) -> Any:
    """Squared current or power of every row of branch limits."""
    flows, network = problem.limits.flows, problem.network
    if not len(flows):
        return casadi.SX(0, 1)
    current_re, current_im = _product(casadi, network.terminal_admittance(problem.setting.state), v)
    node = network.terminals.node.tolist()
    at_e, at_f = v[0][node], v[1][node]
    power_p, power_q = at_e * current_re + at_f * current_im, at_f * current_re - at_e * current_im
    gather = casadi.DM(sparse.csc_matrix(flows.gather))
    of_current = (gather @ current_re) ** 2 + (gather @ current_im) ** 2
    of_power = (gather @ power_p) ** 2 + (gather @ power_q) ** 2
    is_current = casadi.DM(flows.is_current.astype(float))
    return is_current * of_current + (1 - is_current) * of_power
