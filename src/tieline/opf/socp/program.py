"""`Program`: columns, rows and cost of the cone program, and the call of Clarabel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tieline.linear.affine import Affine
from tieline.linear.equivalent import Equivalent
from tieline.opf.cones.blocks import Block
from tieline.opf.cones.decision_limits import circle_block, coupling_blocks
from tieline.opf.cones.interior_point import Accuracy, solve_cones
from tieline.opf.decisions import Decisions, make_decisions
from tieline.opf.problem import Problem
from tieline.opf.socp.limit_rows import (
    flow_blocks,
    slack_block,
    voltage_blocks,
)
from tieline.opf.socp.network_rows import Consumed, NetworkRows
from tieline.opf.socp.reading import Outcome
from tieline.opf.socp.rows import Space
from tieline.opf.socp.tree import Tree
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA

ACCURACY = Accuracy(tolerance=1e-10)
"""Feasibility and gap at which Clarabel stops: two digits finer than its default, since prices are held against AC."""

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

    def distance(self, before: _SourceFlow) -> float:
        """Largest change of either from another flow [pu]."""
        change = np.abs([self.p - before.p, self.q - before.q])
        return float(change.max())


class Program:
    """Columns and network rows of one structure, with limits held or giving.

    `slack_price`, (limit,), is what a limit that gives costs beside all else; without it only the slacks are minimised.
    """

    def __init__(
        self,
        problem: Problem,
        equivalent: Equivalent,
        tree: Tree,
        is_elastic: bool,
        slack_price: FloatArray | None = None,
    ):
        self.equivalent = equivalent
        self.tree = tree
        self.is_elastic = is_elastic
        self.slack_price = slack_price
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

    def run(self, problem: Problem, decisions: Decisions) -> Outcome:
        """Solve; with a source behind an impedance again, until the flow through that rests.

        Energy is paid for at the source's bus, so the loss before it is free and its cone would not be tight. It is paid for in
        the program, and given back to first order around the flow of the solve before: at rest that is the true cost and its
        derivative.
        """
        zero = np.zeros(problem.n_steps)
        around = _SourceFlow(zero, zero)
        consumed = self.network.consumed(problem, decisions)
        bought = self._bought(consumed.p)
        blocks = list(self._blocks(problem, decisions, consumed))
        rounds = 0
        while True:
            square, linear = self._objective(problem, decisions, bought.matrix, around)
            curved = sparse.csc_array(sparse.diags_array(square))
            asker = "The branch flow relaxation"
            solved = solve_cones(blocks, curved, linear, ACCURACY, asker)
            if not solved.is_optimal:
                break
            # Only the cost moves from round to round, and it rests once the flow that it was built around comes out again.
            flow = self._source_flow(solved.x)
            change = flow.distance(around)
            around = flow
            rounds += 1
            if change <= SOURCE_TOLERANCE_PU or rounds > SOURCE_ROUNDS:
                break
        return Outcome(solved, self.space, self.network, bought)

    def _blocks(
        self, problem: Problem, decisions: Decisions, consumed: Consumed
    ) -> Iterator[Block]:
        """All constraints of the branch flow model, by name."""
        space = self.space
        network = self.network
        n_branch_steps = space.p.size
        equivalent = self.equivalent
        slack_square = np.full(problem.n_steps, equivalent.slack_pu**2)
        yield network.balance_block("p", consumed.p)
        yield network.balance_block("q", consumed.q)
        yield Block(network.drops, np.zeros(n_branch_steps), "zero")
        yield Block(network.slack, slack_square, "zero")
        yield from coupling_blocks(decisions, space.on_u)
        yield from voltage_blocks(space, problem)
        n_branches = len(equivalent.names)
        yield from flow_blocks(space, problem, self.tree, n_branches)
        no_right = np.zeros(4 * n_branch_steps)
        yield Block(network.cones, no_right, "second order", size=4)
        yield circle_block(decisions, space.on_u)
        if self.is_elastic:
            yield slack_block(space)

    def _bought(self, consumed_p: Affine) -> Affine:
        """Power delivered at the source bus, (step,) [pu]."""
        space = self.space
        tree = self.tree
        source = tree.source
        n_steps = len(space.p)
        if source is None:
            equivalent = self.equivalent
            first = np.arange(n_steps) * equivalent.n_nodes
            rows = first + equivalent.slack
            matrix = consumed_p.matrix[rows] - self.network.brought_p[rows]
            constant = consumed_p.constant[rows]
            return Affine(sparse.csr_array(matrix), constant)
        # The meter stands behind the impedance of the source.
        r = tree.z_pu.real[source]
        sent = (space.p[:, source], 1.0)
        lost = (space.l[:, source], -r)
        matrix = space.rows([sent, lost])
        return Affine(matrix, np.zeros(n_steps))

    def _objective(
        self,
        problem: Problem,
        decisions: Decisions,
        bought: sparse.csr_array,
        around: _SourceFlow,
    ) -> tuple[FloatArray, FloatArray]:
        """Squares and linear weights of all columns; the constant cost of load at the slack bus is added in the answer."""
        space = self.space
        square = np.zeros(space.count)
        linear = np.zeros(space.count)
        if self.is_elastic and self.slack_price is None:
            linear[space.slack] = 1.0
            linear[space.l] = LOSS_WEIGHT * self.tree.z_pu.real
            return square, linear
        if self.slack_price is not None:
            linear[space.slack] = self.slack_price
        steps = problem.steps
        price = steps.hours * S_BASE_KVA * steps.price
        linear += np.asarray(bought.T @ price).ravel()
        self._add_source_loss(linear, price, around)
        columns = slice(space.u, space.u + decisions.count)
        linear[columns] += decisions.linear
        square[columns] = decisions.square
        return square, linear

    def _add_source_loss(
        self, linear: FloatArray, price: FloatArray, around: _SourceFlow
    ) -> None:
        """Pay for the loss before the source's bus, and give it back to first order around a flow."""
        space = self.space
        tree = self.tree
        source = tree.source
        if source is None:
            return
        loss_price = price * tree.z_pu.real[source]
        v = self.equivalent.slack_pu**2
        linear[space.l[:, source]] += loss_price
        # d(P^2 + Q^2) / v
        linear[space.p[:, source]] -= loss_price * 2 * around.p / v
        linear[space.q[:, source]] -= loss_price * 2 * around.q / v

    def _source_flow(self, x: FloatArray) -> _SourceFlow:
        """Flow behind the source's impedance in an optimum; zero behind an ideal source."""
        source = self.tree.source
        if source is None:
            zero = np.zeros(len(self.space.p))
            return _SourceFlow(zero, zero)
        p_columns = self.space.p[:, source]
        q_columns = self.space.q[:, source]
        return _SourceFlow(x[p_columns], x[q_columns])
