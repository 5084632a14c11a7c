"""Rows of the network's limits in the cone program: voltages, currents and powers of branches."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy import sparse

from tieline.opf.cones.blocks import Block, interleave, interleave_right
from tieline.opf.flow_limits import Unit
from tieline.opf.problem import Problem
from tieline.opf.socp.rows import Space, Term
from tieline.opf.socp.tree import Tree
from tieline.typing import FloatArray, IntArray


def voltage_blocks(space: Space, problem: Problem) -> Iterator[Block]:
    """Squared voltages within squared limits."""
    limits = problem.limits
    n_steps = problem.n_steps
    v = space.v[:, limits.points.plus]

    low_rows = space.rows([(v, -1.0), *_less(space.low)])
    lowest = np.tile(limits.v_min_pu**2, n_steps)
    yield Block(low_rows, -lowest, "nonnegative", "low")

    high_rows = space.rows([(v, 1.0), *_less(space.high)])
    highest = np.tile(limits.v_max_pu**2, n_steps)
    yield Block(high_rows, highest, "nonnegative", "high")


def limited_branches(
    problem: Problem, tree: Tree, n_branches: int, unit: Unit
) -> tuple[IntArray, IntArray]:
    """Rows of branch limits in a unit and the tree branch of each; a series current is the same at both ends: one row will do."""
    flows = problem.limits.flows
    branch = tree.position(n_branches)[flows.element]
    is_in_tree = branch >= 0  # an open branch carries nothing
    is_needed = ~flows.is_current | (flows.side == 1)
    rows = np.flatnonzero((flows.unit == unit) & is_in_tree & is_needed)
    return rows, branch[rows]


def current_block(
    space: Space, problem: Problem, tree: Tree, rows: IntArray, branch: IntArray
) -> Block:
    """l <= (limit x ratio)^2, relative to the limit."""
    flows = problem.limits.flows
    limit_pu = flows.in_pu(problem.network, flows.limit)[rows]
    # The limit is of the current outside the ideal ratio of the first end, l of the one inside.
    first_ratio = np.where(tree.is_turned, tree.ratio_end, tree.ratio_start)
    square = (limit_pu * first_ratio[branch]) ** 2
    relative = (space.l[:, branch], 1 / square)
    matrix = space.rows([relative, *_less_flow(space, rows)])
    right = np.ones(len(rows) * problem.n_steps)
    return Block(matrix, right, "nonnegative", "current")


def apparent_power_block(
    space: Space, problem: Problem, tree: Tree, rows: IntArray, branch: IntArray
) -> Block:
    """|P + jQ| <= limit at either end, relative to the limit."""
    flows = problem.limits.flows
    limit = flows.in_pu(problem.network, flows.limit)[rows]
    r, x = _receiving_impedance(tree, flows.side[rows], branch)
    p = space.p[:, branch]
    # the first row of a cone bounds the others; P and Q leave the impedance less what it loses
    bound = space.rows([(p, np.zeros(p.shape)), *_less_flow(space, rows)])
    p_rows = _less_loss(space, p, branch, r, limit)
    q_rows = _less_loss(space, space.q[:, branch], branch, x, limit)
    matrix = interleave([bound, p_rows, q_rows])
    zero = np.zeros(p.size)
    right = interleave_right([np.ones(p.size), zero, zero])
    return Block(matrix, right, "second order", "power", 3)


def _less_loss(
    space: Space,
    power: IntArray,
    branch: IntArray,
    impedance: FloatArray,
    limit: FloatArray,
) -> sparse.csr_array:
    """-(power - impedance l) relative to the limit, of branches."""
    square = space.l[:, branch]
    return space.rows([(power, -1 / limit), (square, impedance / limit)])


def active_power_block(
    space: Space, problem: Problem, tree: Tree, rows: IntArray, branch: IntArray
) -> Block:
    """Power into the first end, in the limit's direction, <= limit, relative to its scale."""
    flows = problem.limits.flows
    scale = flows.in_pu(problem.network, flows.scale)[rows]
    r, _ = _receiving_impedance(tree, flows.side[rows], branch)
    # Into an end that receives flows the power that leaves the impedance, with the sign turned.
    sign = np.where(tree.is_turned[branch], -1.0, 1.0)
    weight = sign * flows.sign[rows] / scale
    through = (space.p[:, branch], weight)
    loss = (space.l[:, branch], -r * weight)
    matrix = space.rows([through, loss, *_less_flow(space, rows)])
    relative = flows.limit[rows] / flows.scale[rows]
    right = np.tile(relative, problem.n_steps)
    return Block(matrix, right, "nonnegative", "directed")


FLOW_BLOCKS: tuple[tuple[Unit, Callable[..., Block]], ...] = (
    ("A", current_block),
    ("kVA", apparent_power_block),
    ("kW", active_power_block),
)
"""The block of each unit that branches are limited in."""


def flow_blocks(
    space: Space, problem: Problem, tree: Tree, n_branches: int
) -> Iterator[Block]:
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
    r = np.where(receives, tree.z_pu.real[branch], 0.0)
    x = np.where(receives, tree.z_pu.imag[branch], 0.0)
    return r, x


def _less_flow(space: Space, rows: IntArray) -> list[Term]:
    """Slacks that branch limits may give by, if there are some."""
    if space.flow is None:
        return []
    return _less(space.flow[:, rows])


def _less(slack: IntArray | None) -> list[Term]:
    """A slack that a limit may give by, if there is one."""
    return [] if slack is None else [(slack, -1.0)]
