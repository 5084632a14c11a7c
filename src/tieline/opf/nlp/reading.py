"""What Ipopt's solution says: voltages, set-points, duals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.linear.blocks import apply
from tieline.opf.answer import Answer, Duals
from tieline.opf.decisions import Decisions
from tieline.opf.nlp.layout import Layout
from tieline.opf.problem import Problem
from tieline.typing import ComplexArray, FloatArray
from tieline.units import S_BASE_KVA


@dataclass(frozen=True, eq=False)
class Start:
    """Primal and dual variables of a solve, from which another begins; multipliers in currency."""

    x: FloatArray
    lam_x: FloatArray
    lam_g: FloatArray


@dataclass(frozen=True, eq=False)
class Outcome:
    """What Ipopt returned: its state, the objective [currency], what it said, and the work done."""

    start: Start
    objective: float
    status: str
    iterations: int
    solve_s: float


def read_answer(
    problem: Problem, decisions: Decisions, layout: Layout, outcome: Outcome
) -> Answer:
    """The optimum in the words of all formulations."""
    x = outcome.start.x
    rectangular = x[layout.voltages].reshape(layout.steps, 2, layout.nodes)
    v = rectangular[:, 0] + 1j * rectangular[:, 1]
    return Answer(
        method="nlp",
        status=outcome.status,
        problem=problem,
        u=x[layout.u],
        decisions=decisions,
        objective=outcome.objective,
        duals=_duals(problem, layout, v, outcome.start.lam_g),
        vm_pu=problem.limits.points.magnitude_pu(v),
        start=outcome.start,
        iterations=outcome.iterations,
        solve_s=outcome.solve_s,
        v_pu=v,
    )


def _duals(
    problem: Problem, layout: Layout, v: ComplexArray, multipliers: FloatArray
) -> Duals:
    """Multipliers of squares turned into those of magnitudes; of current balances into prices of power."""
    by_re, by_im, square, flow = layout.split_constraints(multipliers)
    kw, kvar = _node_prices(problem, layout, v, by_re + 1j * by_im)
    # d|V|^2 = 2 |V| d|V|; the sign of a multiplier says which limit binds.
    size = problem.limits.points.magnitude_pu(v)
    voltage = square * 2 * size
    # A flow enters relative to its scale, squared unless it is a power with a direction.
    flows = problem.limits.flows
    per_limit = np.where(flows.is_directed, 1.0, 2.0) / flows.scale
    return Duals(voltage=voltage, flow=flow * per_limit, node_kw=kw, node_kvar=kvar)


def _node_prices(
    problem: Problem, layout: Layout, v: ComplexArray, of_row: ComplexArray
) -> tuple[FloatArray, FloatArray]:
    """Price of P and Q at every node from the multipliers of combined balances, (step, row) as dRe + j dIm."""
    shape = (layout.steps, layout.nodes)
    kw = np.full(shape, np.nan)
    kvar = np.full(shape, np.nan)
    of_node = apply(layout.balance.T, of_row)
    steps = problem.steps
    per_unit = S_BASE_KVA * steps.hours
    with np.errstate(invalid="ignore", divide="ignore"):
        # a node without voltage has no price
        per_kwh = of_node / v[:, layout.balanced] / per_unit
    kw[:, layout.balanced] = per_kwh.real
    kvar[:, layout.balanced] = -per_kwh.imag
    # What is taken at an ideal source's own node is bought one for one, and its reactive power costs nothing.
    kw[:, layout.held] = steps.price[:, None]
    kvar[:, layout.held] = 0.0
    return kw, kvar
