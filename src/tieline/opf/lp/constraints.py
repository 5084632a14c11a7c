"""The constraints of the linear program, by name; each adds its rows to the `Program`.

What is curved becomes tangents that touch at the set-points u_k of a round: they never cut off a better point where the quantity
is convex, so rounds keep them. Voltages are not convex: their rows are renewed in every round.
"""

from __future__ import annotations

import numpy as np

from tieline.opf.lp.program import Program, Rows
from tieline.opf.lp.voltages import Voltages
from tieline.opf.replay import Replay
from tieline.opf.source import bought_gradient
from tieline.powerflow.derivatives.gradients import Gradient, adjoint
from tieline.typing import BoolArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

FIRST_TANGENTS = 16
"""Tangents around each circle before the first round: outside by 2 % at most; later ones touch where they are needed."""

WORTH_A_CUT = 1e-6
"""How far past its limit a flow or circle is cut off, relative to the limit: what a replay calls a violation."""


def lossless_purchase(program: Program) -> None:
    """What is consumed is bought, losses left out: the purchase before any AC solution is known."""
    problem = program.problem
    d = program.decisions
    load_kw = problem.steps.load_kw
    fixed_pu = (
        np.where(problem.flexible.is_flexible, 0.0, load_kw).sum(axis=1) / S_BASE_KVA
    )
    columns = np.hstack([program.bought[:, None], d.p, d.share])
    values = np.ones(columns.shape)
    values[:, 1 + d.p.shape[1] :] = -load_kw[:, d.flexible] / S_BASE_KVA
    steps = np.arange(problem.n_steps)
    program.add(Rows("lossless", columns, values, low=fixed_pu, step=steps))


def purchase(program: Program, u: FloatArray, replay: Replay) -> None:
    """bought >= s(u_k) + grad s (u - u_k) of every step, which counts the losses."""
    columns = program.decisions.network_columns
    gradient = bought_gradient(replay.solution, program.problem.setting.source_pu)
    slope = _by_columns(program, gradient)
    least = replay.source_kw / S_BASE_KVA - (slope * u[columns]).sum(axis=1)
    rows = Rows(
        "bought",
        np.hstack([columns, program.bought[:, None]]),
        np.hstack([-slope, np.ones((len(columns), 1))]),
        low=least,
        step=np.arange(len(columns)),
    )
    program.add(rows)


def quadratic_cost(program: Program, u: FloatArray) -> None:
    """Tangents of the sum of c P^2 of every step."""
    d = program.decisions
    for step, p in enumerate(d.p):
        curved = p[d.square[p] > 0]
        if len(curved):
            columns = np.append(curved, program.curved[step])[None, :]
            values = np.append(-2 * d.square[curved] * u[curved], 1.0)[None, :]
            low = -float(d.square[curved] @ u[curved] ** 2)
            program.add(Rows("cost", columns, values, low=low, step=step))


def apparent_power(program: Program) -> None:
    """The first tangents of every apparent-power limit; those that the box of P and Q keeps anyway are left out."""
    d = program.decisions
    angles = np.arange(FIRST_TANGENTS) * 2 * np.pi / FIRST_TANGENTS
    for angle in angles:
        weights = np.array([np.cos(angle), np.sin(angle)])
        low, high = d.lower[d.circle], d.upper[d.circle]
        farthest = np.maximum(weights * low, weights * high).sum(axis=1)
        needed = np.flatnonzero(farthest > d.circle_pu)
        _circle_rows(program, needed, np.tile(weights, (len(needed), 1)))


def apparent_power_touched(program: Program, u: FloatArray) -> None:
    """A tangent at every circle that u lies outside of."""
    d = program.decisions
    size = np.hypot(*u[d.circle.T])
    broken = np.flatnonzero(size > d.circle_pu * (1 + WORTH_A_CUT))
    _circle_rows(program, broken, u[d.circle[broken]] / size[broken][:, None])


def _circle_rows(program: Program, circles: IntArray, normal: FloatArray) -> None:
    """Tangents of some circles where their normals (circle, 2) point.

    A row is relative to the radius: HiGHS keeps rows to an absolute tolerance, which is a large part of a small circle.
    """
    d = program.decisions
    program.add(
        Rows(
            "circle",
            d.circle[circles],
            normal / d.circle_pu[circles][:, None],
            high=1.0,
        )
    )


def voltage_limits(
    program: Program,
    voltages: Voltages,
    kind: str,
    step: int,
    points: IntArray,
    u: FloatArray,
    value: FloatArray,
) -> None:
    """Rows of some lowest ("low") or highest ("high") voltages of a step.

    Args:
        program, voltages: the program, and what the voltages are linear by.
        kind, step, points: which limits, (point,).
        u, value: decisions, and the voltages there to the model's power, (point,).
    """
    limits = program.problem.limits
    power = voltages.power
    sign, limit = {"low": (-1.0, limits.v_min_pu), "high": (1.0, limits.v_max_pu)}[kind]
    columns = program.decisions.network_columns[step]
    slope = voltages.slopes(step, points)
    constant = value - slope @ u[columns]
    rows = Rows(
        kind,
        np.tile(columns, (len(points), 1)),
        sign * slope,
        high=sign * (limit[points] ** power - constant),
        step=step,
        place=points,
        weight=sign * power * limit[points] ** (power - 1),
        can_give=True,
    )
    program.add(rows)


def flow_limits(program: Program, u: FloatArray, replay: Replay) -> None:
    """Tangents of every current and apparent power that is past its limit on AC, relative to the limit."""
    flows = program.problem.limits.flows
    is_broken = flows.over(replay.flow) > WORTH_A_CUT
    _flow_rows(program, "flow", u, replay, is_broken & ~flows.is_directed)


def directed_flow_limits(
    program: Program, u: FloatArray, replay: Replay, is_watched: BoolArray
) -> None:
    """Rows of some limits in kW, (step, row), to first order around u.

    What flows back is concave, since losses are taken off: like a voltage's, its rows are renewed in every round.
    """
    _flow_rows(program, "directed", u, replay, is_watched)


def _flow_rows(
    program: Program, kind: str, u: FloatArray, replay: Replay, is_wanted: BoolArray
) -> None:
    flows = program.problem.limits.flows
    columns = program.decisions.network_columns
    over = flows.over(replay.flow)
    for k in np.flatnonzero(is_wanted.any(axis=0)).tolist():
        slope = _flow_slopes(program, replay, k) / flows.scale[k]
        steps = np.flatnonzero(is_wanted[:, k])
        room = (slope * u[columns]).sum(axis=1) - over[:, k]
        rows = Rows(
            kind,
            columns[steps],
            slope[steps],
            high=room[steps],
            step=steps,
            place=k,
            weight=1 / flows.scale[k],
            can_give=True,
        )
        program.add(rows)


def _flow_slopes(program: Program, replay: Replay, row: int) -> FloatArray:
    """Derivative of one branch's flow by the columns that move a step, (step, column) [A, kVA or kW per pu]."""
    flows = program.problem.limits.flows
    solution = replay.solution
    weight = np.zeros((solution.n_scenarios, len(flows)))
    weight[:, row] = 1.0
    return (
        _by_columns(program, adjoint(solution, flows.pull_back(solution, weight)))
        * S_BASE_KVA
    )


def _by_columns(program: Program, gradient: Gradient) -> FloatArray:
    """Derivative by the columns that move a step, (step, column), of a number in its unit, per kW of it by pu of u."""
    steps = program.problem.steps
    flexible = program.decisions.flexible
    by_share = gradient.load_kw * steps.load_kw + gradient.load_kvar * steps.load_kvar
    return np.hstack(
        [gradient.der_kw, gradient.der_kvar, by_share[:, flexible] / S_BASE_KVA]
    )
