"""`Program`: the linear program in HiGHS; rows come and go, slacks of limits are held at zero or minimised."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.opf.decisions import Decisions
from tieline.opf.infeasible import NoOptimumError
from tieline.opf.problem import Problem
from tieline.opf.solvers import import_solver
from tieline.typing import FloatArray, IntArray
from tieline.units import S_BASE_KVA


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one kind: low <= matrix x <= high.

    Attributes:
        kind: what they stand for.
        columns, values: columns of each row and their weights, (row, entry) each.
        low, high: (row,).
        step, place: which limit each row stands for, (row,).
        weight: turns the dual of each row into that of its limit, (row,) [currency per unit of the limit].
        can_give: whether slacks of the limits are taken off.
    """

    kind: str
    columns: IntArray
    values: FloatArray
    low: FloatArray | float = -np.inf
    high: FloatArray | float = np.inf
    step: IntArray | int = 0
    place: IntArray | int = 0
    weight: FloatArray | float = 0.0
    can_give: bool = False

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.values)

    def per_row(self, value: Any) -> Any:
        """A number or an array as one number for each row."""
        return np.broadcast_to(np.asarray(value), len(self)).copy()


@dataclass(frozen=True, eq=False)
class _Basis:
    """HiGHS' status of columns, of rows that stand for limits, and of the other blocks of rows: basic, or at which bound."""

    columns: list[Any]
    of_limits: dict[tuple[str, int, int], Any]
    of_others: dict[Rows, list[Any]]


class Program:
    """Columns: u, power bought by step [pu], quadratic cost by step [currency], then a slack for each limit that may give.

    Attributes:
        bought, curved: columns of the power bought and of the quadratic cost, (step,).
        x: all columns at the last optimum.
        iterations, solve_s: runs so far, and the time they took [s].
    """

    def __init__(self, problem: Problem, decisions: Decisions):
        highs = import_solver("highspy", "The linear program")
        self.problem = problem
        self.decisions = decisions
        self.bought = decisions.count + np.arange(problem.n_steps)
        self.curved = decisions.count + problem.n_steps + np.arange(problem.n_steps)
        self.x = np.empty(0)
        self.iterations = 0
        self.solve_s = 0.0
        self._infinity = highs.kHighsInf
        self._blocks: list[Rows] = []
        self._slack: dict[tuple[str, int, int], int] = {}
        self._is_elastic = False
        self._basis: _Basis | None = None
        self._highs = highs
        self._solver = highs.Highs()
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)
        self._add_columns()
        self._add_couplings()

    def add(self, rows: Rows) -> None:
        """Rows at the end of the program, less the slacks of their limits if they `can_give`."""
        if not len(rows):
            return
        columns = rows.columns
        values = rows.values
        if rows.can_give:
            slack = [self._slack_of(key) for key in self._limits_of(rows)]
            columns = np.hstack([columns, np.array(slack)[:, None]])
            values = np.hstack([values, np.full((len(rows), 1), -1.0)])
        starts = np.arange(len(rows)) * columns.shape[1]
        self._add_rows(rows, starts, columns.ravel(), values.ravel())

    def drop(self, *kinds: str) -> None:
        """Remove all rows of these kinds; nothing where there are no rows, as in a program without limits that bind."""
        if not self._blocks:
            return
        # Once a tight row is gone HiGHS forgets its basis and would begin anew, although rows much like it follow.
        self._basis = self._last_basis()
        is_dropped = [np.full(len(rows), rows.kind in kinds) for rows in self._blocks]
        dropped = np.flatnonzero(np.concatenate(is_dropped)).astype(np.int32)
        self._solver.deleteRows(len(dropped), dropped)
        self._blocks = [rows for rows in self._blocks if rows.kind not in kinds]

    def relax(self, is_elastic: bool) -> None:
        """Minimise the sum of all slacks instead of the cost, or hold them at zero again."""
        self._is_elastic = is_elastic
        count = self.decisions.count + 2 * self.problem.n_steps
        cost = np.zeros(count) if is_elastic else self._cost()
        self._solver.changeColsCost(count, np.arange(count, dtype=np.int32), cost)
        for column in self._slack.values():
            self._solver.changeColBounds(column, 0.0, self._most_slack())
            self._solver.changeColCost(column, float(is_elastic))

    def stay_near(self, u: FloatArray, reach: float) -> None:
        """Let what moves the network go at most `reach` from u [pu]; an infinite reach frees it."""
        d = self.decisions
        moving = self.decisions.network_columns.ravel()
        low = np.maximum(d.lower[moving], u[moving] - reach)
        high = np.minimum(d.upper[moving], u[moving] + reach)
        self._solver.changeColsBounds(len(moving), moving.astype(np.int32), low, high)

    def solve(self) -> float | None:
        """Optimal objective [currency, or the sum of slacks]; None if no x keeps all rows.

        Raises:
            NoOptimumError: if HiGHS gave up.
        """
        began = time.perf_counter()
        self._begin_at_last_basis()
        self._solver.run()
        self.solve_s += time.perf_counter() - began
        self.iterations += 1
        status = str(self._solver.getModelStatus()).rpartition(".")[2]
        if status in ("kInfeasible", "kUnboundedOrInfeasible"):
            return None
        if status != "kOptimal":
            name = self.problem.network.feeder.name
            raise NoOptimumError(
                f"HiGHS ended with '{status}' on feeder '{name}'. Scale the costs to ordinary numbers."
            )
        self.x = np.asarray(self._solver.getSolution().col_value)
        return float(self._solver.getInfo().objective_function_value)

    def duals(self, kinds: tuple[str, ...], places: int) -> FloatArray:
        """What one unit more of the limits of some kinds changes the cost by, (step, place)."""
        total = np.zeros((self.problem.n_steps, places))
        of_rows = np.asarray(self._solver.getSolution().row_dual)
        first = 0
        for rows in self._blocks:
            last = first + len(rows)
            if rows.kind in kinds:
                worth = of_rows[first:last] * rows.weight
                step = rows.per_row(rows.step)
                place = rows.per_row(rows.place)
                np.subtract.at(total, (step.astype(int), place.astype(int)), worth)
            first = last
        return total

    def _last_basis(self) -> _Basis | None:
        """What the last solve ended with; None before the first, and after rows went without a solve since."""
        basis = self._solver.getBasis()
        if not basis.valid:
            return None
        status = list(basis.row_status)
        of_limits = {}
        of_others = {}
        first = 0
        for rows in self._blocks:
            of_rows = status[first : first + len(rows)]
            if rows.can_give:
                of_limits.update(zip(self._limits_of(rows), of_rows, strict=True))
            else:
                of_others[rows] = of_rows
            first += len(rows)
        return _Basis(list(basis.col_status), of_limits, of_others)

    def _begin_at_last_basis(self) -> None:
        """Give rows that were renewed since the last solve the status of those before."""
        last = self._basis
        self._basis = None
        if last is None:
            return
        statuses = self._highs.HighsBasisStatus
        basis = self._highs.HighsBasis()
        row_status = []
        for rows in self._blocks:
            # A row that is new counts as loose, so that the last optimum stays where the simplex method begins.
            of_rows = last.of_others.get(rows, [statuses.kBasic] * len(rows))
            if rows.can_give:
                limits = self._limits_of(rows)
                of_rows = [
                    last.of_limits.get(limit, statuses.kBasic) for limit in limits
                ]
            row_status += of_rows
        new_columns = self._solver.getNumCol() - len(last.columns)
        basis.col_status = last.columns + [statuses.kLower] * new_columns
        basis.row_status = row_status
        basis.valid = True
        # HiGHS completes a basis of another program where rows that were tight are missing.
        basis.alien = True
        self._solver.setBasis(basis)

    def _add_columns(self) -> None:
        """Bounds and cost of all columns but the slacks."""
        d = self.decisions
        problem = self.problem
        steps = problem.n_steps
        free = np.full(2 * problem.n_steps, self._infinity)
        # Before the first cut nothing bounds the power bought: a feeder cannot export more than all DERs give.
        given_kw = np.abs(problem.ders.p_max_kw).sum()
        taken_kw = np.abs(problem.steps.load_kw).sum()
        most = float(given_kw + taken_kw) / S_BASE_KVA
        low = np.concatenate([d.lower, np.full(steps, -most), np.zeros(steps)])
        high = np.concatenate([d.upper, free])
        self._solver.addVars(len(low), low, high)
        self._solver.changeColsCost(
            len(low), np.arange(len(low), dtype=np.int32), self._cost()
        )

    def _add_couplings(self) -> None:
        """The linear constraints of the decisions over time."""
        d = self.decisions
        no_columns = np.empty((len(d.row_lower), 0))
        rows = Rows(
            "coupling", no_columns.astype(int), no_columns, d.row_lower, d.row_upper
        )
        if len(rows):
            matrix = d.matrix
            self._add_rows(rows, matrix.indptr[:-1], matrix.indices, matrix.data)  # type: ignore[arg-type]

    def _add_rows(self, rows: Rows, starts: Any, columns: Any, values: Any) -> None:
        low, high = (
            np.clip(rows.per_row(limit).astype(float), -self._infinity, self._infinity)
            for limit in (rows.low, rows.high)
        )
        self._solver.addRows(
            len(rows),
            low,
            high,
            len(values),
            starts.astype(np.int32),
            columns.astype(np.int32),
            values,
        )
        self._blocks.append(rows)

    def _cost(self) -> FloatArray:
        steps = self.problem.steps
        energy = steps.hours * S_BASE_KVA * steps.price
        return np.concatenate(
            [self.decisions.linear, energy, np.ones(self.problem.n_steps)]
        )

    def _limits_of(self, rows: Rows) -> list[tuple[str, int, int]]:
        steps = rows.per_row(rows.step).tolist()
        places = rows.per_row(rows.place).tolist()
        return [
            (rows.kind, step, place) for step, place in zip(steps, places, strict=True)
        ]

    def _slack_of(self, limit: tuple[str, int, int]) -> int:
        """Column of the slack of a limit, made when it is first asked for."""
        if limit not in self._slack:
            self._slack[limit] = (
                self.decisions.count + 2 * self.problem.n_steps + len(self._slack)
            )
            no_rows = np.empty(0, dtype=np.int32)
            no_values = np.empty(0)
            cost = float(self._is_elastic)
            self._solver.addCol(cost, 0.0, self._most_slack(), 0, no_rows, no_values)
        return self._slack[limit]

    def _most_slack(self) -> float:
        return self._infinity if self._is_elastic else 0.0
