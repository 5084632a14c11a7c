"""Rows of limits in the cone program: decisions over time, circles, voltages, currents and powers of branches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from tieline.opf.decisions import Decisions
from tieline.opf.problem import Problem
from tieline.opf.socp.rows import Block, Space, Term, interleave, interleave_right
from tieline.opf.socp.tree import Tree
from tieline.typing import IntArray


def coupling_blocks(space: Space, decisions: Decisions) -> Iterator[Block]:
    """Bounds and linear constraints of the decisions."""
    d = decisions
    matrix = sparse.csr_array(sparse.vstack([d.matrix, sparse.eye_array(d.count)]))
    low, high = np.concatenate([d.row_lower, d.lower]), np.concatenate([d.row_upper, d.upper])
    is_fixed = low == high
    yield Block(space.on_u(sparse.csr_array(matrix[is_fixed])), low[is_fixed], "zero")
    for sign, limit in ((1.0, high), (-1.0, -low)):
        some = ~is_fixed & np.isfinite(limit)
        yield Block(space.on_u(sparse.csr_array(sign * matrix[some])), limit[some], "nonnegative")


def circle_block(space: Space, decisions: Decisions) -> Block:
    """P^2 + Q^2 <= S^2 of every DER."""
    p, q = decisions.circle[:, 0] + space.u, decisions.circle[:, 1] + space.u
    nothing = np.zeros(len(p))
    matrix = interleave(
        [space.rows([(p, nothing)]), space.rows([(p, -1.0)]), space.rows([(q, -1.0)])]
    )
    return Block(
        matrix, interleave_right([decisions.circle_pu, nothing, nothing]), "second order", size=3
    )


def voltage_blocks(space: Space, problem: Problem) -> Iterator[Block]:
    """Squared voltages within squared limits."""
    v = space.v[:, problem.limits.points.plus]
    for name, sign, limit, slack in (
        ("low", -1.0, -(problem.limits.v_min_pu**2), space.low),
        ("high", 1.0, problem.limits.v_max_pu**2, space.high),
    ):
        matrix = space.rows([(v, sign), *_less(slack)])
        yield Block(matrix, np.tile(limit, problem.n_steps), "nonnegative", name)


def limited_branches(
    problem: Problem, tree: Tree, n_branches: int, is_current: bool
) -> tuple[IntArray, IntArray]:
    """Rows of branch limits and the tree branch of each; a series current is the same at both ends: one row will do."""
    flows, position = problem.limits.flows, tree.position(n_branches)
    carries = position[flows.element] >= 0 if len(flows) else np.empty(0, dtype=bool)
    rows = np.flatnonzero(
        (flows.is_current == is_current) & carries & (~flows.is_current | (flows.side == 1))
    )
    return rows, position[flows.element[rows]]


def current_block(
    space: Space, problem: Problem, tree: Tree, rows: IntArray, branch: IntArray
) -> Block:
    """l <= (limit x ratio)^2, relative to the limit."""
    ratio = np.where(tree.is_turned, tree.ratio_end, tree.ratio_start)[branch]
    limit = (problem.limits.flows.limit_pu(problem.network)[rows] * ratio) ** 2
    slack = None if space.flow is None else space.flow[:, rows]
    matrix = space.rows([(space.l[:, branch], 1 / limit), *_less(slack)])
    return Block(matrix, np.ones(limit.size * problem.n_steps), "nonnegative", "current")


def power_block(
    space: Space, problem: Problem, tree: Tree, rows: IntArray, branch: IntArray
) -> Block:
    """|P + jQ| <= limit at either end, relative to the limit."""
    flows = problem.limits.flows
    limit = flows.limit_pu(problem.network)[rows]
    receives = (flows.side[rows] == 1) == tree.is_turned[branch]
    r, x = (np.where(receives, part[branch], 0.0) for part in (tree.z_pu.real, tree.z_pu.imag))
    p, q, square = (columns[:, branch] for columns in (space.p, space.q, space.l))
    slack = None if space.flow is None else space.flow[:, rows]
    parts = [
        space.rows([(p, np.zeros(p.shape)), *_less(slack)]),
        space.rows([(p, -1 / limit), (square, r / limit)]),
        space.rows([(q, -1 / limit), (square, x / limit)]),
    ]
    nothing = np.zeros(p.size)
    return Block(
        interleave(parts),
        interleave_right([np.ones(p.size), nothing, nothing]),
        "second order",
        "power",
        3,
    )


def _less(slack: IntArray | None) -> list[Term]:
    """A slack that a limit may give by, if there is one."""
    return [] if slack is None else [(slack, -1.0)]
