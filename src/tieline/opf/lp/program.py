"""The program of one round: `Linearisation` says what it is built around, `solve_round` builds and solves it (Clarabel)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy import sparse

from tieline.opf.answer import Duals
from tieline.opf.cones.blocks import Block
from tieline.opf.cones.decision_limits import circle_block, coupling_blocks
from tieline.opf.cones.interior_point import Accuracy, Solved, solve_cones
from tieline.opf.decisions import Decisions
from tieline.opf.infeasible import NoOptimumError
from tieline.opf.lp.columns import Columns
from tieline.opf.lp.flow_rows import FlowRows
from tieline.opf.lp.forms import Form
from tieline.opf.lp.purchase import Purchase
from tieline.opf.lp.voltages import Voltages
from tieline.opf.lp.watched import Watched
from tieline.opf.problem import Problem
from tieline.typing import BoolArray, FloatArray, IntArray

ACCURACY = Accuracy(
    tolerance=1e-9, regularisations=(1e-7, 1e-8, 1e-6), refinement=1e-10
)
"""Three digits finer than what a replay calls a violation. Equations of a large feeder are near to singular: measured on the
8500-node feeder, 1e-8 ends early without curvature in the cost, and 1e-6 is slow. Refining a digit past the tolerance takes a
third less time than refining to the last, and leaves the same optimum."""


@dataclass(frozen=True, eq=False)
class Linearisation:
    """The network around some decisions.

    Attributes:
        u: the decisions, (decision,).
        voltages, value: the network's equations, and |V|^power at u, (step, point).
        form: how the equations stand in the program.
        purchase: what is bought.
        flows: limits of branches.
    """

    u: FloatArray
    voltages: Voltages
    value: FloatArray
    form: Form
    purchase: Purchase
    flows: FlowRows

    @property
    def problem(self) -> Problem:
        """What is asked."""
        return self.voltages.problem


@dataclass(frozen=True, eq=False)
class Optimum:
    """One solved program.

    Attributes:
        u: decisions, (decision,).
        moved: change of the network's unknowns, (step, unknown) [pu].
        objective: cost [currency] or sum of slacks.
        vm_pu: voltages by its own model, (step, point) [pu].
        duals: of the limits.
        status, iterations, solve_s: what the solver said, and its work.
    """

    u: FloatArray
    moved: FloatArray
    objective: float
    vm_pu: FloatArray
    duals: Duals
    status: str
    iterations: int
    solve_s: float


def solve_round(
    around: Linearisation, decisions: Decisions, is_elastic: bool, watched: Watched
) -> Optimum | None:
    """Optimum around a place; None if no decisions keep the watched limits.

    Args:
        around: the place.
        decisions: bounds to keep, which may be closer than the problem's own.
        is_elastic: whether limits of the network may give, and the sum by which they do is minimised in place of the cost.
        watched: voltage limits with a row; all where limits may give.

    Raises:
        NoOptimumError: if Clarabel gave up.
    """
    columns = Columns(around.problem, around.form.width, is_elastic)
    if is_elastic:
        constant = 0.0
        curved, linear = _least_slack(columns)
    else:
        constant, curved, linear = _cost(around, decisions, columns)
    blocks = list(_blocks(around, decisions, columns, watched))
    size = _column_size(decisions, columns)
    solved = solve_cones(blocks, curved, linear, ACCURACY, "The linear program", size)
    if solved.is_infeasible:
        return None
    if not solved.is_optimal:
        name = around.problem.network.feeder.name
        raise NoOptimumError(
            f"Clarabel ended with '{solved.status}' on feeder '{name}'. Scale the costs to ordinary numbers, or loosen limits "
            "that only just hold."
        )
    return _read(around, decisions.count, watched, solved, constant)


def _column_size(decisions: Decisions, columns: Columns) -> FloatArray:
    """How far each decision can go from zero [pu]: a DER of 1 kW is as near to its limits as one of 1 MW."""
    d = decisions
    reach = np.maximum(np.abs(d.lower), np.abs(d.upper))
    np.minimum.at(reach, d.circle, d.circle_pu[:, None])
    size = np.ones(columns.count)
    # a decision that is fixed at zero or has no bound gives no measure
    is_sized = (reach > 0) & np.isfinite(reach)
    places = np.flatnonzero(is_sized)
    size[places] = reach[places]
    return size


def _cost(
    around: Linearisation, decisions: Decisions, columns: Columns
) -> tuple[float, sparse.csc_array, FloatArray]:
    """Energy bought and what the decisions cost: constant, of second order, and linear."""
    steps = around.problem.steps
    purchase = around.purchase
    price = steps.hours * steps.price
    linear = np.zeros(columns.count)
    linear[: decisions.count] = decisions.linear
    linear[decisions.network_columns] += price[:, None] * purchase.slope
    constant = float(price @ purchase.constant)
    square = np.zeros(columns.count)
    square[: decisions.count] = decisions.square
    curved = sparse.csr_array(sparse.diags_array(square))
    if purchase.growth is not None:
        growth = around.form.growth(purchase.growth, price)
        # slacks stand behind the form's columns and cost nothing here
        matrix = columns.widened(growth.matrix)
        matrix.resize(curved.shape)
        curved = curved + matrix
        linear[: around.form.width] += growth.linear
        constant += growth.constant
    return constant, sparse.csc_array(curved), linear


def _least_slack(columns: Columns) -> tuple[sparse.csc_array, FloatArray]:
    shape = (columns.count, columns.count)
    no_curvature = sparse.csc_array(shape)
    linear = np.zeros(columns.count)
    linear[columns.slack] = 1.0
    return no_curvature, linear


def _blocks(
    around: Linearisation, decisions: Decisions, columns: Columns, watched: Watched
) -> Iterator[Block]:
    """All constraints, by name."""
    for block in around.form.blocks():
        yield replace(block, matrix=columns.widened(block.matrix))
    yield from coupling_blocks(decisions, columns.widened)
    yield circle_block(decisions, columns.widened)
    yield from _voltage_blocks(around, columns, watched)
    yield _flow_block(around, columns)
    slack = columns.slack
    at_least_zero = columns.less(slack, len(slack))
    yield Block(at_least_zero, np.zeros(len(slack)), "nonnegative")


def _voltage_blocks(
    around: Linearisation, columns: Columns, watched: Watched
) -> Iterator[Block]:
    """Voltages within their watched limits, to the model's power."""
    limits = around.problem.limits
    power = around.voltages.power
    room_below = around.value - limits.v_min_pu**power
    room_above = limits.v_max_pu**power - around.value
    is_low = watched.low.ravel()
    is_high = watched.high.ravel()
    matrix = around.voltages.matrix
    downward = -sparse.csr_array(matrix[np.flatnonzero(is_low)])
    upward = sparse.csr_array(matrix[np.flatnonzero(is_high)])
    low = _room(room_below[watched.low], columns.low, is_low)
    high = _room(room_above[watched.high], columns.high, is_high)
    yield _limit_block(around.form, columns, downward, low, "low")
    yield _limit_block(around.form, columns, upward, high, "high")


class _Room(NamedTuple):
    """What limits leave, (row,), and the columns of their slacks, if any."""

    room: FloatArray
    slack: IntArray


def _room(room: FloatArray, slack: IntArray, is_watched: BoolArray) -> _Room:
    if slack.size:
        slack = slack.ravel()[is_watched]
    return _Room(room, slack)


def _flow_block(around: Linearisation, columns: Columns) -> Block:
    flows = around.flows
    slack = columns.flow
    if slack.size:
        slack = slack[flows.step, flows.limit]
    limit = _Room(flows.room, slack)
    return _limit_block(around.form, columns, flows.matrix, limit, "flow")


def _limit_block(
    form: Form, columns: Columns, matrix: sparse.csr_array, limit: _Room, name: str
) -> Block:
    """matrix dx <= room, less a slack where limits may give."""
    rows, offset = form.by_columns(matrix)
    height = len(limit.room)
    over_columns = columns.widened(rows) + columns.less(limit.slack, height)
    return Block(over_columns, limit.room + offset, "nonnegative", name)


def _read(
    around: Linearisation,
    n_decisions: int,
    watched: Watched,
    solved: Solved,
    constant: float,
) -> Optimum:
    dx = around.form.moved(solved.x[: around.form.width])
    by_row = np.asarray(around.voltages.matrix @ dx)
    change = by_row.reshape(around.value.shape)
    # No voltage has a square below zero, however far a linear model is taken.
    value = np.maximum(around.value + change, 0.0)
    return Optimum(
        u=solved.x[:n_decisions],
        moved=dx.reshape(around.problem.n_steps, -1),
        objective=solved.objective + constant,
        vm_pu=value ** (1 / around.voltages.power),
        duals=_duals(around, watched, solved),
        status=solved.status,
        iterations=solved.iterations,
        solve_s=solved.solve_s,
    )


def _duals(around: Linearisation, watched: Watched, solved: Solved) -> Duals:
    """Duals of the limits; an LP has no price at nodes."""
    problem = around.problem
    limits = problem.limits
    power = around.voltages.power
    nodes = (problem.n_steps, problem.network.n_nodes)
    low = np.zeros(around.value.shape)
    high = np.zeros(around.value.shape)
    # Where nothing is watched the program has no block of that name.
    low[watched.low] = solved.duals.get("low", [])
    high[watched.high] = solved.duals.get("high", [])
    # Limits stand to the model's power in the rows.
    per_low = power * limits.v_min_pu ** (power - 1)
    per_high = power * limits.v_max_pu ** (power - 1)
    flow = np.zeros((problem.n_steps, len(limits.flows)))
    rows = around.flows
    # Without a branch limit the program has no block of that name.
    if len(rows.room):
        scale = limits.flows.scale[rows.limit]
        flow[rows.step, rows.limit] = solved.duals["flow"] / scale
    return Duals(
        voltage=high * per_high - low * per_low,
        flow=flow,
        node_kw=np.full(nodes, np.nan),
        node_kvar=np.full(nodes, np.nan),
    )
