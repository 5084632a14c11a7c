"""What a solution of the cone program says: set-points, duals, relaxation gap; or which limits have to give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tieline.linear.affine import Affine
from tieline.opf.answer import Answer, Duals
from tieline.opf.cones.interior_point import Solved
from tieline.opf.decisions import Decisions
from tieline.opf.flow_rows import Unit
from tieline.opf.infeasible import Relaxation, relaxations_of
from tieline.opf.problem import Problem
from tieline.opf.socp.limit_rows import limited_branches
from tieline.opf.socp.network_rows import NetworkRows
from tieline.opf.socp.rows import Space
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA


@dataclass(frozen=True, eq=False)
class Outcome:
    """A solution and the columns it belongs to; `bought` is the power delivered at the source bus, (step,) [pu]."""

    solved: Solved
    space: Space
    network: NetworkRows
    bought: Affine


def read_answer(problem: Problem, decisions: Decisions, outcome: Outcome) -> Answer:
    """The optimum in the words of all formulations."""
    space = outcome.space
    network = outcome.network
    points = problem.limits.points
    x = outcome.solved.x
    u = x[space.u : space.u + decisions.count]
    v_square = x[space.v]
    # By the set-points and what was bought: the solver's own objective holds the terms that keep cones tight.
    bought_pu = outcome.bought(x[None, :])[0]
    steps = problem.steps
    bought_kwh = steps.hours * S_BASE_KVA * bought_pu
    energy_cost = float(steps.price @ bought_kwh)
    decision_cost = float(decisions.linear @ u + decisions.square @ u**2)
    v_square_at_points = v_square[:, points.plus]
    names = network.equivalent.names
    return Answer(
        method="socp",
        status=outcome.solved.status,
        problem=problem,
        u=u,
        decisions=decisions,
        objective=energy_cost + decision_cost,
        duals=_duals(problem, outcome, v_square),
        vm_pu=np.sqrt(v_square_at_points) * points.scale,
        start=None,
        iterations=outcome.solved.iterations,
        solve_s=outcome.solved.solve_s,
        relaxation_gap_kw=_gap_kw(network, space, x),
        gap_names=tuple(names[k] for k in network.tree.branch),
        approximations=_approximations(problem),
    )


def read_relaxations(problem: Problem, elastic: Outcome) -> tuple[Relaxation, ...]:
    """Named slacks of a program whose limits may give."""
    points = len(problem.limits.points.names)
    flows = problem.limits.flows
    x = elastic.solved.x
    # The solver may leave a slack below zero by its tolerance.
    slack = np.maximum(x[elastic.space.slack], 0.0)
    below, above, flow = np.split(
        slack,
        [points, 2 * points],
        axis=1,
    )
    # Currents are limited squared, apparent power as it is.
    power_squared = (1 + flow) ** 2 - 1
    squared = np.where(flows.unit == "kVA", power_squared, flow)
    return relaxations_of(problem, below, above, squared)


def _gap_kw(network: NetworkRows, space: Space, x: FloatArray) -> FloatArray:
    """r (l - (P^2 + Q^2) / v) of every branch, (step, branch) [kW]."""
    tree = network.tree
    p = x[space.p]
    q = x[space.q]
    v = x[space.v]
    v_start = v[:, tree.start] / tree.ratio_start**2
    exact_square = (p**2 + q**2) / v_start
    gap = tree.z_pu.real * (x[space.l] - exact_square)
    return gap * S_BASE_KVA


def _duals(problem: Problem, outcome: Outcome, v_square: FloatArray) -> Duals:
    """Duals by the names of the blocks; with A x + s = b, one unit more of b is worth -z."""
    network = outcome.network
    n_steps = problem.n_steps
    by_name = {}
    for name, dual in outcome.solved.duals.items():
        by_name[name] = dual.reshape(n_steps, -1)
    steps = problem.steps
    per_kwh = S_BASE_KVA * steps.hours
    equivalent = network.equivalent
    shape = (n_steps, equivalent.n_nodes)
    kw = np.zeros(shape)
    kvar = np.zeros(shape)
    kw[:, network.free] = -by_name["p"] / per_kwh
    kvar[:, network.free] = -by_name["q"] / per_kwh
    # The slack has no balance: what is taken there is bought one for one.
    kw[:, equivalent.slack] = steps.price
    v = np.sqrt(v_square[:, problem.limits.points.plus])
    # A node behind the source's impedance is none of the feeder's.
    n_nodes = problem.network.n_nodes
    square_dual = by_name["high"] - by_name["low"]
    return Duals(
        # The limit is on V^2, the dual asked for is that of V: d V^2 / d V = 2 V.
        voltage=square_dual * 2 * v,
        flow=_flow_duals(problem, network, by_name),
        node_kw=kw[:, :n_nodes],
        node_kvar=kvar[:, :n_nodes],
    )


def _flow_duals(
    problem: Problem, network: NetworkRows, by_name: dict[str, FloatArray]
) -> FloatArray:
    """Duals of what the blocks limit (squared currents, powers, all relative to `FlowLimits.scale`) as those of the limits."""
    flows = problem.limits.flows
    n_branches = len(network.equivalent.names)
    relative = np.zeros((problem.n_steps, len(flows)))
    per_cone = 3  # of apparent power; the first entry of each is the limit
    readings: tuple[tuple[Unit, str, Callable[[FloatArray], FloatArray]], ...] = (
        ("A", "current", lambda dual: 2 * dual),
        ("kVA", "power", lambda dual: dual[:, ::per_cone]),
        ("kW", "directed", lambda dual: dual),
    )
    for unit, name, read in readings:
        if name in by_name:
            rows, _ = limited_branches(problem, network.tree, n_branches, unit)
            relative[:, rows] = read(by_name[name])
    return relative / flows.scale


def _approximations(problem: Problem) -> tuple[str, ...]:
    """What the relaxation changed about the loads of this feeder, in words."""
    devices = problem.network.devices
    share = np.abs(devices.zip_p) + np.abs(devices.zip_q)
    impedance, current, _ = share.T
    no_ders = np.zeros(problem.n_ders, dtype=bool)
    of_device = np.append(problem.flexible.is_flexible, no_ders)
    is_flexible = of_device[devices.device]
    has_current = current > 0
    has_voltage_dependence = has_current | (impedance > 0)
    notes = []
    if (devices.is_exponential & ~is_flexible).any():
        notes.append(
            "exponential loads: the polynomial that agrees to second order at rated voltage"
        )
    if (has_current & ~is_flexible).any():
        notes.append("constant-current loads: |V| taken as (1 + |V|^2) / 2")
    if (has_voltage_dependence & is_flexible).any():
        notes.append("flexible loads that depend on voltage: taken at rated voltage")
    rebound = np.isin(devices.device, problem.rebounds.load)
    if (has_voltage_dependence & rebound).any():
        notes.append(
            "loads with a rebound that depend on voltage: what is curtailed, shifted and returned counts as at rated voltage"
        )
    return tuple(notes)
