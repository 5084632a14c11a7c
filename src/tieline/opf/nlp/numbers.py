"""Numbers of one problem for a program that is built: bounds, parameters, first guess."""

from __future__ import annotations

import numpy as np

from tieline.opf.decisions import Decisions, nearest_to_idle
from tieline.opf.nlp.layout import Layout
from tieline.opf.problem import Problem
from tieline.opf.replay import replay, replay_decisions
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA


def bounds(
    problem: Problem, decisions: Decisions, layout: Layout, is_elastic: bool
) -> dict[str, FloatArray]:
    """Bounds of variables and constraints by casadi's names; slacks are held at zero unless the program is elastic."""
    low, high = np.full(layout.slacks.stop, -np.inf), np.full(layout.slacks.stop, np.inf)
    fixed = problem.network.source_current[layout.held] * problem.setting.source_pu
    for t in range(layout.steps):
        place = 2 * layout.nodes * t + layout.held
        low[place] = high[place] = fixed.real
        low[place + layout.nodes] = high[place + layout.nodes] = fixed.imag
    low[layout.u], high[layout.u] = decisions.lower, decisions.upper
    low[layout.slacks], high[layout.slacks] = 0.0, np.inf if is_elastic else 0.0
    none, balance = np.full(layout.points, np.inf), np.zeros(2 * len(layout.balanced))
    step_low = np.concatenate(
        [balance, problem.limits.v_min_pu**2, -none, np.full(layout.rows, -np.inf)]
    )
    step_high = np.concatenate([balance, none, problem.limits.v_max_pu**2, np.ones(layout.rows)])
    no_limit = np.full(len(decisions.circle_pu), -np.inf)
    return {
        "lbx": low,
        "ubx": high,
        "lbg": np.concatenate([np.tile(step_low, layout.steps), no_limit, decisions.row_lower]),
        "ubg": np.concatenate(
            [np.tile(step_high, layout.steps), decisions.circle_pu**2, decisions.row_upper]
        ),
    }


def parameters(problem: Problem, decisions: Decisions, is_elastic: bool) -> FloatArray:
    """What is given by step, linear and squared cost of decisions, weights of cost and slacks, 1 / limit^2 of branches."""
    source = np.full((problem.n_steps, 1), problem.setting.source_pu)
    price = problem.steps.hours * problem.steps.price[:, None]
    per_step = np.hstack(
        [problem.steps.load_kw / S_BASE_KVA, problem.steps.load_kvar / S_BASE_KVA, source, price]
    )
    weights = (0.0, 1.0) if is_elastic else (1.0, 0.0)
    scale = 1 / problem.limits.flows.limit_pu(problem.network) ** 2
    return np.concatenate([per_step.ravel(), decisions.linear, decisions.square, weights, scale])


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
