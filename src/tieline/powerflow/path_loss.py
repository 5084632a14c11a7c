"""Loss on the path between one bus and every other, at a solved operating point.

    loss(a, b) = sum over the closed branches between a and b of what enters the branch and does not leave it

These are the losses of the flows as they are, a measure of how loaded a path is. What one kW more would lose is another question,
which `gradients.loss_gradient` answers. Elements side by side (a double line, the single-phase units of a bank) count together; a
transformer that feeds several buses counts whole on the way to each.

Source: M. Al-Saffar, PhD thesis, University of Alberta, section 4.4.2 and table 4.2.
"""

from __future__ import annotations

import numpy as np

from tieline.network.branches import Branch
from tieline.network.scatter import sum_columns
from tieline.network.topology import Tree, paths_from
from tieline.powerflow.solution import Solution
from tieline.typing import FloatArray


def path_loss_kw(solution: Solution, bus: str, tree: Tree | None = None) -> FloatArray:
    """Active loss on the way from a bus to every other.

    Args:
        solution: solved scenarios of a feeder.
        bus: where the paths begin.
        tree: `topology.paths_from(feeder, bus)`, if it is there already.

    Returns:
        Sum of branch losses, (scenario, bus) in the order of the feeder's buses [kW]; 0 at `bus` itself, infinite where no closed
        path leads, NaN in scenarios without an answer.

    Raises:
        InputError: if the bus is unknown.
    """
    feeder = solution.network.feeder
    tree = tree or paths_from(feeder, bus)
    index = {feeder_bus.name: k for k, feeder_bus in enumerate(feeder.buses)}
    loss = _step_loss_kw(solution, tree, index)
    # Parents come before children: what stands at a parent is already the loss of its whole path.
    for name in tree.order[1:]:
        above = tree.parent[name]
        assert above is not None  # only the root has no parent
        loss[:, index[name]] += loss[:, index[above]]
    loss[:, [index[name] for name in tree.unreached]] = np.inf
    loss[~solution.converged] = np.nan
    return loss


def _step_loss_kw(solution: Solution, tree: Tree, index: dict[str, int]) -> FloatArray:
    """Loss between each bus and its parent, (scenario, bus) [kW]."""
    steps = []
    for name in tree.order:
        for branch in tree.branches[name]:
            element = solution.network.element_index[_element(branch)]
            steps.append((element, index[name]))
    elements, buses = np.array(steps, dtype=np.int64).reshape(-1, 2).T
    step_loss = solution.element_loss_kva.real[:, elements]
    return sum_columns(step_loss, buses, len(index))


def _element(branch: Branch) -> tuple[str, str]:
    """Kind and name of the network element that a branch is part of."""
    kind = "transformer"
    if branch.kind in ("line", "switch"):
        kind = "line"
    return kind, branch.name
