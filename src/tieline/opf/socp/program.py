"""`Program`: columns, rows and cost of the cone program, and the call of Clarabel."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from tieline.linear.affine import Affine
from tieline.linear.equivalent import Equivalent
from tieline.opf.decisions import Decisions, make_decisions
from tieline.opf.problem import Problem
from tieline.opf.socp.limit_rows import (
    circle_block,
    coupling_blocks,
    flow_blocks,
    slack_block,
    voltage_blocks,
)
from tieline.opf.socp.network_rows import NetworkRows, Taken
from tieline.opf.socp.reading import Found
from tieline.opf.socp.rows import Block, Space
from tieline.opf.socp.tree import Tree
from tieline.opf.solvers import import_solver
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA

TOLERANCE = 1e-10
"""Feasibility and gap at which Clarabel stops: two digits finer than its default, since prices are held against AC."""

SOLVED = ("Solved", "AlmostSolved")

SOURCE_ROUNDS = 10
"""Solves at most to find the flow behind the source's impedance: each gains three digits, since its loss is small."""

SOURCE_TOLERANCE_PU = 1e-7
"""Change of that flow at which it is found: the solver's own accuracy."""

LOSS_WEIGHT = 1e-3
"""Weight of losses beside the slacks of an elastic solve: keeps the cones tight, hardly moves the relaxations."""


@dataclass(frozen=True, eq=False)
class _SourceFlow:
    """P and Q behind the source's impedance around which its loss is given back, (step,) each [pu]."""

    p: FloatArray
    q: FloatArray


class Program:
    """Columns and network rows of one structure, with limits held or giving."""

    def __init__(self, problem: Problem, equivalent: Equivalent, tree: Tree, is_elastic: bool):
        self.equivalent = equivalent
        self.tree = tree
        self.is_elastic = is_elastic
        self.space = Space(
            steps=problem.n_steps,
            branches=len(tree.branch),
            nodes=equivalent.n_nodes,
            decisions=make_decisions(problem).count,
            points=len(problem.limits.points.names),
            rows=len(problem.limits.flows),
            is_elastic=is_elastic,
        )
        self.network = NetworkRows(self.space, equivalent, tree)

    def run(self, problem: Problem, decisions: Decisions) -> Found:
        """Solve; with a source behind an impedance again, until the flow through that rests.

        Energy is paid for at the source's bus, so the loss before it is free and its cone would not be tight. It is paid for in
        the program, and given back to first order around the flow of the solve before: at rest that is the true cost and its
        derivative.
        """
        nothing = np.zeros(problem.n_steps)
        around = _SourceFlow(nothing, nothing)
        taken = self.network.taken(problem, decisions)
        blocks = [block for block in self._blocks(problem, decisions, taken) if len(block.right)]
        bought = self._bought(taken.p)
        for _ in range(1 + SOURCE_ROUNDS):
            square, linear = self._objective(problem, decisions, bought.matrix, around)
            result, solve_s = _call_clarabel(blocks, square, linear)
            before = around
            around = self._source_flow(result)
            moved = max(np.abs(around.p - before.p).max(), np.abs(around.q - before.q).max())
            if str(result.status) not in SOLVED or moved <= SOURCE_TOLERANCE_PU:
                break
        return Found(result, solve_s, blocks, self.space, self.network, bought)

    def _blocks(self, problem: Problem, decisions: Decisions, taken: Taken) -> Iterator[Block]:
        """All constraints of the branch flow model, by name."""
        space = self.space
        network = self.network
        slack_square = np.full(problem.n_steps, self.equivalent.slack_pu**2)
        yield network.balance_block("p", taken.p)
        yield network.balance_block("q", taken.q)
        yield Block(network.drops, np.zeros(space.p.size), "zero")
        yield Block(network.slack, slack_square, "zero")
        yield from coupling_blocks(space, decisions)
        yield from voltage_blocks(space, problem)
        yield from flow_blocks(space, problem, self.tree, len(self.equivalent.names))
        yield Block(network.cones, np.zeros(4 * space.p.size), "second order", size=4)
        yield circle_block(space, decisions)
        if self.is_elastic:
            yield slack_block(space)

    def _bought(self, taken_p: Affine) -> Affine:
        """Power delivered at the source bus, (step,) [pu]."""
        tree = self.tree
        steps = len(self.space.p)
        space = self.space
        if tree.source is None:
            rows = np.arange(steps) * self.equivalent.n_nodes + self.equivalent.slack
            matrix = taken_p.matrix[rows] - self.network.brought_p[rows]
            return Affine(sparse.csr_array(matrix), taken_p.constant[rows])
        through = space.p[:, tree.source]
        loss = space.l[:, tree.source]
        matrix = space.rows([(through, 1.0), (loss, -tree.z_pu.real[tree.source])])
        return Affine(matrix, np.zeros(steps))

    def _objective(
        self, problem: Problem, decisions: Decisions, bought: sparse.csr_array, around: _SourceFlow
    ) -> tuple[FloatArray, FloatArray]:
        """Squares and linear weights of all columns; the constant cost of load at the slack bus is added in the answer."""
        space = self.space
        tree = self.tree
        square = np.zeros(space.count)
        linear = np.zeros(space.count)
        if self.is_elastic:
            linear[space.slack] = 1.0
            linear[space.l] = LOSS_WEIGHT * tree.z_pu.real
            return square, linear
        price = problem.steps.hours * S_BASE_KVA * problem.steps.price
        linear += np.asarray(bought.T @ price).ravel()
        if tree.source is not None:
            source = tree.source
            r = tree.z_pu.real[source]
            v = self.equivalent.slack_pu**2
            linear[space.l[:, source]] += price * r
            linear[space.p[:, source]] -= price * r * 2 * around.p / v
            linear[space.q[:, source]] -= price * r * 2 * around.q / v
        linear[space.u : space.u + decisions.count] += decisions.linear
        square[space.u : space.u + decisions.count] = decisions.square
        return square, linear

    def _source_flow(self, result: Any) -> _SourceFlow:
        """Flow behind the source's impedance in a solution; zero behind an ideal source."""
        source = self.tree.source
        nothing = np.zeros(len(self.space.p))
        if source is None or str(result.status) not in SOLVED:
            return _SourceFlow(nothing, nothing)
        x = np.asarray(result.x)
        return _SourceFlow(x[self.space.p[:, source]], x[self.space.q[:, source]])


def _call_clarabel(
    blocks: list[Block], square: FloatArray, linear: FloatArray
) -> tuple[Any, float]:
    """Solution of minimise linear x + square x^2 over the blocks, and the solver's time [s]."""
    clarabel = import_solver("clarabel", "The branch flow relaxation")
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_feas = settings.tol_gap_abs = settings.tol_gap_rel = TOLERANCE
    settings.max_threads = 1
    matrix = sparse.csc_matrix(sparse.vstack([block.matrix for block in blocks]))
    right = np.concatenate([block.right for block in blocks])
    cones = [cone for block in blocks for cone in block.cones(clarabel)]
    solver = clarabel.DefaultSolver(
        sparse.csc_matrix(sparse.diags(2 * square)), linear, matrix, right, cones, settings
    )
    began = time.perf_counter()
    result = solver.solve()
    return result, time.perf_counter() - began
