"""The program of one structure in casadi's symbols, with the derivatives that Ipopt asks for.

    minimise   price bought + linear u + square u^2          or, where limits may give, the sum of slacks
    with       constraints of every step, circles of apparent power, couplings of the decisions in time

Derivatives are put together from those of one step (`equations.Step`), which are worked out once whatever the number of steps.
Left to casadi they would be searched in the whole program, which takes longer than most feeders take to solve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from tieline.linear.blocks import assemble, selection
from tieline.opf.decisions import Decisions
from tieline.opf.nlp.equations import (
    constraint_apparent_power,
    constraint_couplings,
    n_data,
    step_function,
)
from tieline.opf.nlp.layout import Layout
from tieline.opf.problem import Problem
from tieline.typing import IntArray
from tieline.units import S_BASE_KVA


@dataclass(frozen=True, eq=False)
class Program:
    """One structure.

    Attributes:
        layout: where variables and constraints stand.
        symbols: variables, objective, constraints and parameters, by casadi's names.
        derivatives: functions that casadi need not derive, by the names of its options.
    """

    layout: Layout
    symbols: dict[str, Any]
    derivatives: dict[str, Any]

    def solver(self, casadi: Any, name: str, options: dict[str, Any]) -> Any:
        """Ipopt on this program."""
        # The derivative by parameters is of no use to Ipopt, and takes as long to derive as the others.
        unused = {"calc_lam_p": False, "no_nlp_grad": True}
        all_options = options | self.derivatives | unused
        return casadi.nlpsol(name, "ipopt", self.symbols, all_options)


def build_program(
    casadi: Any, problem: Problem, decisions: Decisions, layout: Layout
) -> Program:
    """The program of a problem's structure."""
    symbols = _symbols(casadi, problem, layout)
    steps = _steps(casadi, problem, decisions, layout, symbols)
    u = symbols.x[layout.u]
    circles = constraint_apparent_power(casadi, decisions, u)
    # of the whole program, and in no step
    common = casadi.vertcat(circles, constraint_couplings(casadi, decisions, u))
    spent, price = _cost(casadi, layout, symbols)
    if layout.is_elastic:
        objective = casadi.sum1(symbols.x[layout.slacks])
    else:
        bought = casadi.vertcat(*(step.bought for step in steps))
        objective = spent + casadi.dot(price, bought)
    constraints = casadi.vertcat(*(step.constraints for step in steps), common)
    slopes = [step.slope for step in steps]
    jacobian = casadi.vertcat(*slopes, casadi.jacobian(common, symbols.x))
    arguments = [symbols.x, symbols.p]
    slope = casadi.Function(
        "nlp_jac_g", arguments, [constraints, jacobian], ["x", "p"], ["g", "jac_g_x"]
    )
    bend = _second_derivative(casadi, symbols, steps, common, spent, price)
    return Program(
        layout=layout,
        symbols={"x": symbols.x, "f": objective, "g": constraints, "p": symbols.p},
        derivatives={"jac_g": slope, "hess_lag": bend},
    )


class _Symbols(NamedTuple):
    """Variables, then the parameters: data of the steps, cost of the decisions, weights of branch limits, and all of these."""

    x: Any
    data: Any
    cost: Any
    scale: Any
    p: Any


def _symbols(casadi: Any, problem: Problem, layout: Layout) -> _Symbols:
    x = casadi.SX.sym("x", layout.slacks.stop)
    data = casadi.SX.sym("data", n_data(problem, layout), layout.steps)
    cost = casadi.SX.sym("cost", 2 * layout.decisions)
    scale = casadi.SX.sym("scale", layout.rows)
    p = casadi.vertcat(casadi.vec(data), cost, scale)
    return _Symbols(x, data, cost, scale, p)


class _StepSymbols(NamedTuple):
    """One step of the program.

    Attributes:
        constraints, bought: its constraints, (constraint,), and the power bought [pu].
        slope: derivative of the constraints by x.
        arguments: what the functions of `Step` take.
        places: which of x are its voltages and injections, (argument, variable).
        bend: as of `Step`.
    """

    constraints: Any
    bought: Any
    slope: Any
    arguments: tuple[Any, ...]
    places: Any
    bend: Any


def _steps(
    casadi: Any,
    problem: Problem,
    decisions: Decisions,
    layout: Layout,
    symbols: _Symbols,
) -> list[_StepSymbols]:
    step = step_function(casadi, problem, layout, decisions.flexible)
    slack = _slack_rows(casadi, layout)
    steps = []
    for t in range(layout.steps):
        v_columns, injected_columns, slack_columns = _columns(layout, decisions, t)
        places = _select(casadi, v_columns, layout)
        injected_places = _select(casadi, injected_columns, layout)
        slack_places = _select(casadi, slack_columns, layout)
        v = symbols.x[v_columns.tolist()]
        injected = symbols.x[injected_columns.tolist()]
        arguments = (v, injected, symbols.data[:, t], symbols.scale)
        curved, bought = step.curved(*arguments)
        by_v, by_injected = step.slope(*arguments)
        # an index list of nothing would give a matrix of another shape, so slacks come by their places
        missed = slack @ (slack_places @ symbols.x)
        steps.append(
            _StepSymbols(
                constraints=step.linear @ v + curved + missed,
                bought=bought,
                slope=(step.linear + by_v) @ places
                + by_injected @ injected_places
                + slack @ slack_places,
                arguments=arguments,
                places=casadi.vertcat(places, injected_places),
                bend=step.bend,
            )
        )
    return steps


def _columns(layout: Layout, decisions: Decisions, t: int) -> tuple[IntArray, ...]:
    """Voltages, injections and slacks of a step in x."""
    voltages = 2 * layout.nodes
    v = np.arange(t * voltages, (t + 1) * voltages)
    injected = layout.u.start + decisions.network_columns[t]
    count = layout.slacks_per_step
    slack = layout.slacks.start + np.arange(t * count, (t + 1) * count)
    return v, injected, slack


def _slack_rows(casadi: Any, layout: Layout) -> Any:
    """How slacks of the lowest and highest voltages and of branch limits enter a step's constraints, (constraint, slack)."""
    n_balances = 2 * len(layout.balanced)
    height = n_balances + layout.points + layout.rows
    if not layout.is_elastic:
        return casadi.DM(height, 0)
    points = n_balances + np.arange(layout.points)
    rows = n_balances + layout.points + np.arange(layout.rows)
    signs = np.repeat([1.0, -1.0, -1.0], [len(points), len(points), len(rows)])
    limits = np.concatenate([points, points, rows])
    slacks = np.arange(layout.slacks_per_step)
    return _matrix(casadi, assemble(limits, slacks, signs, (height, len(slacks))))


def _cost(casadi: Any, layout: Layout, symbols: _Symbols) -> tuple[Any, Any]:
    """What decisions cost by themselves, and the price of what is bought in each step, (step,); nothing where limits may give."""
    if layout.is_elastic:
        return casadi.SX(0), casadi.SX(layout.steps, 1)
    u = symbols.x[layout.u]
    linear = symbols.cost[: layout.decisions]
    square = symbols.cost[layout.decisions :]
    spent = casadi.dot(linear, u) + casadi.dot(square, u * u)
    return spent, S_BASE_KVA * symbols.data[-1, :].T


def _second_derivative(
    casadi: Any,
    symbols: _Symbols,
    steps: list[_StepSymbols],
    common: Any,
    spent: Any,
    price: Any,
) -> Any:
    """Of lam_f objective + lam_g constraints by x: the upper half, as casadi asks for it."""
    height = steps[0].constraints.numel()
    n_common = common.numel()
    lam_f = casadi.SX.sym("lam_f")
    lam_g = casadi.SX.sym("lam_g", height * len(steps) + n_common)
    of_common = lam_g[lam_g.numel() - n_common :]
    value = lam_f * spent + casadi.dot(of_common, common)
    second, _ = casadi.hessian(value, symbols.x)
    for t, step in enumerate(steps):
        multipliers = lam_g[t * height : (t + 1) * height]
        bend = step.bend(*step.arguments, multipliers, lam_f * price[t])
        second += step.places.T @ bend @ step.places
    return casadi.Function(
        "nlp_hess_l",
        [symbols.x, symbols.p, lam_f, lam_g],
        [casadi.triu(second)],
        ["x", "p", "lam_f", "lam_g"],
        ["triu_hess_gamma_x_x"],
    )


def _select(casadi: Any, columns: IntArray, layout: Layout) -> Any:
    """Rows that take some variables out of x, (row, variable)."""
    return _matrix(casadi, selection(columns, layout.slacks.stop))


def _matrix(casadi: Any, matrix: sparse.csr_array) -> Any:
    """A sparse matrix in casadi's form, which it makes from columns only."""
    return casadi.DM(sparse.csc_matrix(matrix))
