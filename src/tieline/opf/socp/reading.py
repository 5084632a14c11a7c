"""What a solution of the cone program says: set-points, duals, relaxation gap; or which limits have to give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.linear.affine import Affine
from tieline.opf.answer import Answer, Duals
from tieline.opf.decisions import Decisions
from tieline.opf.flow_limits import Unit
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

    `bought` is the power delivered at the source bus, (step,) [pu].
    """

    result: Any
    solve_s: float
    blocks: list[Block]
    space: Space
    network: NetworkRows
    bought: Affine


def read_answer(problem: Problem, decisions: Decisions, found: Found) -> Answer:
    """The optimum in the words of all formulations."""
    space = found.space
    network = found.network
    points = problem.limits.points
    x = np.asarray(found.result.x)
    u = x[space.u : space.u + decisions.count]
    v_square = x[space.v]
    bought_kwh = problem.steps.hours * S_BASE_KVA * found.bought(x[None, :])[0]
    of_decisions = decisions.linear @ u + decisions.square @ u**2
    return Answer(
        method="socp",
        status=str(found.result.status),
        problem=problem,
        u=u,
        decisions=decisions,
        objective=float(problem.steps.price @ bought_kwh) + float(of_decisions),
        duals=_duals(problem, found, v_square),
        vm_pu=np.sqrt(v_square[:, points.plus]) * points.scale,
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
    flows = problem.limits.flows
    slack = np.maximum(np.asarray(elastic.result.x)[elastic.space.slack], 0.0)
    below, above, flow = np.split(slack, [points, 2 * points], axis=1)
    # Currents are limited squared, apparent power as it is.
    squared = np.where(flows.unit == "kVA", (1 + flow) ** 2 - 1, flow)
    return relaxations_of(problem, below, above, squared)


def _gap_kw(network: NetworkRows, space: Space, x: FloatArray) -> FloatArray:
    """r (l - (P^2 + Q^2) / v) of every branch, (step, branch) [kW]."""
    tree = network.tree
    sending = x[space.v][:, tree.start] / tree.ratio_start**2
    flow = x[space.p] ** 2 + x[space.q] ** 2
    return tree.z_pu.real * (x[space.l] - flow / sending) * S_BASE_KVA


def _duals(problem: Problem, found: Found, v_square: FloatArray) -> Duals:
    """Duals by the names of the blocks; with A x + s = b, one unit more of b is worth -z."""
    network = found.network
    n_steps = problem.n_steps
    of = _duals_by_name(found, n_steps)
    scale = S_BASE_KVA * problem.steps.hours
    shape = (n_steps, network.equivalent.n_nodes)
    kw, kvar = np.zeros(shape), np.zeros(shape)
    kw[:, network.free] = -of["p"] / scale
    kvar[:, network.free] = -of["q"] / scale
    kw[:, network.equivalent.slack] = problem.steps.price
    size = np.sqrt(v_square[:, problem.limits.points.plus])
    n_nodes = (
        problem.network.n_nodes
    )  # a node behind the source's impedance is none of the feeder's
    return Duals(
        voltage=(of["high"] - of["low"]) * 2 * size,
        flow=_flow_duals(problem, network, of),
        node_kw=kw[:, :n_nodes],
        node_kvar=kvar[:, :n_nodes],
    )


def _duals_by_name(found: Found, n_steps: int) -> dict[str, FloatArray]:
    """Duals of the blocks that have a name, (step, row) each."""
    ends = np.cumsum([len(block.right) for block in found.blocks])
    pieces = np.split(np.asarray(found.result.z), ends[:-1])
    return {
        block.name: piece.reshape(n_steps, -1)
        for block, piece in zip(found.blocks, pieces, strict=True)
        if block.name
    }


def _flow_duals(problem: Problem, network: NetworkRows, of: dict[str, FloatArray]) -> FloatArray:
    """Duals of what the blocks limit (squared currents, powers, all relative to `FlowLimits.scale`) as those of the limits."""
    flows = problem.limits.flows
    steps = problem.n_steps
    relative = np.zeros((steps, len(flows)))
    per_cone = 3  # of apparent power; the first entry of each is the limit
    readings: tuple[tuple[Unit, str, Callable[[FloatArray], FloatArray]], ...] = (
        ("A", "current", lambda dual: 2 * dual),
        ("kVA", "power", lambda dual: dual[:, ::per_cone]),
        ("kW", "directed", lambda dual: dual),
    )
    for unit, name, read in readings:
        if name in of:
            n_branches = len(network.equivalent.names)
            rows, _ = limited_branches(problem, network.tree, n_branches, unit)
            relative[:, rows] = read(of[name])
    return relative / flows.scale


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
