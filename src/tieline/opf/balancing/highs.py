"""`LinearProgram`: a minimisation in HiGHS that grows by columns and rows and starts from its last basis."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tieline.opf.infeasible import NoOptimumError
from tieline.opf.solvers import import_solver
from tieline.typing import FloatArray, IntArray

OPTIMAL = "kOptimal"
INFEASIBLE = ("kInfeasible", "kUnboundedOrInfeasible")
"""Limits and cuts bound every cost from below: where HiGHS does not tell the two apart, it is infeasible."""

ANSWERS = (OPTIMAL, *INFEASIBLE)


class LinearProgram:
    """A linear program.

    Attributes:
        x: all columns at the last optimum.
        objective: then.
    """

    def __init__(self, label: str):
        highs = import_solver("highspy", "The minute's linear program")
        self.x = np.empty(0)
        self.objective = np.nan
        self._label = label
        self._solver = highs.Highs()
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)
        # Presolve would forget the basis, from which a program with one row more is a few steps away.
        self._solver.setOptionValue("presolve", "off")

    @property
    def n_columns(self) -> int:
        """Columns so far."""
        return self._solver.getNumCol()

    @property
    def n_rows(self) -> int:
        """Rows so far."""
        return self._solver.getNumRow()

    @property
    def row_duals(self) -> FloatArray:
        """What one unit more of each row's bound changes the optimum by, (row,)."""
        return np.asarray(self._solver.getSolution().row_dual)

    def add_columns(self, low: FloatArray, high: FloatArray, cost: FloatArray) -> int:
        """Columns in no row yet; the first one's place."""
        first = self.n_columns
        self._solver.addVars(len(low), low, high)
        self.set_cost(first + np.arange(len(low)), cost)
        return first

    def add_column(
        self, cost: float, rows: ArrayLike, values: ArrayLike, high: float = np.inf
    ) -> int:
        """A column from 0 up, in some rows; its place."""
        index = np.asarray(rows, dtype=np.int32)
        value = np.asarray(values, dtype=float)
        self._solver.addCol(cost, 0.0, high, len(index), index, value)
        return self.n_columns - 1

    def add_row(
        self, low: float, high: float, columns: ArrayLike, values: ArrayLike
    ) -> int:
        """low <= values x <= high; its place."""
        index = np.asarray(columns, dtype=np.int32)
        value = np.asarray(values, dtype=float)
        self._solver.addRow(low, high, len(index), index, value)
        return self.n_rows - 1

    def set_cost(self, columns: IntArray, cost: FloatArray) -> None:
        """Cost of some columns."""
        index = np.asarray(columns, dtype=np.int32)
        value = np.asarray(cost, dtype=float)
        self._solver.changeColsCost(len(index), index, value)

    def set_row(self, row: int, value: float) -> None:
        """Hold a row at a value."""
        self._solver.changeRowBounds(row, value, value)

    def set_bounds(self, columns: IntArray, low: FloatArray, high: FloatArray) -> None:
        """Bounds of some columns."""
        index = np.asarray(columns, dtype=np.int32)
        self._solver.changeColsBounds(len(index), index, low, high)

    def solve(self) -> bool:
        """Whether there is an optimum.

        Raises:
            NoOptimumError: if HiGHS gave up.
        """
        status = self._run()
        if status not in ANSWERS:
            # the last basis may have led astray: once more without it
            self._solver.clearSolver()
            status = self._run()
        if status in INFEASIBLE:
            return False
        if status != OPTIMAL:
            raise NoOptimumError(
                f"{self._label}: HiGHS ended with '{status}'. Scale offers and powers to ordinary numbers."
            )
        solution = self._solver.getSolution()
        info = self._solver.getInfo()
        self.x = np.asarray(solution.col_value)
        self.objective = float(info.objective_function_value)
        return True

    def _run(self) -> str:
        self._solver.run()
        model_status = str(self._solver.getModelStatus())
        return model_status.rpartition(".")[2]
