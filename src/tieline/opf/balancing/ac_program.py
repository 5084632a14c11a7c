"""The minute as a nonlinear program on AC, in casadi's symbols: currents balance at every node, loss is that of the voltages.

Variables: (Re V, Im V) of every node, then those of `program.Columns` but the loss, powers in per unit. The equations and limits
of the network are those of `opf.nlp`; balances and the limits of shared DERs are linear, circles of apparent power
are themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from tieline.linear.expansion import series_loss
from tieline.opf.balancing.columns import Columns
from tieline.opf.balancing.minute import Minute
from tieline.opf.nlp.equations import step_function
from tieline.opf.nlp.layout import Layout
from tieline.opf.nlp.model import OPTIONS
from tieline.opf.nlp.numbers import flow_weights, highest_flows
from tieline.opf.problem import Problem
from tieline.opf.solvers import import_solver
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA


@dataclass(frozen=True, eq=False)
class AcProgram:
    """One structure: network, taps, limits and who may serve whom; loads, offers and demands are numbers of a call.

    Attributes:
        problem, layout: the network's part, as `opf.nlp` has it.
        columns: the minute's variables.
        couplings: balances, then limits of DERs, by these variables, (row, variable).
        solver: casadi's.
    """

    problem: Problem
    layout: Layout
    columns: Columns
    couplings: sparse.csr_array
    solver: Any

    @property
    def n_voltages(self) -> int:
        """Unknowns before the minute's own variables."""
        return self.layout.voltages.stop

    def bounds(self, minute: Minute) -> dict[str, FloatArray]:
        """Bounds of variables and constraints by casadi's names."""
        network_low, network_high = self._network_bounds()
        low, high = self._variable_bounds(minute)
        demand = minute.covered_kw / S_BASE_KVA
        limit = np.asarray(minute.p_max_kw, dtype=float) / S_BASE_KVA
        circle = self._circles(minute)
        none = np.full(len(limit) + len(circle), -np.inf)
        return {
            "lbx": low,
            "ubx": high,
            "lbg": np.concatenate([network_low, demand, none]),
            "ubg": np.concatenate([network_high, demand, limit, circle]),
        }

    def parameters(self, minute: Minute) -> FloatArray:
        """Loads, source voltages, price of loss and of every variable, as the program takes them."""
        return np.concatenate(
            [
                minute.load_kw / S_BASE_KVA,
                minute.load_kvar / S_BASE_KVA,
                self.problem.setting.source_pu,
                [minute.reference_price],
                self.columns.cost(minute),
                minute.injected_kw / S_BASE_KVA,
                minute.injected_kvar / S_BASE_KVA,
            ]
        )

    def _circles(self, minute: Minute) -> FloatArray:
        """Squares of the apparent powers, (q,) [pu]."""
        if minute.reactive is None:
            return np.empty(0)
        kva = minute.reactive.kva[self.columns.q_der]
        return np.square(kva / S_BASE_KVA)

    def _network_bounds(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest values of balances, voltages, branch limits."""
        lay = self.layout
        limits = self.problem.limits
        balance = np.zeros(2 * len(lay.balanced))
        no_flow = np.full(lay.rows, -np.inf)
        low = np.concatenate([balance, limits.v_min_pu**2, no_flow])
        high_flow = highest_flows(limits.flows)
        high = np.concatenate([balance, limits.v_max_pu**2, high_flow])
        return low, high

    def _variable_bounds(self, minute: Minute) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest voltages, held at an ideal source, and powers."""
        lay = self.layout
        count = self.n_voltages + self.columns.loss
        low = np.full(count, -np.inf)
        high = np.full(count, np.inf)
        low[self.n_voltages :] = 0.0
        columns = self.columns.q
        first = self.n_voltages + columns.start
        end = self.n_voltages + columns.stop
        q = slice(first, end)
        q_low, q_high = self.columns.q_bounds(minute)
        low[q] = q_low / S_BASE_KVA
        high[q] = q_high / S_BASE_KVA
        source_current = self.problem.setting.source_current(minute.network)
        source_v = source_current[lay.held]
        low[lay.held] = high[lay.held] = source_v.real
        im = lay.nodes + lay.held
        low[im] = high[im] = source_v.imag
        return low, high


def build_program(problem: Problem, layout: Layout, minute: Minute) -> AcProgram:
    """The program of a minute's structure, every DER that may serve being called."""
    casadi = import_solver("casadi", "The AC optimum")
    columns = Columns.of_pairs(minute, minute.may_serve)
    couplings = _couplings(minute, columns)
    n_loads = problem.n_loads
    n_ders = problem.n_ders
    data = casadi.MX.sym("data", 2 * n_loads + layout.sources + 1)
    cost = casadi.MX.sym("cost", columns.loss)
    scheduled = casadi.MX.sym("scheduled", 2 * n_ders)
    x = casadi.MX.sym("x", layout.voltages.stop + columns.loss)
    v = x[: layout.voltages.stop]
    u = x[layout.voltages.stop :]

    calls = _matrix(casadi, _shares_by_der(minute, columns))
    added = _matrix(casadi, _q_by_der(minute, columns))
    der_p = scheduled[:n_ders] + calls @ u
    der_q = scheduled[n_ders:] + added @ u
    injected = casadi.vertcat(der_p, der_q)
    square = der_p**2 + der_q**2
    # indexing by no number would turn the square of a single DER into a row
    circles = casadi.densify(_matrix(casadi, _with_q(minute, columns)) @ square)
    flexible = problem.flexible.is_flexible.nonzero()[0]
    step = step_function(casadi, problem, layout, flexible)
    weights = casadi.DM(flow_weights(problem))
    curved, _ = step.curved(v, injected, data, weights)
    constraints = step.linear @ v + curved

    price = data[-1]
    # Cost is per kWh, and powers are per unit: both terms are in currency per hour.
    series = series_loss(problem.network, problem.setting.state)
    loss_kw = _matrix(casadi, series.matrix)
    loss = casadi.dot(v, loss_kw @ v)
    paid = casadi.dot(cost, u)
    spent = price * loss + S_BASE_KVA * paid
    # a DER that serves no region has an empty row, and Ipopt takes full vectors only
    coupled = casadi.densify(_matrix(casadi, couplings) @ u)
    program = {
        "x": x,
        "f": spent,
        "g": casadi.vertcat(constraints, coupled, circles),
        "p": casadi.vertcat(data, cost, scheduled),
    }
    # expanded to scalars: Ipopt asks for derivatives in every step, and calls of matrices take longer
    options = OPTIONS | {"expand": True}
    solver = casadi.nlpsol("minute", "ipopt", program, options)
    return AcProgram(problem, layout, columns, couplings, solver)


def _couplings(minute: Minute, columns: Columns) -> sparse.csr_array:
    """Balance of each region, then what each DER gives all of them, by the minute's variables."""
    balances = columns.balances()
    calls = _shares_by_der(minute, columns)
    return sparse.csr_array(sparse.vstack([balances, calls]))


def _shares_by_der(minute: Minute, columns: Columns) -> sparse.csr_array:
    """Which variables are shares of each DER, (der, variable)."""
    n_shares = columns.shares.stop
    ones = np.ones(n_shares)
    shape = (minute.n_ders, columns.loss)
    places = (columns.der, np.arange(n_shares))
    return sparse.csr_array((ones, places), shape=shape)


def _q_by_der(minute: Minute, columns: Columns) -> sparse.csr_array:
    """Which variables are reactive powers of each DER, (der, variable)."""
    variable = np.arange(columns.q.start, columns.q.stop)
    places = (columns.q_der, variable)
    ones = np.ones(len(variable))
    shape = (minute.n_ders, columns.loss)
    return sparse.csr_array((ones, places), shape=shape)


def _with_q(minute: Minute, columns: Columns) -> sparse.csr_array:
    """Which DERs have a free reactive power, (q, der)."""
    count = len(columns.q_der)
    places = (np.arange(count), columns.q_der)
    return sparse.csr_array((np.ones(count), places), shape=(count, minute.n_ders))


def _matrix(casadi: Any, matrix: sparse.csr_array) -> Any:
    """A sparse matrix in casadi's form, which it makes from columns only."""
    return casadi.DM(sparse.csc_matrix(matrix))
