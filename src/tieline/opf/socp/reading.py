"""What a solution of the cone program says: set-points, duals, relaxation gap; or which limits have to give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from tieline.opf.answer import Answer, Duals
from tieline.opf.decisions import Decisions
from tieline.opf.infeasible import Relaxation, relaxations_of
from tieline.opf.problem import Problem
from tieline.opf.socp.limit_rows import limited_branches
from tieline.opf.socp.network_rows import NetworkRows
from tieline.opf.socp.rows import Block, Space
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA


@dataclass(frozen=True, eq=False)
class Found:
    """A solution as Clarabel gives it, its time [s], and the rows and columns it belongs to.

    `bought` is the power delivered at the source bus, matrix x + constant, (step,) [pu].
    """

    result: Any
    solve_s: float
    blocks: list[Block]
    space: Space
    network: NetworkRows
    bought: tuple[sparse.csr_array, FloatArray]


def read_answer(problem: Problem, decisions: Decisions, found: Found) -> Answer:
    """The optimum in the words of all formulations."""
    space, network, d = found.space, found.network, decisions
    x = np.asarray(found.result.x)
    u, v = x[space.u : space.u + d.count], x[space.v]
    matrix, constant = found.bought
    spent = (
        problem.steps.hours
        * S_BASE_KVA
        * float(problem.steps.price @ (np.asarray(matrix @ x) + constant))
    )
    return Answer(
        method="socp",
        status=str(found.result.status),
        problem=problem,
        u=u,
        decisions=d,
        objective=spent + float(d.linear @ u + d.square @ u**2),
        duals=_duals(problem, found, v),
        vm_pu=np.sqrt(v[:, problem.limits.points.plus]) * problem.limits.points.scale,
        start=None,
        iterations=found.result.iterations,
        solve_s=found.solve_s,
        relaxation_gap_kw=_gap_kw(network, space, x),
        gap_names=tuple(network.equivalent.names[k] for k in network.tree.branch),
        approximations=_approximations(problem),
    )


def read_relaxations(problem: Problem, elastic: Found) -> tuple[Relaxation, ...]:
    """Named slacks of a program whose limits may give."""
    points = len(problem.limits.points.names)
    slack = np.maximum(np.asarray(elastic.result.x)[elastic.space.slack], 0.0)
    below, above, flow = np.split(slack, [points, 2 * points], axis=1)
    squared = np.where(
        problem.limits.flows.is_current, flow, (1 + flow) ** 2 - 1
    )  # powers are limited as they are, currents squared
    return relaxations_of(problem, below, above, squared)


def _gap_kw(network: NetworkRows, space: Space, x: FloatArray) -> FloatArray:
    """r (l - (P^2 + Q^2) / v) of every branch, (step, branch) [kW]."""
    tree = network.tree
    sending = x[space.v][:, tree.start] / tree.ratio_start**2
    flow = x[space.p] ** 2 + x[space.q] ** 2
    return tree.z_pu.real * (x[space.l] - flow / sending) * S_BASE_KVA


def _duals(problem: Problem, found: Found, v: FloatArray) -> Duals:
    """Duals by the names of the blocks; with A x + s = b, one unit more of b is worth -z."""
    network, steps, nodes = found.network, problem.n_steps, found.network.equivalent.n_nodes
    pieces = np.split(
        np.asarray(found.result.z), np.cumsum([len(block.right) for block in found.blocks])[:-1]
    )
    of = {
        block.name: piece.reshape(steps, -1)
        for block, piece in zip(found.blocks, pieces, strict=True)
        if block.name
    }
    scale = S_BASE_KVA * problem.steps.hours
    kw, kvar = np.zeros((steps, nodes)), np.zeros((steps, nodes))
    kw[:, network.free], kvar[:, network.free] = -of["p"] / scale, -of["q"] / scale
    kw[:, network.equivalent.slack] = problem.steps.price
    own, size = slice(problem.network.n_nodes), np.sqrt(v[:, problem.limits.points.plus])
    voltage = (of["high"] - of["low"]) * 2 * size
    return Duals(
        voltage=voltage,
        flow=_flow_duals(problem, network, of),
        node_kw=kw[:, own],
        node_kvar=kvar[:, own],
    )


def _flow_duals(problem: Problem, network: NetworkRows, of: dict[str, FloatArray]) -> FloatArray:
    """Duals of squared currents [relative to the squared limit] and of powers [relative to it] as those of the limits."""
    flow, limit = np.zeros((problem.n_steps, len(problem.limits.flows))), problem.limits.flows.limit
    for name, is_current in (("current", True), ("power", False)):
        if name in of:
            rows, _ = limited_branches(
                problem, network.tree, len(network.equivalent.names), is_current
            )
            first = (
                of[name] * 2 if is_current else of[name].reshape(problem.n_steps, -1, 3)[:, :, 0]
            )
            flow[:, rows] = first / limit[rows]
    return flow


def _approximations(problem: Problem) -> tuple[str, ...]:
    """What the relaxation changed about the loads of this feeder, in words."""
    devices = problem.network.devices
    shares = np.abs(devices.zip_p) + np.abs(devices.zip_q)
    flexible = np.append(problem.flexible.is_flexible, np.zeros(problem.n_ders, dtype=bool))[
        devices.device
    ]
    said = []
    if (shares[:, 1] > 0)[~flexible].any():
        said.append("constant-current loads: |V| taken as (1 + |V|^2) / 2")
    if (shares[:, :2] > 0)[flexible].any():
        said.append("flexible loads that depend on voltage: taken at rated voltage")
    return tuple(said)
