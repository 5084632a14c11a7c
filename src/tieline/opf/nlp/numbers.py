"""Numbers of one problem for a program that is built: bounds, parameters, first guess."""

from __future__ import annotations

import numpy as np

from tieline.opf.decisions import Decisions, nearest_to_idle
from tieline.opf.flow_limits import FlowLimits
from tieline.opf.nlp.layout import Layout
from tieline.opf.problem import Problem
from tieline.opf.replay import replay, replay_decisions
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA


def bounds(
    problem: Problem, decisions: Decisions, layout: Layout, is_elastic: bool
) -> dict[str, FloatArray]:
    """Bounds of variables and constraints by casadi's names; slacks are held at zero unless the program is elastic."""
    low = np.full(layout.slacks.stop, -np.inf)
    high = np.full(layout.slacks.stop, np.inf)
    held_v = problem.setting.source_current(problem.network)[layout.held]
    for step in range(layout.steps):
        place = 2 * layout.nodes * step + layout.held
        low[place] = high[place] = held_v.real
        low[place + layout.nodes] = high[place + layout.nodes] = held_v.imag
    low[layout.u] = decisions.lower
    high[layout.u] = decisions.upper
    low[layout.slacks] = 0.0
    high[layout.slacks] = np.inf if is_elastic else 0.0
    limits = problem.limits
    none = np.full(layout.points, np.inf)
    balance = np.zeros(2 * len(layout.balanced))
    no_flow_limit = np.full(layout.rows, -np.inf)
    step_low = np.concatenate([balance, limits.v_min_pu**2, -none, no_flow_limit])
    step_high = np.concatenate([balance, none, limits.v_max_pu**2, highest_flows(limits.flows)])
    no_circle_limit = np.full(len(decisions.circle_pu), -np.inf)
    steps_low, steps_high = np.tile(step_low, layout.steps), np.tile(step_high, layout.steps)
    return {
        "lbx": low,
        "ubx": high,
        "lbg": np.concatenate([steps_low, no_circle_limit, decisions.row_lower]),
        "ubg": np.concatenate([steps_high, decisions.circle_pu**2, decisions.row_upper]),
    }


def parameters(problem: Problem, decisions: Decisions, is_elastic: bool) -> FloatArray:
    """What is given by step, linear and squared cost of decisions, weights of cost and slacks, weights of branch limits."""
    steps = problem.steps
    source_pu = np.tile(problem.setting.source_pu, (problem.n_steps, 1))
    price = steps.hours * steps.price[:, None]
    load_p, load_q = steps.load_kw / S_BASE_KVA, steps.load_kvar / S_BASE_KVA
    per_step = np.hstack([load_p, load_q, source_pu, price])
    weights = (0.0, 1.0) if is_elastic else (1.0, 0.0)
    scale = flow_weights(problem)
    return np.concatenate([per_step.ravel(), decisions.linear, decisions.square, weights, scale])


def flow_weights(problem: Problem) -> FloatArray:
    """What the flow of each row of branch limits is multiplied by: 1 / limit^2 of squares, 1 / scale of power in kW, (row,)."""
    flows = problem.limits.flows
    scale_pu = flows.in_pu(problem.network, flows.scale)
    return np.where(flows.is_directed, 1 / scale_pu, 1 / scale_pu**2)


def highest_flows(flows: FlowLimits) -> FloatArray:
    """What each row may come to, so multiplied, (row,)."""
    return np.where(flows.is_directed, flows.limit / flows.scale, 1.0)


def first_guess(problem: Problem, decisions: Decisions, layout: Layout) -> FloatArray:
    """The AC power flow with every DER nearest to idle; at no load where it has no answer."""
    x = np.zeros(layout.slacks.stop)
    x[layout.u] = u = nearest_to_idle(decisions)
    v = replay_decisions(problem, decisions, u).solution.v_pu
    if np.isnan(v).any():
        idle = np.zeros(decisions.p.shape)
        v = replay(problem, idle, idle, np.zeros(problem.steps.load_kw.shape)).solution.v_pu
    x[layout.voltages] = np.hstack([v.real, v.imag]).ravel()
    return x
