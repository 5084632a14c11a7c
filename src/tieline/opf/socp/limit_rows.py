"""Rows of the network's limits in the cone program: voltages, currents and powers of branches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
from scipy import sparse

from tieline.network.network import Network
from tieline.opf.cones.blocks import Block, interleave, interleave_right
from tieline.opf.flow_rows import Unit
from tieline.opf.problem import NetworkLimits
from tieline.opf.socp.rows import Space, Term
from tieline.opf.socp.tree import Tree
from tieline.typing import FloatArray, IntArray


class Limited(Protocol):
    """What has limits: an optimal power flow, or a program of another kind on the same branches."""

    @property
    def network(self) -> Network:
        """Feeder arrays."""
        ...

    @property
    def limits(self) -> NetworkLimits:
        """What the network must keep."""
        ...

    @property
    def n_steps(self) -> int:
        """Number of steps."""
        ...


def voltage_blocks(space: Space, problem: Limited) -> Iterator[Block]:
    """Squared voltages within squared limits."""
    limits = problem.limits
    n_steps = problem.n_steps
    v = space.v[:, limits.points.plus]

    low_slack = _less(space.low)
    low_rows = space.rows([(v, -1.0), *low_slack])
    lowest = np.tile(limits.v_min_pu**2, n_steps)
    yield Block(low_rows, -lowest, "nonnegative", "low")

    high_slack = _less(space.high)
    high_rows = space.rows([(v, 1.0), *high_slack])
    highest = np.tile(limits.v_max_pu**2, n_steps)
    yield Block(high_rows, highest, "nonnegative", "high")


def limited_branches(
    problem: Limited, tree: Tree, n_branches: int, unit: Unit
) -> tuple[IntArray, IntArray]:
    """Rows of branch limits in a unit and the tree branch of each; a series current is the same at both ends: one row will do."""
    flows = problem.limits.flows
    position = tree.position(n_branches)
    branch = position[flows.element]
    is_in_tree = branch >= 0  # an open branch carries nothing
    is_needed = ~flows.is_current | (flows.side == 1)
    has_unit = flows.unit == unit
    rows = np.flatnonzero(has_unit & is_in_tree & is_needed)
    return rows, branch[rows]


def current_block(
    space: Space, problem: Limited, tree: Tree, rows: IntArray, branch: IntArray
) -> Block:
    """l <= (limit x ratio)^2, relative to the limit."""
    flows = problem.limits.flows
    limit_pu = flows.in_pu(problem.network, flows.limit)[rows]
    # The limit is of the current outside the ideal ratio of the first end, l of the one inside.
    first_ratio = np.where(tree.is_turned, tree.ratio_end, tree.ratio_start)
    inside_limit_pu = limit_pu * first_ratio[branch]
    square = inside_limit_pu**2
    relative = (space.l[:, branch], 1 / square)
    slack = _less_flow(space, rows)
    matrix = space.rows([relative, *slack])
    right = np.ones(len(rows) * problem.n_steps)
    return Block(matrix, right, "nonnegative", "current")


def apparent_power_block(
    space: Space, problem: Limited, tree: Tree, rows: IntArray, branch: IntArray
) -> Block:
    """|P + jQ| <= limit at either end, relative to the limit."""
    flows = problem.limits.flows
    limit = flows.in_pu(problem.network, flows.limit)[rows]
    r, x = _receiving_impedance(tree, flows.side[rows], branch)
    p = space.p[:, branch]
    q = space.q[:, branch]
    slack = _less_flow(space, rows)
    # rows need a term even where there is no slack: P with a weight of nothing
    empty = (p, np.zeros(p.shape))
    # the first row of a cone bounds the others; P and Q leave the impedance less what it loses
    bound = space.rows([empty, *slack])
    p_rows = _less_loss(space, p, branch, r, limit)
    q_rows = _less_loss(space, q, branch, x, limit)
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
    through = (power, -1 / limit)
    loss = (space.l[:, branch], impedance / limit)
    return space.rows([through, loss])


def active_power_block(
    space: Space, problem: Limited, tree: Tree, rows: IntArray, branch: IntArray
) -> Block:
    """Power into the first end, in the limit's direction, <= limit, relative to its scale."""
    flows = problem.limits.flows
    scales = flows.in_pu(problem.network, flows.scale)
    scale = scales[rows]
    r, _ = _receiving_impedance(tree, flows.side[rows], branch)
    # Into an end that receives flows the power that leaves the impedance, with the sign turned.
    sign = np.where(tree.is_turned[branch], -1.0, 1.0)
    weight = sign * flows.sign[rows] / scale
    through = (space.p[:, branch], weight)
    loss = (space.l[:, branch], -r * weight)
    slack = _less_flow(space, rows)
    matrix = space.rows([through, loss, *slack])
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
    space: Space, problem: Limited, tree: Tree, n_branches: int
) -> Iterator[Block]:
    """Branch limits in every unit."""
    for unit, block in FLOW_BLOCKS:
        rows, branch = limited_branches(problem, tree, n_branches, unit)
        if len(rows):
            yield block(space, problem, tree, rows, branch)


def slack_block(space: Space) -> Block:
    """Slacks of zero or more."""
    every_slack = space.slack.ravel()
    rows = space.rows([(every_slack, -1.0)])
    return Block(rows, np.zeros(every_slack.size), "nonnegative")


def _receiving_impedance(
    tree: Tree, side: IntArray, branch: IntArray
) -> tuple[FloatArray, FloatArray]:
    """r and x of branches whose end is the receiving one: what the flow there has lost; 0 at sending ends."""
    is_first_end = side == 1
    receives = is_first_end == tree.is_turned[branch]
    z_pu = tree.z_pu[branch]
    r = np.where(receives, z_pu.real, 0.0)
    x = np.where(receives, z_pu.imag, 0.0)
    return r, x


def _less_flow(space: Space, rows: IntArray) -> list[Term]:
    """Slacks that branch limits may give by, if there are some."""
    if space.flow is None:
        return []
    return _less(space.flow[:, rows])


def _less(slack: IntArray | None) -> list[Term]:
    """A slack that a limit may give by, if there is one."""
    if slack is None:
        return []
    return [(slack, -1.0)]
