"""Cuts: linear rows that touch a curved quantity at given set-points and never cut off a better one where it is convex."""

from __future__ import annotations

import numpy as np

from tieline.opf.lp.program import Program, Row
from tieline.opf.replay import Replay
from tieline.opf.source import bought_gradient
from tieline.powerflow.derivatives.gradients import Gradient, adjoint
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA

FIRST_TANGENTS = 16
"""Tangents around each circle before the first round: outside by 2 % at most; later ones touch where they are needed."""

WORTH_A_CUT = 1e-6
"""How far past its limit a flow or circle is cut off, relative to the limit: what a replay calls a violation."""


def add_lossless_purchase(program: Program) -> None:
    """What is consumed is bought, losses left out: the purchase before any AC solution is known."""
    problem, d = program.problem, program.decisions
    asked = (
        np.where(problem.flexible.is_flexible, 0.0, problem.steps.load_kw).sum(axis=1) / S_BASE_KVA
    )
    flexible_kw = problem.steps.load_kw[:, d.flexible] / S_BASE_KVA
    for t in range(problem.n_steps):
        columns = np.concatenate([[program.bought[t]], d.p[t], d.share[t]])
        values = np.concatenate([[1.0], np.ones(len(d.p[t])), -flexible_kw[t]])
        program.add(Row("lossless", t), columns, values, low=asked[t])


def add_circles(program: Program) -> None:
    """The first tangents of every apparent-power limit."""
    for k, radius in enumerate(program.decisions.circle_pu):
        for angle in np.arange(FIRST_TANGENTS) * 2 * np.pi / FIRST_TANGENTS:
            values = [np.cos(angle), np.sin(angle)]
            program.add(Row("circle", 0, k), program.decisions.circle[k], values, high=radius)


def cut_circles(program: Program, u: FloatArray) -> bool:
    """A tangent at every circle that u lies outside of; True if there is one."""
    d = program.decisions
    size = np.hypot(*u[d.circle.T])
    broken = np.flatnonzero(size > d.circle_pu * (1 + WORTH_A_CUT))
    for k in broken.tolist():
        program.add(Row("circle", 0, k), d.circle[k], u[d.circle[k]] / size[k], high=d.circle_pu[k])
    return bool(len(broken))


def cut_purchase(program: Program, u: FloatArray, here: Replay) -> None:
    """bought >= s(u_k) + grad s (u - u_k) of every step."""
    columns = program.decisions.network_columns
    slope = _by_columns(program, bought_gradient(here.solution, program.problem.setting.source_pu))
    for t, own in enumerate(columns):
        least = here.source_kw[t] / S_BASE_KVA - slope[t] @ u[own]
        program.add(
            Row("bought", t),
            np.append(own, program.bought[t]),
            np.append(-slope[t], 1.0),
            low=least,
        )


def cut_quadratic_cost(program: Program, u: FloatArray) -> None:
    """Tangents of the sum of c P^2 of every step."""
    d = program.decisions
    for t in range(program.problem.n_steps):
        own = d.p[t][d.square[d.p[t]] > 0]
        if len(own):
            columns, values = (
                np.append(own, program.curved[t]),
                np.append(-2 * d.square[own] * u[own], 1.0),
            )
            program.add(Row("cost", t), columns, values, low=-float(d.square[own] @ u[own] ** 2))


def cut_flows(program: Program, u: FloatArray, here: Replay) -> None:
    """Tangents of every branch limit that is broken on AC, relative to the limit."""
    flows, columns = program.problem.limits.flows, program.decisions.network_columns
    value = flows.values(here.solution)
    broken = value > flows.limit * (1 + WORTH_A_CUT)
    for k in np.flatnonzero(broken.any(axis=0)):
        only = np.broadcast_to(np.arange(len(flows)) == k, value.shape).astype(float)
        slope = _by_columns(program, adjoint(here.solution, flows.pull_back(here.solution, only)))
        for t in np.flatnonzero(broken[:, k]):
            share = slope[t] * S_BASE_KVA / flows.limit[k]
            high = 1 - value[t, k] / flows.limit[k] + share @ u[columns[t]]
            program.add(
                Row("flow", int(t), int(k), 1 / flows.limit[k]),
                columns[t],
                share,
                high=high,
                can_give=True,
            )


def _by_columns(program: Program, gradient: Gradient) -> FloatArray:
    """Derivative by the columns that move a step, (step, column), of a number in its unit, per kW of it by pu of u."""
    problem, flexible = program.problem, program.decisions.flexible
    by_share = (
        gradient.load_kw * problem.steps.load_kw + gradient.load_kvar * problem.steps.load_kvar
    )
    return np.hstack([gradient.der_kw, gradient.der_kvar, by_share[:, flexible] / S_BASE_KVA])
