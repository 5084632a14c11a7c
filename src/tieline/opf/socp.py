"""Branch flow relaxation: optimal power flow of a radial single-phase equivalent as a second-order cone program (Clarabel).

With v = |V|^2, l = |I|^2 and P, Q at the sending end of the impedance r + jx between ideal ratios t_i and t_j,

    P_ij - r l = sum of P_jk + p_j + g_j v_j,            Q_ij - x l = sum of Q_jk + q_j - b_j v_j
    v_j / t_j^2 = v_i / t_i^2 - 2 (r P + x Q) + (r^2 + x^2) l
    l v_i / t_i^2 >= P^2 + Q^2                            (the cone; the power flow has "=")

Where the cone is tight the answer is the global optimum of the AC problem. `relaxation_gap_kw` says by how much it is not: loss
that a branch of the model has and one of the feeder would not. Approximated: constant-current loads (|V| as (1 + |V|^2) / 2),
flexible loads at rated voltage, the charging current of lines in current limits.

Sources: M. Farivar, S. H. Low, "Branch flow model: relaxations and convexification", parts I and II, IEEE Trans. Power Systems
28(3), 2013; P. Goulart, Y. Chen, "Clarabel: an interior-point solver for conic programs with quadratic objectives", 2024.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order

from tieline.errors import InputError, MissingExtraError
from tieline.linear.equivalent import Equivalent, make_equivalent
from tieline.linear.setting import feeder_as_set
from tieline.network.topology import tree_from_source
from tieline.opf.answer import Answer, Duals
from tieline.opf.decisions import make_decisions
from tieline.opf.infeasible import InfeasibleError, NoOptimumError, relaxations_of
from tieline.opf.problem import Problem
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

TOLERANCE = 1e-10
"""Feasibility and gap at which Clarabel stops: two digits finer than its default, since prices are held against AC."""

SOLVED = ("Solved", "AlmostSolved")

SOURCE_ROUNDS = 10
"""At most so many solves to find the flow behind the source's impedance: each gains three digits, since its loss is small."""

SOURCE_TOLERANCE_PU = 1e-7
"""Change of that flow at which it is found: the solver's own accuracy."""

LOSS_WEIGHT = 1e-3
"""Weight of losses beside the slacks of an elastic solve: keeps the cones tight, hardly moves the relaxations."""


Cone = Literal["zero", "nonnegative", "second order"]


@dataclass(frozen=True, eq=False)
class _Tree:
    """Closed branches, oriented away from the source, (branch,): sending and receiving node, and the ratios there."""

    branch: IntArray
    start: IntArray
    end: IntArray
    z_pu: ComplexArray
    ratio_start: FloatArray
    ratio_end: FloatArray
    is_turned: BoolArray


@dataclass(frozen=True, eq=False)
class _Block:
    """Rows of one kind: matrix x + s = right with s in a cone; `size` is that of each cone of second order."""

    matrix: sparse.csr_array
    right: FloatArray
    cone: Cone
    name: str = ""
    size: int = 1


class _Space:
    """Columns of x: P, Q, l by branch and v by node for each step, then u, then slacks."""

    def __init__(self, steps: int, branches: int, nodes: int, decisions: int, slacks: int):
        width = 3 * branches + nodes
        first = np.arange(steps)[:, None] * width
        self.p = first + np.arange(branches)
        self.q = self.p + branches
        self.l = self.p + 2 * branches
        self.v = first + 3 * branches + np.arange(nodes)
        self.u = steps * width
        self.slack = self.u + decisions
        self.count = self.slack + slacks


def solve_socp(problem: Problem) -> Answer:
    """Optimum of the relaxation.

    Raises:
        InputError: if the feeder has phases, is meshed, or has branches side by side.
        InfeasibleError: if no set-points keep the limits; it holds the smallest relaxation of them.
        NoOptimumError: if Clarabel gave up.
    """
    program = _Program(problem)
    result = program.run(is_elastic=False)
    for _ in range(SOURCE_ROUNDS):
        if str(result.status) not in SOLVED or not program.move_source(result):
            break
        result = program.run(is_elastic=False)
    if str(result.status) in SOLVED:
        return program.answer(result)
    elastic = program.run(is_elastic=True)
    if str(elastic.status) not in SOLVED:
        raise InfeasibleError(problem, "branch flow relaxation", ())
    relaxations = program.relaxations(elastic)
    if relaxations:
        raise InfeasibleError(problem, "branch flow relaxation", relaxations)
    raise NoOptimumError(
        f"Clarabel ended with '{result.status}' on feeder '{problem.network.feeder.name}', although its limits can be kept. "
        "Scale the costs to ordinary numbers, or loosen limits that only just hold."
    )


class _Program:
    """Matrices of one problem."""

    def __init__(self, problem: Problem):
        self.problem = problem
        if not problem.network.feeder.single_phase_equivalent:
            raise InputError(
                f"The branch flow relaxation is for single-phase equivalents; feeder '{problem.network.feeder.name}' has phases. "
                "Use the NLP or the LP."
            )
        tree_from_source(feeder_as_set(problem.network, problem.setting), must_be_radial=True)
        self.equivalent = make_equivalent(problem.network, problem.setting, "branch flow")
        self.tree = _orient(problem, self.equivalent)
        self.decisions = make_decisions(problem)
        self.blocks: list[_Block] = []
        self.source_flow = np.zeros((2, problem.n_steps))

    def run(self, is_elastic: bool) -> Any:
        """Build the program and call Clarabel."""
        clarabel = _clarabel()
        problem, decisions = self.problem, self.decisions
        points, rows = len(problem.points.names), len(problem.flows)
        self.space = _Space(
            problem.n_steps,
            len(self.tree.branch),
            self.equivalent.n_nodes,
            decisions.count,
            problem.n_steps * (2 * points + rows) if is_elastic else 0,
        )
        self.slack = self.space.slack + np.arange(problem.n_steps * (2 * points + rows)).reshape(problem.n_steps, -1)
        self.is_elastic = is_elastic
        self.blocks = [block for block in self._all_blocks() if len(block.right)]
        square, linear = self._objective()
        cones = [cone for block in self.blocks for cone in _cones(clarabel, block)]
        matrix = sparse.csc_matrix(sparse.vstack([block.matrix for block in self.blocks]))
        right = np.concatenate([block.right for block in self.blocks])
        settings = clarabel.DefaultSettings()
        settings.verbose = False
        settings.tol_feas = settings.tol_gap_abs = settings.tol_gap_rel = TOLERANCE
        settings.max_threads = 1
        solver = clarabel.DefaultSolver(sparse.csc_matrix(sparse.diags(2 * square)), linear, matrix, right, cones, settings)
        began = time.perf_counter()
        result = solver.solve()
        self.solve_s = time.perf_counter() - began
        return result

    def _all_blocks(self) -> Iterator[_Block]:
        yield from self._network()
        yield from self._couplings()
        yield from self._voltage_limits()
        yield from self._current_limits()
        yield from self._power_limits()
        yield self._branch_cones()
        yield self._circles()
        if self.is_elastic:
            every = self.slack.ravel()
            yield _Block(self._rows([(every, -1.0)]), np.zeros(len(every)), "nonnegative")

    def _rows(self, terms: list[tuple[IntArray, Any]]) -> sparse.csr_array:
        """Rows that add up columns times weights; every term gives one column (and weight) per row."""
        height = terms[0][0].size
        columns = np.concatenate([column.ravel() for column, _ in terms])
        values = np.concatenate([np.broadcast_to(weight, column.shape).ravel() for column, weight in terms])
        rows = np.tile(np.arange(height), len(terms))
        return sparse.coo_array((values.astype(float), (rows, columns)), shape=(height, self.space.count)).tocsr()

    def _on_u(self, matrix: sparse.csr_array) -> sparse.csr_array:
        """A matrix on u as one on x."""
        shape = (len(matrix.indptr) - 1, self.space.count)
        return sparse.csr_array((matrix.data, matrix.indices + self.space.u, matrix.indptr), shape=shape)

    def _network(self) -> Iterator[_Block]:
        """Balances of P and Q at every node but the slack, voltage drops, the slack's voltage."""
        problem, eq, tree, space = self.problem, self.equivalent, self.tree, self.space
        r, x = tree.z_pu.real, tree.z_pu.imag
        self.free = np.setdiff1d(np.arange(eq.n_nodes), [eq.slack])
        for flow, impedance, take in ((space.p, r, self._taken(is_active=True)), (space.q, x, self._taken(is_active=False))):
            matrix, constant = take
            balance = self._balance(flow, impedance) - matrix
            keep = (np.arange(problem.n_steps)[:, None] * eq.n_nodes + self.free).ravel()
            name = "p" if flow is space.p else "q"
            yield _Block(sparse.csr_array(balance[keep]), constant[keep], "zero", name)
        drop = [
            (space.v[:, tree.start], 1 / tree.ratio_start**2),
            (space.p, -2 * r),
            (space.q, -2 * x),
            (space.l, np.abs(tree.z_pu) ** 2),
            (space.v[:, tree.end], -1 / tree.ratio_end**2),
        ]
        yield _Block(self._rows(drop), np.zeros(space.p.size), "zero")
        slack = space.v[:, eq.slack]
        yield _Block(self._rows([(slack, 1.0)]), np.full(len(slack), eq.slack_pu**2), "zero")

    def _balance(self, flow: IntArray, impedance: FloatArray) -> sparse.csr_array:
        """What branches bring to each node less what they take away, (step x node, column)."""
        tree, nodes = self.tree, self.equivalent.n_nodes
        first = np.arange(len(flow))[:, None] * nodes
        parts = [(first + tree.end, flow, 1.0), (first + tree.end, self.space.l, -impedance), (first + tree.start, flow, -1.0)]
        rows, columns, values = (
            np.concatenate([np.broadcast_to(part[k], flow.shape).ravel() for part in parts]) for k in range(3)
        )
        return sparse.coo_array((values, (rows, columns)), shape=(len(flow) * nodes, self.space.count)).tocsr()

    def _taken(self, is_active: bool) -> tuple[sparse.csr_array, FloatArray]:
        """Power taken at each node, matrix x + constant, (step x node) [pu]: devices and shunts."""
        problem, eq, devices = self.problem, self.equivalent, self.problem.network.devices
        maps = self.decisions.device_maps(problem)
        matrix, constant = maps[:2] if is_active else maps[2:]
        shares = devices.zip_p if is_active else devices.zip_q
        impedance, current, power = shares.T
        rated = np.append(problem.is_flexible, np.zeros(problem.n_ders, dtype=bool))[devices.device]
        fixed = devices.share * np.where(rated, 1.0, power + current / 2)
        by_v = devices.share * np.where(rated, 0.0, (impedance + current / 2) * devices.per_rated**2)
        width = len(devices.p_kw)
        gather, gather_v = (
            sparse.coo_array((weight, (devices.plus, devices.device)), shape=(eq.n_nodes, width)).tocsr()
            for weight in (fixed, by_v)
        )
        every = sparse.eye_array(problem.n_steps)
        of_u = sparse.csr_array(sparse.kron(every, gather) @ matrix)
        admittance = eq.shunt_pu.real if is_active else -eq.shunt_pu.imag
        per_v = (gather_v @ constant.reshape(problem.n_steps, width).T).T + admittance
        rows = np.arange(per_v.size)
        shape = (per_v.size, self.space.count)
        of_v = sparse.coo_array((per_v.ravel(), (rows, self.space.v.ravel())), shape=shape).tocsr()
        return self._on_u(of_u) + of_v, sparse.kron(every, gather) @ constant

    def _couplings(self) -> Iterator[_Block]:
        """Bounds and linear constraints of the decisions."""
        d = self.decisions
        matrix = sparse.csr_array(sparse.vstack([d.matrix, sparse.eye_array(d.count)]))
        low, high = np.concatenate([d.row_lower, d.lower]), np.concatenate([d.row_upper, d.upper])
        is_fixed = low == high
        yield _Block(self._on_u(sparse.csr_array(matrix[is_fixed])), low[is_fixed], "zero")
        for sign, limit in ((1.0, high), (-1.0, -low)):
            some = ~is_fixed & np.isfinite(limit)
            yield _Block(self._on_u(sparse.csr_array(sign * matrix[some])), limit[some], "nonnegative")

    def _voltage_limits(self) -> Iterator[_Block]:
        problem, points = self.problem, self.problem.points
        v, count = self.space.v[:, points.plus], len(points.names)
        limits = (("low", -1.0, -(problem.v_min_pu**2)), ("high", 1.0, problem.v_max_pu**2))
        for k, (name, sign, limit) in enumerate(limits):
            terms = [(v, sign)]
            if self.is_elastic:
                terms.append((self.slack[:, k * count : (k + 1) * count], -1.0))
            yield _Block(self._rows(terms), np.tile(limit, problem.n_steps), "nonnegative", name)

    def _flow_rows(self, is_current: bool) -> tuple[IntArray, IntArray]:
        """Rows of branch limits and the tree branch of each; a series current is the same at both ends: one row will do."""
        flows = self.problem.flows
        position = np.full(len(self.equivalent.names), -1)
        position[self.tree.branch] = np.arange(len(self.tree.branch))
        carries = position[flows.element] >= 0 if len(flows) else np.empty(0, dtype=bool)
        rows = np.flatnonzero((flows.is_current == is_current) & carries & (~flows.is_current | (flows.side == 1)))
        return rows, position[flows.element[rows]]

    def _current_limits(self) -> Iterator[_Block]:
        """l <= (limit x ratio)^2, relative to the limit."""
        rows, branch = self._flow_rows(is_current=True)
        if not len(rows):
            return
        tree = self.tree
        ratio = np.where(tree.is_turned, tree.ratio_end, tree.ratio_start)[branch]
        limit = (self.problem.flows.limit_pu(self.problem.network)[rows] * ratio) ** 2
        terms: list[tuple[IntArray, Any]] = [(self.space.l[:, branch], 1 / limit)]
        if self.is_elastic:
            terms.append((self.slack[:, 2 * len(self.problem.points.names) + rows], -1.0))
        matrix = self._rows(terms)
        yield _Block(matrix, np.ones(limit.size * self.problem.n_steps), "nonnegative", "current")

    def _power_limits(self) -> Iterator[_Block]:
        """|P + jQ| <= limit at either end, relative to the limit."""
        rows, branch = self._flow_rows(is_current=False)
        if not len(rows):
            return
        tree, flows, space = self.tree, self.problem.flows, self.space
        limit = flows.limit_pu(self.problem.network)[rows]
        receives = (flows.side[rows] == 1) == tree.is_turned[branch]
        r, x = (np.where(receives, part[branch], 0.0) for part in (tree.z_pu.real, tree.z_pu.imag))
        nothing = np.zeros(space.p[:, branch].shape)
        head: list[tuple[IntArray, Any]] = [(space.p[:, branch], nothing)]
        if self.is_elastic:
            head.append((self.slack[:, 2 * len(self.problem.points.names) + rows], -1.0))
        parts = [
            self._rows(head),
            self._rows([(space.p[:, branch], -1 / limit), (space.l[:, branch], r / limit)]),
            self._rows([(space.q[:, branch], -1 / limit), (space.l[:, branch], x / limit)]),
        ]
        yield _interleave(parts, [np.ones(nothing.size), nothing.ravel(), nothing.ravel()], "power")

    def _branch_cones(self) -> _Block:
        """|(2P, 2Q, l - v)| <= l + v with v at the sending end of the impedance."""
        tree, space = self.tree, self.space
        v, weight = space.v[:, tree.start], 1 / tree.ratio_start**2
        parts = [
            self._rows([(space.l, -1.0), (v, -weight)]),
            self._rows([(space.p, -2.0)]),
            self._rows([(space.q, -2.0)]),
            self._rows([(space.l, -1.0), (v, weight)]),
        ]
        return _interleave(parts, [np.zeros(space.p.size)] * 4)

    def _circles(self) -> _Block:
        """P^2 + Q^2 <= S^2 of every DER."""
        d = self.decisions
        p, q = d.circle[:, 0] + self.space.u, d.circle[:, 1] + self.space.u
        nothing = np.zeros(len(p))
        parts = [self._rows([(p, nothing)]), self._rows([(p, -1.0)]), self._rows([(q, -1.0)])]
        return _interleave(parts, [d.circle_pu, nothing, nothing])

    def _objective(self) -> tuple[FloatArray, FloatArray]:
        """Squares and linear weights of all columns; the constant cost of load at the slack bus is added in `answer`."""
        problem, space, d = self.problem, self.space, self.decisions
        square, linear = np.zeros(space.count), np.zeros(space.count)
        if self.is_elastic:
            linear[space.slack :] = 1.0
            linear[space.l] = LOSS_WEIGHT * self.tree.z_pu.real
            return square, linear
        price = problem.hours * S_BASE_KVA * problem.price
        bought, _ = self._bought()
        linear += np.asarray(bought.T @ price).ravel()
        if self.source_branch is not None:
            own = self.source_branch
            r, v = self.tree.z_pu.real[own], self.equivalent.slack_pu**2
            linear[space.l[:, own]] += price * r
            linear[space.p[:, own]] -= price * r * 2 * self.source_flow[0] / v
            linear[space.q[:, own]] -= price * r * 2 * self.source_flow[1] / v
        linear[space.u : space.u + d.count] += d.linear
        square[space.u : space.u + d.count] = d.square
        return square, linear

    def _bought(self) -> tuple[sparse.csr_array, FloatArray]:
        """Power delivered at the source bus, matrix x + constant, (step) [pu]."""
        eq, tree, steps, own = self.equivalent, self.tree, self.problem.n_steps, self.source_branch
        balance, (matrix, constant) = self._balance(self.space.p, tree.z_pu.real), self._taken(is_active=True)
        if own is None:
            rows = np.arange(steps) * eq.n_nodes + eq.slack
            return sparse.csr_array(matrix[rows] - balance[rows]), constant[rows]
        terms = [(self.space.p[:, own], 1.0), (self.space.l[:, own], -tree.z_pu.real[own])]
        return self._rows(terms), np.zeros(steps)

    @property
    def source_branch(self) -> int | None:
        """Position of the branch that is the source's impedance, if it has one."""
        slack = self.equivalent.slack
        return None if slack < self.problem.network.n_nodes else int(np.flatnonzero(self.tree.start == slack)[0])

    def move_source(self, result: Any) -> bool:
        """Take over the flow behind the source's impedance; False if it rests.

        Energy is paid for at the source's bus, so the loss before it is free and its cone would not be tight. It is paid for in
        the program, and given back to first order around this flow: at rest that is the true cost and its derivative.
        """
        own = self.source_branch
        if own is None:
            return False
        x, before = np.asarray(result.x), self.source_flow
        self.source_flow = np.stack([x[self.space.p[:, own]], x[self.space.q[:, own]]])
        return bool(np.abs(self.source_flow - before).max() > SOURCE_TOLERANCE_PU)

    def relaxations(self, result: Any) -> tuple:
        """Named slacks of an elastic solve."""
        x, points = np.asarray(result.x), len(self.problem.points.names)
        below, above, flow = np.split(np.maximum(x[self.slack], 0.0), [points, 2 * points], axis=1)
        of_power = ~self.problem.flows.is_current
        flow[:, of_power] = (1 + flow[:, of_power]) ** 2 - 1
        return relaxations_of(self.problem, below, above, flow)

    def answer(self, result: Any) -> Answer:
        """Read the solver's result."""
        problem, space, d = self.problem, self.space, self.decisions
        x = np.asarray(result.x)
        bought, constant = self._bought()
        source = np.asarray(bought @ x) + constant
        u = x[space.u : space.u + d.count]
        objective = problem.hours * S_BASE_KVA * float(problem.price @ source) + float(d.linear @ u + d.square @ u**2)
        v, current = x[space.v], x[space.l]
        sending = v[:, self.tree.start] / self.tree.ratio_start**2
        flow = x[space.p] ** 2 + x[space.q] ** 2
        gap_kw = self.tree.z_pu.real * (current - flow / sending) * S_BASE_KVA
        return Answer(
            method="socp",
            status=str(result.status),
            problem=problem,
            u=u,
            decisions=d,
            objective=objective,
            duals=self._duals(np.asarray(result.z), v),
            vm_pu=np.sqrt(v[:, problem.points.plus]) * problem.points.scale,
            start=None,
            iterations=result.iterations,
            solve_s=self.solve_s,
            relaxation_gap_kw=gap_kw,
            gap_names=tuple(self.equivalent.names[k] for k in self.tree.branch),
            approximations=_approximations(problem),
        )

    def _duals(self, z: FloatArray, v: FloatArray) -> Duals:
        """Duals of the rows in the order of `_all_blocks`; with A x + s = b, one unit more of b is worth -z."""
        problem, steps = self.problem, self.problem.n_steps
        pieces = np.split(z, np.cumsum([len(block.right) for block in self.blocks])[:-1])
        of = {block.name: piece.reshape(steps, -1) for block, piece in zip(self.blocks, pieces, strict=True) if block.name}
        nodes, scale = problem.network.n_nodes, S_BASE_KVA * problem.hours
        kw, kvar = np.zeros((steps, self.equivalent.n_nodes)), np.zeros((steps, self.equivalent.n_nodes))
        kw[:, self.free], kvar[:, self.free] = -of["p"] / scale, -of["q"] / scale
        kw[:, self.equivalent.slack] = problem.price
        flow, limit = np.zeros((steps, len(problem.flows))), problem.flows.limit
        if "current" in of:
            rows, _ = self._flow_rows(is_current=True)
            flow[:, rows] = of["current"] * 2 / limit[rows]
        if "power" in of:
            rows, _ = self._flow_rows(is_current=False)
            flow[:, rows] = of["power"].reshape(steps, -1, 3)[:, :, 0] / limit[rows]
        size = np.sqrt(v[:, problem.points.plus])
        return Duals(voltage=(of["high"] - of["low"]) * 2 * size, flow=flow, node_kw=kw[:, :nodes], node_kvar=kvar[:, :nodes])


def _interleave(parts: list[sparse.csr_array], right: list[FloatArray], name: str = "") -> _Block:
    """Rows of cones: row k of every part makes up cone k."""
    size, height = len(parts), len(parts[0].indptr) - 1
    order = np.arange(size * height).reshape(size, height).T.ravel()
    stacked = sparse.csr_array(sparse.vstack(parts))
    return _Block(sparse.csr_array(stacked[order]), np.concatenate(right)[order], "second order", name, size)


def _cones(clarabel: Any, block: _Block) -> list[Any]:
    """The cones of a block in Clarabel's words."""
    height = len(block.right)
    if block.cone == "second order":
        return [clarabel.SecondOrderConeT(block.size)] * (height // block.size)
    return [clarabel.ZeroConeT(height) if block.cone == "zero" else clarabel.NonnegativeConeT(height)]


def _orient(problem: Problem, equivalent: Equivalent) -> _Tree:
    """Closed branches away from the slack, parents first."""
    closed = np.flatnonzero(equivalent.closed)
    if len(closed) != equivalent.n_nodes - 1:
        raise InputError(
            f"Feeder '{problem.network.feeder.name}' has {len(closed)} closed branches between {equivalent.n_nodes} buses; the "
            f"branch flow relaxation needs {equivalent.n_nodes - 1}, one path to each bus. Merge branches that lie side by side."
        )
    ends = np.stack([equivalent.start[closed], equivalent.end[closed]])
    graph = sparse.coo_array((closed + 1, tuple(ends)), shape=(equivalent.n_nodes,) * 2).tocsr()
    graph = graph + graph.T
    order, parent = breadth_first_order(graph, equivalent.slack, directed=False)
    end = order[1:].astype(np.int64)
    start = parent[end].astype(np.int64)
    branch = np.asarray(graph[start, end]).ravel().astype(np.int64) - 1
    is_turned = equivalent.start[branch] != start
    ratios = equivalent.ratio_start[branch], equivalent.ratio_end[branch]
    return _Tree(
        branch=branch,
        start=start,
        end=end,
        z_pu=equivalent.z_pu[branch],
        ratio_start=np.where(is_turned, ratios[1], ratios[0]),
        ratio_end=np.where(is_turned, ratios[0], ratios[1]),
        is_turned=is_turned,
    )


def _approximations(problem: Problem) -> tuple[str, ...]:
    """What the relaxation changed about the loads of this feeder, in words."""
    devices = problem.network.devices
    shares = np.abs(devices.zip_p) + np.abs(devices.zip_q)
    flexible = np.append(problem.is_flexible, np.zeros(problem.n_ders, dtype=bool))[devices.device]
    said = []
    if (shares[:, 1] > 0)[~flexible].any():
        said.append("constant-current loads: |V| taken as (1 + |V|^2) / 2")
    if (shares[:, :2] > 0)[flexible].any():
        said.append("flexible loads that depend on voltage: taken at rated voltage")
    return tuple(said)


def _clarabel() -> Any:
    try:
        import clarabel
    except ImportError:
        raise MissingExtraError("clarabel", "opf", "The branch flow relaxation") from None
    return clarabel
