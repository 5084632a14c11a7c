"""Linear program: voltages by a linear model (LinDistFlow or LPF), purchase, flows and circles by cutting planes; HiGHS.

The variables are the decisions u and, per step, the power bought s. Everything else is convex in u, or close to it, and enters by
linear cuts where it is broken:

    voltage        the linear model's row, moved so that it meets AC at the last set-points
    bought         s >= s_AC(u_k) + grad s_AC (u - u_k): loss linearisation at each round's AC solution
    branch limit   F_AC(u_k) + grad F_AC (u - u_k) <= limit
    circle, c P^2  tangents

A round solves the LP, replays it on AC and adds cuts; rounds end when the cost foreseen and the cost on AC agree and no limit is
broken by more than the tolerance, or after `ROUNDS`. HiGHS starts each from the basis of the last. Any feeder and any size: rows
that do not bind never enter. Prices below zero are refused: losses would be rewarded, which no cut can bound.

Sources: J. E. Kelley, "The cutting-plane method for solving convex programs", J. SIAM 8(4), 1960; Q. Huangfu, J. A. J. Hall,
"Parallelizing the dual revised simplex method", Math. Programming Computation 10, 2018 (HiGHS).
"""

from __future__ import annotations

import time
from typing import Any, Literal

import numpy as np

from tieline.errors import InputError, MissingExtraError
from tieline.linear import LinearModel, lindistflow, lpf
from tieline.opf.answer import Answer, Duals
from tieline.opf.decisions import Decisions, make_decisions
from tieline.opf.infeasible import InfeasibleError, NoOptimumError, relaxations_of
from tieline.opf.problem import Problem
from tieline.opf.replay import Replay, replay
from tieline.opf.source import bought_gradient
from tieline.powerflow.gradients import Gradient, adjoint
from tieline.typing import FloatArray, IntArray
from tieline.units import S_BASE_KVA

ROUNDS = 20
"""At most so many LPs: on the bundled feeders 4 to 10 do."""

COST_TOLERANCE = 1e-4
"""Relative difference between the cost foreseen and on AC at which rounds end."""

LIMIT_TOLERANCE = 1e-4
"""How far past a limit a cut is worth adding [pu, or relative to the limit]."""

ROW_SHARE = 1e-3
"""Part of the tolerance at which the linear model's own rows enter: they are exact in it."""

ROWS_AT_ONCE = 100
"""Voltage rows added together: neighbours say nearly the same, so that the worst usually settle the rest."""

TINY = 1e-9
"""Costs below this are nothing [money]."""

FIRST_TANGENTS = 16
"""Tangents around each circle before the first round; later ones touch where they are needed."""

Voltages = Literal["lindistflow", "lpf"]


def solve_lp(problem: Problem, voltages: Voltages = "lindistflow", rounds: int = ROUNDS) -> Answer:
    """Optimum of the linear program.

    Args:
        problem: what is asked.
        voltages: the linear model of voltages; `lpf` is for single-phase equivalents.
        rounds: at most so many; fewer answer sooner and leave more to the AC replay to find.

    Raises:
        InputError: if a price is below zero, or the model does not take the feeder (meshed for LinDistFlow, phases for LPF).
        InfeasibleError: if no set-points keep the limits; it holds the smallest relaxation of them.
        NoOptimumError: if HiGHS gave up.
    """
    if (problem.price < 0).any() or (problem.cost_square < 0).any():
        raise InputError(
            "The LP needs prices and quadratic costs of zero or more: use the NLP where energy has a price below zero."
        )
    return _CuttingPlanes(problem, voltages, is_elastic=False).run(rounds)


class _CuttingPlanes:
    """One LP that grows by cuts. Columns: u, bought by step [pu], quadratic cost by step [money], slacks by step and limit."""

    def __init__(self, problem: Problem, voltages: Voltages, is_elastic: bool):
        self.problem, self.is_elastic = problem, is_elastic
        self.voltages: Voltages = voltages
        self.decisions = make_decisions(problem)
        self.model = _linear_model(problem, voltages)
        self.map = _voltage_map(problem, self.model, self.decisions)
        self.points, self.rows = len(problem.points.names), len(problem.flows)
        self.bought = self.decisions.count + np.arange(problem.n_steps)
        self.curved = self.bought[-1] + 1 + np.arange(problem.n_steps)
        slacks = problem.n_steps * (2 * self.points + self.rows) if is_elastic else 0
        self.slack = self.curved[-1] + 1 + np.arange(slacks).reshape(problem.n_steps, -1)
        self.kinds: list[tuple[str, int, int, float]] = []
        self.solver, self.infinity = self._first_program()
        self.shift = np.zeros((problem.n_steps, self.points))
        self.voltage_rows: dict[tuple[str, int, int], int] = {}
        self.iterations, self.solve_s, self.x = 0, 0.0, np.empty(0)

    def run(self, rounds: int) -> Answer:
        """Rounds until LP and AC agree."""
        optimum = None
        for _ in range(rounds):
            optimum = self._solve()
            if optimum is None:
                self._move_to(self._nearest())
                continue
            u, foreseen = optimum
            here = _replayed(self.problem, self.decisions, u)
            self._require_converged(here)
            added = self._add_cuts(u, here)
            if not added and abs(foreseen - here.objective) <= COST_TOLERANCE * max(abs(here.objective), TINY):
                return self._answer(u, foreseen)
        if optimum is None:
            raise NoOptimumError(
                f"The LP of feeder '{self.problem.network.feeder.name}' found no set-points in {rounds} rounds, although limits "
                "can just be kept. Loosen those that only just hold, or use the NLP."
            )
        return self._answer(u, foreseen)

    def _nearest(self) -> _CuttingPlanes:
        """The elastic program, moved onto AC until its relaxation rests; raises if limits have to give."""
        elastic = _CuttingPlanes(self.problem, self.voltages, is_elastic=True)
        elastic._move_to(self)
        last = np.inf
        for _ in range(ROUNDS):
            optimum = elastic._solve()
            if optimum is None:
                raise InfeasibleError(self.problem, "linear program", ())
            u, total = optimum
            below, above, flow = np.split(elastic.x[elastic.slack], [self.points, 2 * self.points], axis=1)
            here = _replayed(self.problem, self.decisions, u)
            self._require_converged(here)
            elastic._add_cuts(u, here)
            if abs(total - last) <= LIMIT_TOLERANCE * COST_TOLERANCE + COST_TOLERANCE * total:
                break
            last = total
        relaxations = relaxations_of(self.problem, below, above, np.square(1 + flow) - 1)
        if relaxations:
            raise InfeasibleError(self.problem, "linear program", relaxations)
        return elastic

    def _require_converged(self, here: Replay) -> None:
        if not here.solution.converged.all():
            name = self.problem.network.feeder.name
            raise NoOptimumError(f"The LP's set-points have no AC solution on feeder '{name}': {here.solution.failures[0]}")

    def _first_program(self) -> tuple[Any, float]:
        """Bounds, couplings, cost and first tangents."""
        highs, d, problem = _highs(), self.decisions, self.problem
        solver = highs.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        inf = highs.kHighsInf
        n_free = 2 * problem.n_steps
        count = d.count + n_free + self.slack.size
        # Before the first cut nothing bounds the power bought: a feeder cannot export more than all DERs give.
        most = float(np.abs(problem.p_max_kw).sum() + np.abs(problem.load_kw).sum()) / S_BASE_KVA
        low = np.concatenate([d.lower, np.full(problem.n_steps, -most), np.zeros(problem.n_steps + self.slack.size)])
        high = np.concatenate([d.upper, np.full(n_free + self.slack.size, inf)])
        cost = np.zeros(count)
        if self.is_elastic:
            cost[self.slack.ravel()] = 1.0
        else:
            cost[: d.count] = d.linear
            cost[self.bought] = problem.hours * S_BASE_KVA * problem.price
            cost[self.curved] = 1.0
        solver.addVars(count, low, high)
        solver.changeColsCost(count, np.arange(count, dtype=np.int32), cost)
        for k in range(len(d.row_lower)):
            some = slice(d.matrix.indptr[k], d.matrix.indptr[k + 1])
            self._add(solver, "coupling", 0, k, d.row_lower[k], d.row_upper[k], d.matrix.indices[some], d.matrix.data[some])
        for k, radius in enumerate(d.circle_pu):
            for angle in np.arange(FIRST_TANGENTS) * 2 * np.pi / FIRST_TANGENTS:
                self._add(solver, "circle", 0, k, -inf, radius, d.circle[k], [np.cos(angle), np.sin(angle)])
        return solver, inf

    def _add(
        self,
        solver: Any,
        kind: str,
        step: int,
        what: int,
        low: float,
        high: float,
        columns: Any,
        values: Any,
        weight: float = 0.0,
    ) -> int:
        """One row; `weight` turns its dual into that of the limit."""
        index, value = np.asarray(columns, dtype=np.int32), np.asarray(values, dtype=float)
        solver.addRow(float(low), float(high), len(index), index, value)
        self.kinds.append((kind, step, what, weight))
        return len(self.kinds) - 1

    def _solve(self) -> tuple[FloatArray, float] | None:
        """Optimum of the present LP, with voltage rows added until the linear model keeps all limits; None if it has none."""
        while True:
            began = time.perf_counter()
            self.solver.run()
            self.solve_s += time.perf_counter() - began
            self.iterations += 1
            status = str(self.solver.getModelStatus()).rpartition(".")[2]
            if status in ("kInfeasible", "kUnboundedOrInfeasible"):
                return None
            if status != "kOptimal":
                name = self.problem.network.feeder.name
                raise NoOptimumError(f"HiGHS ended with '{status}' on feeder '{name}'. Scale the costs to ordinary numbers.")
            self.x = np.asarray(self.solver.getSolution().col_value)
            if not self._add_voltage_rows(self.x):
                return self.x[: self.decisions.count], float(self.solver.getInfo().objective_function_value)

    def _squared(self, u: FloatArray) -> FloatArray:
        """Voltages by the moved linear model, to its power, (step, point)."""
        constant, columns, values = self.map
        return constant + self.shift + np.einsum("tc,pc->tp", u[columns], values)

    def _add_voltage_rows(self, x: FloatArray) -> bool:
        """Rows for voltages that the linear model sees outside their limits."""
        constant, columns, values = self.map
        v = self._squared(x[: self.decisions.count])
        power, problem = self.model.voltage_power, self.problem
        added = False
        for name, sign, limit, first in (("low", -1.0, problem.v_min_pu, 0), ("high", 1.0, problem.v_max_pu, self.points)):
            slack = x[self.slack[:, first : first + self.points]] if self.is_elastic else 0.0
            excess = sign * (v - limit**power) - slack
            for t, k in _worst(excess, LIMIT_TOLERANCE * ROW_SHARE):
                if (name, t, k) in self.voltage_rows:
                    continue
                own = np.append(columns[t], self.slack[t, first + k]) if self.is_elastic else columns[t]
                weights = np.append(sign * values[k], -1.0) if self.is_elastic else sign * values[k]
                high = float(sign * (limit[k] ** power - constant[t, k] - self.shift[t, k]))
                weight = float(sign * power * limit[k] ** (power - 1))
                self.voltage_rows[name, t, k] = self._add(
                    self.solver, "voltage", t, k, -self.infinity, high, own, weights, weight
                )
                added = True
        return added

    def _add_cuts(self, u: FloatArray, here: Replay) -> bool:
        """Tangents at the AC solution; True if a limit was broken."""
        self._cut_purchase(u, here)
        self._cut_quadratic_cost(u)
        moved = self._meet_ac(u, here)
        return any([moved, self._cut_flows(u, here), self._cut_circles(u)])

    def _meet_ac(self, u: FloatArray, here: Replay) -> bool:
        """Move the voltage model onto the AC solution; True if a limit is broken there."""
        power, problem = self.model.voltage_power, self.problem
        self.shift = self.shift + here.vm_pu**power - self._squared(u)
        self._renew_bounds()
        low, high = problem.v_min_pu - LIMIT_TOLERANCE, problem.v_max_pu + LIMIT_TOLERANCE
        return bool(((here.vm_pu < low) | (here.vm_pu > high)).any())

    def _move_to(self, other: _CuttingPlanes) -> None:
        """Take over the place at which another program met AC."""
        self.shift = other.shift
        self._renew_bounds()

    def _renew_bounds(self) -> None:
        """Bounds of the voltage rows after a move."""
        power, problem, constant = self.model.voltage_power, self.problem, self.map[0]
        for (name, t, k), row in self.voltage_rows.items():
            sign, limit = (-1.0, problem.v_min_pu) if name == "low" else (1.0, problem.v_max_pu)
            high = sign * (limit[k] ** power - constant[t, k] - self.shift[t, k])
            self.solver.changeRowBounds(row, -self.infinity, float(high))

    def _cut_purchase(self, u: FloatArray, here: Replay) -> None:
        gradient = bought_gradient(here.solution, self.problem.setting.source_pu)
        columns, slope = _by_decisions(self.problem, self.decisions, gradient)
        for t in range(self.problem.n_steps):
            least = here.source_kw[t] / S_BASE_KVA - slope[t] @ u[columns[t]]
            own = np.append(columns[t], self.bought[t])
            self._add(self.solver, "purchase", t, 0, least, self.infinity, own, np.append(-slope[t], 1.0))

    def _cut_quadratic_cost(self, u: FloatArray) -> None:
        d = self.decisions
        for t in range(self.problem.n_steps):
            own = d.p[t][d.square[d.p[t]] > 0]
            if len(own):
                slope = 2 * d.square[own] * u[own]
                least = -float(d.square[own] @ u[own] ** 2)
                columns, values = np.append(own, self.curved[t]), np.append(-slope, 1.0)
                self._add(self.solver, "cost", t, 0, least, self.infinity, columns, values)

    def _cut_flows(self, u: FloatArray, here: Replay) -> bool:
        flows, problem = self.problem.flows, self.problem
        value = flows.values(here.solution)
        broken = np.argwhere(value > flows.limit * (1 + LIMIT_TOLERANCE))
        for k in np.unique(broken[:, 1]):
            weight = np.zeros(value.shape)
            weight[:, k] = 1.0
            gradient = adjoint(here.solution, flows.pull_back(here.solution, weight))
            columns, slope = _by_decisions(problem, self.decisions, gradient)
            for t in broken[broken[:, 1] == k, 0]:
                share = slope[t] * S_BASE_KVA / flows.limit[k]
                high = 1 - value[t, k] / flows.limit[k] + share @ u[columns[t]]
                own, values = columns[t], share
                if self.is_elastic:
                    own, values = np.append(own, self.slack[t, 2 * self.points + k]), np.append(share, -1.0)
                self._add(self.solver, "flow", t, k, -self.infinity, float(high), own, values, float(1 / flows.limit[k]))
        return bool(len(broken))

    def _cut_circles(self, u: FloatArray) -> bool:
        d = self.decisions
        size = np.hypot(u[d.circle[:, 0]], u[d.circle[:, 1]])
        broken = np.flatnonzero(size > d.circle_pu * (1 + LIMIT_TOLERANCE))
        for k in broken.tolist():
            self._add(self.solver, "circle", 0, k, -self.infinity, d.circle_pu[k], d.circle[k], u[d.circle[k]] / size[k])
        return bool(len(broken))

    def _answer(self, u: FloatArray, foreseen: float) -> Answer:
        problem, steps = self.problem, self.problem.n_steps
        dual = -np.asarray(self.solver.getSolution().row_dual)
        duals = {"voltage": np.zeros((steps, self.points)), "flow": np.zeros((steps, self.rows))}
        for value, (kind, t, k, weight) in zip(dual, self.kinds, strict=True):
            if kind in duals:
                duals[kind][t, k] += value * weight
        nothing = np.full((steps, problem.network.n_nodes), np.nan)
        return Answer(
            method="lp",
            status="kOptimal",
            problem=problem,
            u=_inside_circles(self.decisions, u),
            decisions=self.decisions,
            objective=foreseen,
            duals=Duals(duals["voltage"], duals["flow"], nothing, nothing.copy()),
            vm_pu=self._squared(u) ** (1 / self.model.voltage_power),
            start=None,
            iterations=self.iterations,
            solve_s=self.solve_s,
            approximations=(f"voltages by {self.model.name}, moved onto AC at the last round; losses and flows by tangents",),
        )


def _worst(excess: FloatArray, tolerance: float) -> list[tuple[int, int]]:
    """Steps and points whose limit is broken most, `ROWS_AT_ONCE` at most."""
    broken = np.argwhere(excess > tolerance)
    order = np.argsort(-excess[broken[:, 0], broken[:, 1]], kind="stable")[:ROWS_AT_ONCE]
    return [(int(t), int(k)) for t, k in broken[order]]


def _linear_model(problem: Problem, voltages: Voltages) -> LinearModel:
    network, state = problem.network, problem.setting.state
    steps = np.array([capacitor.steps for capacitor in network.feeder.capacitors], dtype=float)
    make = lindistflow if voltages == "lindistflow" else lpf
    return make(
        network,
        taps=problem.taps,
        line_closed=state[network.states.lines],
        capacitor_steps=state[network.states.capacitors] * steps,
        source_pu=problem.setting.source_pu,
    )


def _voltage_map(problem: Problem, model: LinearModel, decisions: Decisions) -> tuple[FloatArray, IntArray, FloatArray]:
    """Voltages (to the model's power) at the problem's points: constant (step, point), columns of u (step, column), and their
    weights (point, column). Flexible loads weigh by the demand of the first step; the move onto AC makes up for the rest.
    """
    position = {name: k for k, name in enumerate(model.points.names)}
    mine = np.array([position[name] for name in problem.points.names])
    demand = np.where(problem.is_flexible, 0.0, problem.load_kw), np.where(problem.is_flexible, 0.0, problem.load_kvar)
    idle = np.zeros((problem.n_steps, problem.n_ders))
    v = model.evaluate(load_kw=demand[0], load_kvar=demand[1], der_kw=idle, der_kvar=idle).vm_pu ** model.voltage_power
    by_kw, by_kvar = (model.sensitivity("voltage", name)[mine] * S_BASE_KVA for name in ("der_kw", "der_kvar"))
    parts = [by_kw, by_kvar]
    if len(decisions.flexible):
        of_kw, of_kvar = (model.sensitivity("voltage", name, decisions.flexible)[mine] for name in ("load_kw", "load_kvar"))
        parts.append(of_kw * problem.load_kw[0, decisions.flexible] + of_kvar * problem.load_kvar[0, decisions.flexible])
    return v[:, mine], np.hstack([decisions.p, decisions.q, decisions.share]), np.hstack(parts)


def _by_decisions(problem: Problem, decisions: Decisions, gradient: Gradient) -> tuple[IntArray, FloatArray]:
    """Columns of u that move a step, (step, column), and the derivative by them, per pu of u and in pu of the number."""
    demand = gradient.load_kw * problem.load_kw + gradient.load_kvar * problem.load_kvar
    slope = np.hstack([gradient.der_kw, gradient.der_kvar, demand[:, decisions.flexible] / S_BASE_KVA])
    return np.hstack([decisions.p, decisions.q, decisions.share]), slope


def _replayed(problem: Problem, decisions: Decisions, u: FloatArray) -> Replay:
    served = np.ones(problem.load_kw.shape)
    served[:, decisions.flexible] = u[decisions.share]
    return replay(problem, u[decisions.p] * S_BASE_KVA, u[decisions.q] * S_BASE_KVA, served)


def _inside_circles(decisions: Decisions, u: FloatArray) -> FloatArray:
    """Q drawn back where the last tangents leave a set-point just outside its circle."""
    inside, (p, q) = u.copy(), decisions.circle.T
    room = np.sqrt(np.maximum(decisions.circle_pu**2 - u[p] ** 2, 0.0))
    inside[q] = np.clip(u[q], -room, room)
    return inside


def _highs() -> Any:
    try:
        import highspy
    except ImportError:
        raise MissingExtraError("highspy", "opf", "The linear program") from None
    return highspy
