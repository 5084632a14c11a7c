"""AC optimal power flow as a nonlinear program: any feeder that the power flow knows, phase by phase; Ipopt through casadi.

Voltages in rectangular coordinates; at every node the currents balance,

    Y v + sum of conj(S / v) = i_source

where S is the power that loads (ZIP) and DERs take between their nodes. Y holds transformers of any connection, regulators at
their taps, capacitors. Limits are on |v|^2 and on the squares of currents or powers. The answer is a local optimum: in practice,
on feeders, the one the convex relaxation proves global where that is tight.

A model is built once. `solve` takes any problem of the same structure (other demand, prices, bounds, limits) and starts from an
earlier answer. Left out: discrete decisions.

Sources: A. Waechter, L. T. Biegler, "On the implementation of an interior-point filter line-search algorithm", Math. Programming
106, 2006 (Ipopt); the current balance in rectangular coordinates as in R. P. O'Neill, A. Castillo, M. B. Cain, "The IV
formulation and linear approximations of the AC optimal power flow problem", FERC staff paper, 2012.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from tieline.errors import InputError, MissingExtraError
from tieline.network.devices import GROUND
from tieline.opf.answer import Answer, Duals
from tieline.opf.balances import balance_rows
from tieline.opf.decisions import Decisions, make_decisions, nearest_to_idle
from tieline.opf.infeasible import InfeasibleError, NoOptimumError, relaxations_of
from tieline.opf.problem import Problem
from tieline.opf.replay import replay, replay_decisions
from tieline.typing import ComplexArray, FloatArray
from tieline.units import S_BASE_KVA

OPTIONS: dict[str, Any] = {
    "ipopt.print_level": 0,
    "ipopt.sb": "yes",
    "print_time": False,
    "ipopt.tol": 1e-8,
    "ipopt.bound_relax_factor": 1e-10,  # limits mean what they say
    "ipopt.max_iter": 200,  # four times what feasible feeders took: past that it is the elastic solve that knows more
}
WARM_OPTIONS: dict[str, Any] = {
    "ipopt.warm_start_init_point": "yes",
    "ipopt.mu_init": 1e-6,  # an earlier optimum is close: begin with the barrier nearly gone
    "ipopt.warm_start_bound_push": 1e-8,
    "ipopt.warm_start_mult_bound_push": 1e-8,
    "ipopt.warm_start_slack_bound_push": 1e-8,
}

SOLVED = ("Solve_Succeeded", "Solved_To_Acceptable_Level")


@dataclass(frozen=True, eq=False)
class Start:
    """Primal and dual variables of an earlier solve."""

    x: FloatArray
    lam_x: FloatArray
    lam_g: FloatArray


@dataclass(frozen=True, eq=False)
class _Layout:
    """Where things stand in x = (v_re, v_im by step, u, slacks by step) and g = (currents, voltages, flows by step, ...)."""

    steps: int
    nodes: int
    points: int
    rows: int
    decisions: int
    balanced: int

    @property
    def voltages(self) -> slice:
        return slice(0, 2 * self.nodes * self.steps)

    @property
    def u(self) -> slice:
        return slice(self.voltages.stop, self.voltages.stop + self.decisions)

    @property
    def slacks(self) -> slice:
        return slice(self.u.stop, self.u.stop + self.steps * (2 * self.points + self.rows))

    @property
    def per_step(self) -> int:
        """Constraints of one step."""
        return 2 * self.balanced + 2 * self.points + self.rows


class NlpModel:
    """The program of one structure, built on the first problem given."""

    def __init__(self, problem: Problem):
        self.problem = problem
        network = problem.network
        self._held = network.held_nodes
        self._balanced = np.setdiff1d(np.arange(network.n_nodes), self._held)
        self._rows = balance_rows(network, problem.setting.state, self._balanced)
        decisions = make_decisions(problem)
        self._layout = _Layout(
            steps=problem.n_steps,
            nodes=network.n_nodes,
            points=len(problem.points.names),
            rows=len(problem.flows),
            decisions=decisions.count,
            balanced=len(self._balanced),
        )
        self._decisions = decisions
        self._program = self._build(decisions)

    def solve(self, problem: Problem | None = None, start: Answer | None = None) -> Answer:
        """Optimum of a problem of this structure.

        Args:
            problem: what is asked; None takes the one the model was built on.
            start: an answer of this model to a similar problem.

        Raises:
            InputError: if the structure differs (elements, steps, couplings in time).
            InfeasibleError: if no set-points keep the limits; it holds the smallest relaxation.
            NoOptimumError: if Ipopt gave up.
        """
        asked = problem or self.problem
        decisions = make_decisions(asked)
        if not self.fits(asked):
            raise InputError(
                "The problem has another structure than the model was built for (network, positions, steps, rows of limits, "
                "flexible loads, couplings in time). Build a new NlpModel."
            )
        earlier = start.start if start is not None else None
        warm = earlier if isinstance(earlier, Start) else None
        result = self._run(asked, decisions, warm, is_elastic=False)
        if result["status"] not in SOLVED and warm is not None:
            result = self._run(asked, decisions, None, is_elastic=False)
        if result["status"] not in SOLVED:
            self._explain(asked, decisions, result["status"])
        return self._answer(asked, decisions, result)

    def fits(self, problem: Problem) -> bool:
        """Whether a problem has the structure that the model was built for."""
        mine, own, decisions = self.problem, self._decisions, make_decisions(problem)
        return bool(
            problem.network is mine.network
            and problem.n_steps == mine.n_steps
            and problem.hours == mine.hours
            and np.array_equal(problem.setting.state, mine.setting.state)
            and (problem.flows.names, problem.points.names) == (mine.flows.names, mine.points.names)
            and np.array_equal(problem.is_flexible, mine.is_flexible)
            and np.array_equal(decisions.circle, own.circle)
            and decisions.matrix.shape == own.matrix.shape
            and np.array_equal(decisions.matrix.indices, own.matrix.indices)
            and np.array_equal(decisions.matrix.data, own.matrix.data)
        )

    def _explain(self, problem: Problem, decisions: Decisions, status: str) -> None:
        """Raise what the elastic solve finds."""
        elastic = self._run(problem, decisions, None, is_elastic=True)
        if elastic["status"] not in SOLVED:
            raise InfeasibleError(problem, "AC", ())
        lay = self._layout
        slack = elastic["x"][lay.slacks].reshape(lay.steps, -1)
        below, above, flow = np.split(slack, [lay.points, 2 * lay.points], axis=1)
        relaxations = relaxations_of(problem, below, above, flow)
        if relaxations:
            raise InfeasibleError(problem, "AC", relaxations)
        raise NoOptimumError(
            f"Ipopt ended with '{status}' on feeder '{problem.network.feeder.name}', although its limits can be kept. Start from "
            "another answer, or loosen limits that only just hold."
        )

    def _build(self, decisions: Decisions) -> dict[str, Any]:
        """Symbols of the program: objective, constraints, parameters."""
        casadi, lay, problem = _casadi(), self._layout, self.problem
        x = casadi.MX.sym("x", lay.slacks.stop)
        n_loads, n_ders = len(problem.is_flexible), problem.n_ders
        width = 2 * n_loads + 2
        per_step = casadi.MX.sym("per_step", width, lay.steps)
        cost = casadi.MX.sym("cost", 2 * lay.decisions + 2)
        flow_scale = casadi.MX.sym("flow_scale", lay.rows)
        v = casadi.reshape(x[lay.voltages], 2 * lay.nodes, lay.steps)
        u, slack = x[lay.u], casadi.reshape(x[lay.slacks], 2 * lay.points + lay.rows, lay.steps)
        injected = casadi.vertcat(
            casadi.reshape(u[decisions.p.ravel().tolist()], n_ders, lay.steps),
            casadi.reshape(u[decisions.q.ravel().tolist()], n_ders, lay.steps),
            casadi.reshape(u[decisions.share.ravel().tolist()], len(decisions.flexible), lay.steps),
        )
        step = self._step_function(casadi)
        mapped = step.map(lay.steps)
        constraints, bought = mapped(v, injected, slack, per_step, casadi.repmat(flow_scale, 1, lay.steps))
        price = per_step[2 * n_loads + 1, :]
        spent = S_BASE_KVA * casadi.dot(price, bought) + casadi.dot(cost[: lay.decisions], u)
        spent += casadi.dot(cost[lay.decisions : 2 * lay.decisions], u * u)
        objective = cost[-2] * spent + cost[-1] * casadi.sum1(casadi.vec(slack))
        circle = u[decisions.circle[:, 0].tolist()] ** 2 + u[decisions.circle[:, 1].tolist()] ** 2
        coupling = casadi.DM(sparse.csc_matrix(decisions.matrix)) @ u if len(decisions.row_lower) else casadi.MX(0, 1)
        g = casadi.vertcat(casadi.vec(constraints), circle, coupling)
        p = casadi.vertcat(casadi.vec(per_step), cost, flow_scale)
        return {"x": x, "f": objective, "g": g, "p": p}

    def _step_function(self, casadi: Any) -> Any:
        """(v, injections, slacks, per step, flow scale) -> (constraints of one step, power bought [pu])."""
        problem, lay, network = self.problem, self._layout, self.problem.network
        n_loads, n_ders = len(problem.is_flexible), problem.n_ders
        flexible = self._decisions.flexible
        v = casadi.SX.sym("v", 2 * lay.nodes)
        injected = casadi.SX.sym("injected", 2 * n_ders + len(flexible))
        slack = casadi.SX.sym("slack", 2 * lay.points + lay.rows)
        given = casadi.SX.sym("given", 2 * n_loads + 2)
        scale = casadi.SX.sym("scale", lay.rows)
        e, f = v[: lay.nodes], v[lay.nodes :]
        share = casadi.SX.ones(n_loads)
        for k, load in enumerate(flexible.tolist()):
            share[load] = injected[2 * n_ders + k]
        p = casadi.vertcat(given[:n_loads] * share, -injected[:n_ders])
        q = casadi.vertcat(given[n_loads : 2 * n_loads] * share, -injected[n_ders : 2 * n_ders])
        into_re, into_im = _product(casadi, network.nodal_admittance(problem.setting.state), e, f)
        taken_re, taken_im = _device_currents(casadi, network.devices, lay.nodes, e, f, p, q)
        source_pu = given[2 * n_loads]
        source = network.source_current
        rest_re = into_re + taken_re - casadi.DM(source.real) * source_pu * (not network.source_is_ideal)
        rest_im = into_im + taken_im - casadi.DM(source.imag) * source_pu * (not network.source_is_ideal)
        balanced, rows = self._balanced.tolist(), casadi.DM(sparse.csc_matrix(self._rows))
        bought = self._bought(casadi, e, f, rest_re, rest_im, source_pu)
        square = _squared_voltages(casadi, problem, e, f)
        flows = _squared_flows(casadi, problem, e, f) * scale
        constraints = casadi.vertcat(
            rows @ rest_re[balanced],
            rows @ rest_im[balanced],
            square + slack[: lay.points],
            square - slack[lay.points : 2 * lay.points],
            flows - slack[2 * lay.points :],
        )
        return casadi.Function("step", [v, injected, slack, given, scale], [constraints, bought])

    def _bought(self, casadi: Any, e: Any, f: Any, rest_re: Any, rest_im: Any, source_pu: Any) -> Any:
        """Active power that the source delivers at its bus [pu]."""
        network = self.problem.network
        if network.source_is_ideal:
            out_re, out_im = rest_re, rest_im
        else:
            own_re, own_im = _product(casadi, network.nodal_admittance_of(self.problem.setting.state, "source"), e, f)
            out_re = casadi.DM(network.source_current.real) * source_pu - own_re
            out_im = casadi.DM(network.source_current.imag) * source_pu - own_im
        nodes = network.source_nodes.tolist()
        return casadi.sum1(e[nodes] * out_re[nodes] + f[nodes] * out_im[nodes])

    @cached_property
    def _cold(self) -> Any:
        return _casadi().nlpsol("cold", "ipopt", self._program, {**OPTIONS, "expand": True})

    @cached_property
    def _warm(self) -> Any:
        return _casadi().nlpsol("warm", "ipopt", self._program, {**OPTIONS, **WARM_OPTIONS, "expand": True})

    def _run(self, problem: Problem, decisions: Decisions, warm: Start | None, is_elastic: bool) -> dict[str, Any]:
        """One call of Ipopt."""
        began = time.perf_counter()
        solver = self._cold if warm is None else self._warm
        first = (
            {"x0": self._first_guess(problem, decisions)}
            if warm is None
            else {"x0": warm.x, "lam_x0": warm.lam_x, "lam_g0": warm.lam_g}
        )
        built = time.perf_counter()
        found = solver(
            **first, **self._bounds(problem, decisions, is_elastic), p=self._parameters(problem, decisions, is_elastic)
        )
        stats = solver.stats()
        values = {name: np.asarray(found[name]).ravel() for name in ("x", "lam_x", "lam_g", "f")}
        return values | {
            "status": stats["return_status"],
            "iterations": stats["iter_count"],
            "solve_s": time.perf_counter() - built,
            "prepare_s": built - began,
        }

    def _bounds(self, problem: Problem, decisions: Decisions, is_elastic: bool) -> dict[str, FloatArray]:
        lay, network = self._layout, problem.network
        low, high = np.full(lay.slacks.stop, -np.inf), np.full(lay.slacks.stop, np.inf)
        if network.source_is_ideal:
            fixed = network.source_current[self._held] * problem.setting.source_pu
            for t in range(lay.steps):
                place = 2 * lay.nodes * t + self._held
                low[place] = high[place] = fixed.real
                low[place + lay.nodes] = high[place + lay.nodes] = fixed.imag
        low[lay.u], high[lay.u] = decisions.lower, decisions.upper
        low[lay.slacks], high[lay.slacks] = 0.0, np.inf if is_elastic else 0.0
        none, balance = np.full(lay.points, np.inf), np.zeros(2 * lay.balanced)
        step_low = np.concatenate([balance, problem.v_min_pu**2, -none, np.full(lay.rows, -np.inf)])
        step_high = np.concatenate([balance, none, problem.v_max_pu**2, np.ones(lay.rows)])
        no_limit = np.full(len(decisions.circle_pu), -np.inf)
        return {
            "lbx": low,
            "ubx": high,
            "lbg": np.concatenate([np.tile(step_low, lay.steps), no_limit, decisions.row_lower]),
            "ubg": np.concatenate([np.tile(step_high, lay.steps), decisions.circle_pu**2, decisions.row_upper]),
        }

    def _parameters(self, problem: Problem, decisions: Decisions, is_elastic: bool) -> FloatArray:
        source = np.full((problem.n_steps, 1), problem.setting.source_pu)
        price = problem.hours * problem.price[:, None]
        per_step = np.hstack([problem.load_kw / S_BASE_KVA, problem.load_kvar / S_BASE_KVA, source, price])
        weights = (0.0, 1.0) if is_elastic else (1.0, 0.0)
        scale = 1 / problem.flows.limit_pu(problem.network) ** 2
        return np.concatenate([per_step.ravel(), decisions.linear, decisions.square, weights, scale])

    def _first_guess(self, problem: Problem, decisions: Decisions) -> FloatArray:
        """The AC power flow with every DER nearest to idle; at no load where it has no answer."""
        lay, x = self._layout, np.zeros(self._layout.slacks.stop)
        x[lay.u] = u = nearest_to_idle(decisions)
        v = replay_decisions(problem, decisions, u).solution.v_pu
        if np.isnan(v).any():
            idle = np.zeros(decisions.p.shape)
            v = replay(problem, idle, idle, np.zeros(problem.load_kw.shape)).solution.v_pu
        x[lay.voltages] = np.hstack([v.real, v.imag]).ravel()
        return x

    def _answer(self, problem: Problem, decisions: Decisions, result: dict[str, Any]) -> Answer:
        lay = self._layout
        rectangular = result["x"][lay.voltages].reshape(lay.steps, 2, lay.nodes)
        v = rectangular[:, 0] + 1j * rectangular[:, 1]
        return Answer(
            method="nlp",
            status=result["status"],
            problem=problem,
            u=result["x"][lay.u],
            decisions=decisions,
            objective=float(result["f"][0]),
            duals=self._duals(problem, v, result["lam_g"]),
            vm_pu=problem.points.magnitude_pu(v),
            start=Start(result["x"], result["lam_x"], result["lam_g"]),
            iterations=result["iterations"],
            solve_s=result["solve_s"],
            v_pu=v,
        )

    def _duals(self, problem: Problem, v: ComplexArray, multipliers: FloatArray) -> Duals:
        """Multipliers of squares turned into those of magnitudes; of current balances into prices of power."""
        lay = self._layout
        by_step = multipliers[: lay.steps * lay.per_step].reshape(lay.steps, lay.per_step)
        bounds = np.cumsum([lay.balanced, lay.balanced, lay.points, lay.points])
        by_re, by_im, low, high, flow = np.split(by_step, bounds, axis=1)
        kw, kvar = (np.full((lay.steps, lay.nodes), np.nan) for _ in range(2))
        here, of_node = v[:, self._balanced], (self._rows.T @ (by_re + 1j * by_im).T).T
        with np.errstate(invalid="ignore", divide="ignore"):
            per_kwh = of_node * np.conj(1 / np.conj(here)) / (S_BASE_KVA * problem.hours)
        kw[:, self._balanced], kvar[:, self._balanced] = per_kwh.real, -per_kwh.imag
        kw[:, self._held], kvar[:, self._held] = problem.price[:, None], 0.0
        size, limit = problem.points.magnitude_pu(v), problem.flows.limit
        return Duals(voltage=(low + high) * 2 * size, flow=flow * 2 / limit, node_kw=kw, node_kvar=kvar)


def solve_nlp(problem: Problem) -> Answer:
    """Build and solve once; for many problems of one structure keep an `NlpModel`."""
    return NlpModel(problem).solve()


def _product(casadi: Any, matrix: sparse.csr_array, e: Any, f: Any) -> tuple[Any, Any]:
    """Real and imaginary part of a complex matrix times e + j f."""
    re, im = (casadi.DM(sparse.csc_matrix(part)) for part in (matrix.real, matrix.imag))
    return re @ e - im @ f, re @ f + im @ e


def _device_currents(casadi: Any, devices: Any, n_nodes: int, e: Any, f: Any, p: Any, q: Any) -> tuple[Any, Any]:
    """Current that all devices take from each node [pu], ZIP as in `network.devices`."""
    re, im = [0] * n_nodes, [0] * n_nodes
    for k in range(len(devices.device)):
        plus, minus, d = int(devices.plus[k]), int(devices.minus[k]), int(devices.device[k])
        de, df = (e[plus], f[plus]) if minus == GROUND else (e[plus] - e[minus], f[plus] - f[minus])
        square = de * de + df * df
        asked_p = p[d] * float(devices.share[k]) * _zip_factor(casadi, devices.zip_p[k], square, devices.per_rated[k])
        asked_q = q[d] * float(devices.share[k]) * _zip_factor(casadi, devices.zip_q[k], square, devices.per_rated[k])
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


def _squared_voltages(casadi: Any, problem: Problem, e: Any, f: Any) -> Any:
    """|v|^2 at the points [pu]."""
    across = casadi.DM(sparse.csc_matrix(problem.points.across(problem.network.n_nodes)))
    return (across @ e) ** 2 + (across @ f) ** 2


def _squared_flows(casadi: Any, problem: Problem, e: Any, f: Any) -> Any:
    """Squared current or power of every row of branch limits [pu]."""
    flows, network = problem.flows, problem.network
    if not len(flows):
        return casadi.SX(0, 1)
    current_re, current_im = _product(casadi, network.terminal_admittance(problem.setting.state), e, f)
    node = network.terminals.node.tolist()
    at_e, at_f = e[node], f[node]
    power_p, power_q = at_e * current_re + at_f * current_im, at_f * current_re - at_e * current_im
    gather = casadi.DM(sparse.csc_matrix(flows.gather))
    of_current = (gather @ current_re) ** 2 + (gather @ current_im) ** 2
    of_power = (gather @ power_p) ** 2 + (gather @ power_q) ** 2
    is_current = casadi.DM(flows.is_current.astype(float))
    return is_current * of_current + (1 - is_current) * of_power


def _casadi() -> Any:
    try:
        import casadi
    except ImportError:
        raise MissingExtraError("casadi", "opf", "The AC optimum") from None
    return casadi
