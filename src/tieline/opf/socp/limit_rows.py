"""Rows of limits in the cone program: decisions over time, circles, voltages, currents and powers of branches."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy import sparse

from tieline.opf.decisions import Decisions
from tieline.opf.flow_limits import Unit
from tieline.opf.problem import Problem
from tieline.opf.socp.rows import Block, Space, Term, interleave, interleave_right
from tieline.opf.socp.tree import Tree
from tieline.typing import FloatArray, IntArray


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
    problem: Problem, tree: Tree, n_branches: int, unit: Unit
) -> tuple[IntArray, IntArray]:
    """Rows of branch limits in a unit and the tree branch of each; a series current is the same at both ends: one row will do."""
    flows = problem.limits.flows
    position = tree.position(n_branches)
    carries = position[flows.element] >= 0 if len(flows) else np.empty(0, dtype=bool)
    is_needed = ~flows.is_current | (flows.side == 1)
    rows = np.flatnonzero((flows.unit == unit) & carries & is_needed)
    return rows, position[flows.element[rows]]


def current_block(
    space: Space, problem: Problem, tree: Tree, rows: IntArray, branch: IntArray
) -> Block:
    """l <= (limit x ratio)^2, relative to the limit."""
    flows = problem.limits.flows
    ratio = np.where(tree.is_turned, tree.ratio_end, tree.ratio_start)[branch]
    limit = (flows.in_pu(problem.network, flows.limit)[rows] * ratio) ** 2
    matrix = space.rows([(space.l[:, branch], 1 / limit), *_less_flow(space, rows)])
    return Block(matrix, np.ones(limit.size * problem.n_steps), "nonnegative", "current")


def apparent_power_block(
    space: Space, problem: Problem, tree: Tree, rows: IntArray, branch: IntArray
) -> Block:
    """|P + jQ| <= limit at either end, relative to the limit."""
    flows = problem.limits.flows
    limit = flows.in_pu(problem.network, flows.limit)[rows]
    r, x = _receiving_impedance(tree, flows.side[rows], branch)
    p = space.p[:, branch]
    q = space.q[:, branch]
    square = space.l[:, branch]
    parts = [
        space.rows([(p, np.zeros(p.shape)), *_less_flow(space, rows)]),
        space.rows([(p, -1 / limit), (square, r / limit)]),
        space.rows([(q, -1 / limit), (square, x / limit)]),
    ]
    nothing = np.zeros(p.size)
    right = interleave_right([np.ones(p.size), nothing, nothing])
    return Block(interleave(parts), right, "second order", "power", 3)


def active_power_block(
    space: Space, problem: Problem, tree: Tree, rows: IntArray, branch: IntArray
) -> Block:
    """Power into the first end, in the limit's direction, <= limit, relative to its scale."""
    flows = problem.limits.flows
    scale = flows.in_pu(problem.network, flows.scale)[rows]
    r, _ = _receiving_impedance(tree, flows.side[rows], branch)
    # Into an end that receives flows the power that leaves the impedance, with the sign turned.
    weight = np.where(tree.is_turned[branch], -1.0, 1.0) * flows.sign[rows] / scale
    matrix = space.rows(
        [
            (space.p[:, branch], weight),
            (space.l[:, branch], -r * weight),
            *_less_flow(space, rows),
        ]
    )
    right = np.tile(flows.limit[rows] / flows.scale[rows], problem.n_steps)
    return Block(matrix, right, "nonnegative", "directed")


FLOW_BLOCKS: tuple[tuple[Unit, Callable[..., Block]], ...] = (
    ("A", current_block),
    ("kVA", apparent_power_block),
    ("kW", active_power_block),
)
"""The block of each unit that branches are limited in."""


def flow_blocks(space: Space, problem: Problem, tree: Tree, n_branches: int) -> Iterator[Block]:
    """Branch limits in every unit."""
    for unit, block in FLOW_BLOCKS:
        rows, branch = limited_branches(problem, tree, n_branches, unit)
        if len(rows):
            yield block(space, problem, tree, rows, branch)


def slack_block(space: Space) -> Block:
    """Slacks of zero or more."""
    rows = space.rows([(space.slack.ravel(), -1.0)])
    return Block(rows, np.zeros(space.slack.size), "nonnegative")


def _receiving_impedance(
    tree: Tree, side: IntArray, branch: IntArray
) -> tuple[FloatArray, FloatArray]:
    """r and x of branches whose end is the receiving one: what the flow there has lost; 0 at sending ends."""
    receives = (side == 1) == tree.is_turned[branch]
    r, x = tree.z_pu.real[branch], tree.z_pu.imag[branch]
    return np.where(receives, r, 0.0), np.where(receives, x, 0.0)


def _less_flow(space: Space, rows: IntArray) -> list[Term]:
    """Slacks that branch limits may give by, if there are some."""
    return _less(None if space.flow is None else space.flow[:, rows])


def _less(slack: IntArray | None) -> list[Term]:
    """A slack that a limit may give by, if there is one."""
    return [] if slack is None else [(slack, -1.0)]
