"""Numbers of one problem for a program that is built: bounds, parameters, first guess."""

from __future__ import annotations

import numpy as np

from tieline.opf.decisions import Decisions, kvar_per_kw, nearest_to_idle
from tieline.opf.flow_limits import FlowLimits
from tieline.opf.nlp.layout import Layout
from tieline.opf.problem import Problem
from tieline.opf.replay import replay, replay_decisions
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA


def bounds(
    problem: Problem, decisions: Decisions, layout: Layout
) -> dict[str, FloatArray]:
    """Bounds of variables and constraints by casadi's names."""
    low, high = _variable_bounds(problem, decisions, layout)
    limits = problem.limits
    balance = np.zeros(2 * len(layout.balanced))
    no_flow_limit = np.full(layout.rows, -np.inf)
    no_circle_limit = np.full(len(decisions.circle_pu), -np.inf)
    step_low = np.concatenate([balance, limits.v_min_pu**2, no_flow_limit])
    step_high = np.concatenate(
        [balance, limits.v_max_pu**2, highest_flows(limits.flows)]
    )
    steps_low = np.tile(step_low, layout.steps)
    steps_high = np.tile(step_high, layout.steps)
    return {
        "lbx": low,
        "ubx": high,
        "lbg": np.concatenate([steps_low, no_circle_limit, decisions.row_lower]),
        "ubg": np.concatenate(
            [steps_high, decisions.circle_pu**2, decisions.row_upper]
        ),
    }


def _variable_bounds(
    problem: Problem, decisions: Decisions, layout: Layout
) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest x."""
    low = np.full(layout.slacks.stop, -np.inf)
    high = np.full(layout.slacks.stop, np.inf)
    low[layout.u] = decisions.lower
    high[layout.u] = decisions.upper
    low[layout.slacks] = 0.0

    source_v = problem.setting.source_current(problem.network)
    source_v = source_v[layout.held]
    for step in range(layout.steps):
        re = 2 * layout.nodes * step + layout.held
        im = re + layout.nodes
        low[re] = high[re] = source_v.real
        low[im] = high[im] = source_v.imag
    return low, high


def parameters(problem: Problem, decisions: Decisions, unit: float) -> FloatArray:
    """Data of the steps, linear and squared cost of decisions relative to `unit` [currency], weights of branch limits."""
    steps = problem.steps
    load_p = steps.load_kw / S_BASE_KVA
    load_q = steps.load_kvar / S_BASE_KVA
    source_pu = np.tile(problem.setting.source_pu, (problem.n_steps, 1))
    price = steps.hours * steps.price[:, None] / unit
    q_per_p = kvar_per_kw(problem)
    per_step = np.hstack([load_p, load_q, source_pu, q_per_p, price]).ravel()
    linear = decisions.linear / unit
    square = decisions.square / unit
    return np.concatenate([per_step, linear, square, flow_weights(problem)])


def cost_unit(problem: Problem) -> float:
    """What the dearest power costs in a step, per unit [currency]: measured by it costs are near one in any currency."""
    steps = problem.steps
    rebounds = problem.rebounds
    rates = (
        steps.price,
        problem.ders.cost,
        problem.flexible.value,
        rebounds.curtail_cost,
        rebounds.shift_cost_in_all,
    )
    dearest = max(float(np.abs(rate).max(initial=0.0)) for rate in rates)
    if dearest == 0.0:
        return 1.0
    return dearest * steps.hours * S_BASE_KVA


def flow_weights(problem: Problem) -> FloatArray:
    """What the flow of each row of branch limits is multiplied by: 1 / limit^2 of squares, 1 / scale of power in kW, (row,)."""
    flows = problem.limits.flows
    scale_pu = flows.in_pu(problem.network, flows.scale)
    square = scale_pu**2
    return 1 / np.where(flows.is_directed, scale_pu, square)


def highest_flows(flows: FlowLimits) -> FloatArray:
    """What each row may come to, so multiplied, (row,)."""
    relative = flows.limit / flows.scale
    return np.where(flows.is_directed, relative, 1.0)


def first_guess(problem: Problem, decisions: Decisions, layout: Layout) -> FloatArray:
    """The AC power flow with every DER nearest to idle, (variable,); at no load where it has no answer."""
    u = nearest_to_idle(decisions)
    v = replay_decisions(problem, decisions, u).solution.v_pu
    if np.isnan(v).any():
        # Idle DERs let the voltage collapse, which does not mean that busy ones do: begin with the voltages at no load.
        idle = np.zeros(decisions.p.shape)
        no_load = np.zeros(problem.steps.load_kw.shape)
        v = replay(problem, idle, idle, no_load).solution.v_pu
    x = np.zeros(layout.slacks.stop)
    x[layout.u] = u
    x[layout.voltages] = np.hstack([v.real, v.imag]).ravel()
    return x
