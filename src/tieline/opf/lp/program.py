"""`Program`: the linear program in HiGHS; rows come and go, slacks of limits are held at zero or minimised."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tieline.opf.decisions import Decisions
from tieline.opf.infeasible import NoOptimumError
from tieline.opf.problem import Problem
from tieline.opf.solvers import import_solver
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA


@dataclass(frozen=True)
class Row:
    """What a row stands for: its kind, step and place; `weight` turns its dual into that of the limit [money per its unit]."""

    kind: str
    step: int = 0
    place: int = 0
    weight: float = 0.0


class Program:
    """Columns: u, power bought by step [pu], quadratic cost by step [money], then a slack for each limit that may give.

    Attributes:
        bought, curved: columns of the power bought and of the quadratic cost, (step,).
        x: all columns at the last optimum.
        iterations, solve_s: simplex runs so far, and the time they took [s].
    """

    def __init__(self, problem: Problem, decisions: Decisions):
        highs = import_solver("highspy", "The linear program")
        self.problem, self.decisions = problem, decisions
        self.bought = decisions.count + np.arange(problem.n_steps)
        self.curved = decisions.count + problem.n_steps + np.arange(problem.n_steps)
        self.x, self.iterations, self.solve_s = np.empty(0), 0, 0.0
        self._infinity = highs.kHighsInf
        self._rows: list[Row] = []
        self._slack: dict[tuple[str, int, int], int] = {}
        self._is_elastic = False
        self._solver = highs.Highs()
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)
        self._add_columns()
        d = decisions
        for k in range(len(d.row_lower)):
            some = slice(d.matrix.indptr[k], d.matrix.indptr[k + 1])
            self.add(
                Row("coupling", 0, k),
                d.matrix.indices[some],
                d.matrix.data[some],
                d.row_lower[k],
                d.row_upper[k],
            )

    def add(
        self,
        row: Row,
        columns: ArrayLike,
        values: ArrayLike,
        low: float = -np.inf,
        high: float = np.inf,
        *,
        can_give: bool = False,
    ) -> None:
        """low <= values of columns <= high, less the slack of the row's limit if it `can_give`."""
        index, value = np.asarray(columns, dtype=np.int32), np.asarray(values, dtype=float)
        if can_give:
            index, value = np.append(index, np.int32(self._slack_of(row))), np.append(value, -1.0)
        self._solver.addRow(self._finite(low), self._finite(high), len(index), index, value)
        self._rows.append(row)

    def drop(self, *kinds: str) -> None:
        """Remove all rows of these kinds."""
        gone = [k for k, row in enumerate(self._rows) if row.kind in kinds]
        self._solver.deleteRows(len(gone), np.array(gone, dtype=np.int32))
        self._rows = [row for row in self._rows if row.kind not in kinds]

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
        """Let what moves the network go at most so far from u [pu]; infinite frees it."""
        d, own = self.decisions, self.decisions.network_columns.ravel()
        low, high = (
            np.maximum(d.lower[own], u[own] - reach),
            np.minimum(d.upper[own], u[own] + reach),
        )
        self._solver.changeColsBounds(len(own), own.astype(np.int32), low, high)

    def solve(self) -> float | None:
        """Optimal objective [money, or the sum of slacks]; None if no x keeps all rows.

        Raises:
            NoOptimumError: if HiGHS gave up.
        """
        began = time.perf_counter()
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
        for value, row in zip(self._solver.getSolution().row_dual, self._rows, strict=True):
            if row.kind in kinds:
                total[row.step, row.place] -= value * row.weight
        return total

    def _add_columns(self) -> None:
        """Bounds and cost of all columns but the slacks."""
        d, problem = self.decisions, self.problem
        steps, free = problem.n_steps, np.full(2 * problem.n_steps, self._infinity)
        # Before the first cut nothing bounds the power bought: a feeder cannot export more than all DERs give.
        most = (
            float(np.abs(problem.ders.p_max_kw).sum() + np.abs(problem.steps.load_kw).sum())
            / S_BASE_KVA
        )
        low, high = (
            np.concatenate([d.lower, np.full(steps, -most), np.zeros(steps)]),
            np.concatenate([d.upper, free]),
        )
        self._solver.addVars(len(low), low, high)
        self._solver.changeColsCost(len(low), np.arange(len(low), dtype=np.int32), self._cost())

    def _cost(self) -> FloatArray:
        problem = self.problem
        return np.concatenate(
            [
                self.decisions.linear,
                problem.steps.hours * S_BASE_KVA * problem.steps.price,
                np.ones(problem.n_steps),
            ]
        )

    def _slack_of(self, row: Row) -> int:
        """Column of the slack of a row's limit, made when it is first asked for."""
        key = (row.kind, row.step, row.place)
        if key not in self._slack:
            self._slack[key] = self.decisions.count + 2 * self.problem.n_steps + len(self._slack)
            nothing = np.empty(0, dtype=np.int32), np.empty(0)
            self._solver.addCol(float(self._is_elastic), 0.0, self._most_slack(), 0, *nothing)
        return self._slack[key]

    def _most_slack(self) -> float:
        return self._infinity if self._is_elastic else 0.0

    def _finite(self, value: float) -> float:
        return float(np.clip(value, -self._infinity, self._infinity))
