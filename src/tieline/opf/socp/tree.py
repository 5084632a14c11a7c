"""`Tree`: the closed branches of a radial single-phase equivalent, oriented away from the source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import breadth_first_order

from tieline.errors import InputError
from tieline.linear.blocks import assemble
from tieline.linear.equivalent import Equivalent
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Tree:
    """Closed branches, parents first, (branch,).

    Attributes:
        branch: which branch of the equivalent.
        start, end: sending and receiving node.
        z_pu: impedance between the ratios [pu].
        ratio_start, ratio_end: turns ratio at either node [pu].
        is_turned: the equivalent has it the other way round.
        source: position of the branch that is the source's impedance; None behind an ideal source.
    """

    branch: IntArray
    start: IntArray
    end: IntArray
    z_pu: ComplexArray
    ratio_start: FloatArray
    ratio_end: FloatArray
    is_turned: BoolArray
    source: int | None

    def position(self, n_branches: int) -> IntArray:
        """Where each branch of the equivalent stands in the tree, (branch of the equivalent,); -1 for an open one."""
        place = np.full(n_branches, -1)
        place[self.branch] = np.arange(len(self.branch))
        return place


def orient(feeder_name: str, equivalent: Equivalent, has_source_branch: bool) -> Tree:
    """Closed branches away from the slack.

    Raises:
        InputError: if branches lie side by side.
    """
    closed = np.flatnonzero(equivalent.closed)
    if len(closed) != equivalent.n_nodes - 1:
        raise InputError(
            f"Feeder '{feeder_name}' has {len(closed)} closed branches between {equivalent.n_nodes} buses; the branch flow "
            f"relaxation needs {equivalent.n_nodes - 1}, one path to each bus. Merge branches that lie side by side."
        )
    starts = equivalent.start[closed]
    ends = equivalent.end[closed]
    # Entries name the branch, counted from 1: a zero would be no entry.
    shape = (equivalent.n_nodes, equivalent.n_nodes)
    graph = assemble(starts, ends, closed + 1, shape)
    graph = graph + graph.T
    order, parent = breadth_first_order(graph, equivalent.slack, directed=False)
    end = order[1:].astype(np.int64)
    start = parent[end].astype(np.int64)
    numbers = np.asarray(graph[start, end]).ravel()
    branch = numbers.astype(np.int64) - 1
    is_turned = equivalent.start[branch] != start
    first_ratio = equivalent.ratio_start[branch]
    second_ratio = equivalent.ratio_end[branch]
    source = None
    if has_source_branch:
        at_slack = np.flatnonzero(start == equivalent.slack)
        # only the source's impedance leads away from the slack then
        source = int(at_slack[0])
    return Tree(
        branch=branch,
        start=start,
        end=end,
        z_pu=equivalent.z_pu[branch],
        ratio_start=np.where(is_turned, second_ratio, first_ratio),
        ratio_end=np.where(is_turned, first_ratio, second_ratio),
        is_turned=is_turned,
        source=source,
    )
