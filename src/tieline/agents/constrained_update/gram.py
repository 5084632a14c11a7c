"""`Gram`: all that a trust-region step needs of an agent's parameters, in a matrix as small as the number of its rows.

With g the derivative of the objective, B those of the constraints and H the metric of the agent's trust region,

    Gram = [g B]^T H^-1 [g B],       d = H^-1 [g B] x     =>     [g B]^T d = Gram x,     d^T H d = x^T Gram x

so that every later number, of all rounds of any solver, is worked out with x and the matrix alone. d may be of thousands of
parameters, and its owner alone can form it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.typing import FloatArray

SMALLEST_SHARE = 1e-12
"""Eigenvalues below this part of the largest are rounding: rows are then dependent, as of neighbouring buses."""


@dataclass(frozen=True, eq=False)
class Gram:
    """Products of an agent's rows in the metric of its trust region.

    Attributes:
        matrix: (row, row), the objective first, then the constraints.
    """

    matrix: FloatArray

    @classmethod
    def of(cls, slopes: FloatArray, solved: FloatArray) -> Gram:
        """From derivatives by the parameters and what solving with the metric makes of them, both (row, parameter)."""
        matrix = slopes @ solved.T
        # symmetric up to the tolerance of the solver that made `solved`
        return cls((matrix + matrix.T) / 2.0)

    @property
    def reach(self) -> FloatArray:
        """Largest change of each row by a step d with d' H d = 1, (row,)."""
        return np.sqrt(np.maximum(np.diagonal(self.matrix), 0.0))

    def whitened(self) -> tuple[FloatArray, FloatArray]:
        """Coordinates y with |y|^2 = d' H d.

        Returns:
            rows: [g B]^T d = rows @ y, (row, coordinate).
            back: x = back @ y, (row, coordinate).
        """
        # rows of length one first: small rows in another unit are then no rounding of large ones
        size = np.where(self.reach > 0, self.reach, 1.0)
        unit_matrix = self.matrix / np.outer(size, size)
        values, vectors = np.linalg.eigh(unit_matrix)
        largest = values.max(initial=0.0)
        is_real = values > SMALLEST_SHARE * largest
        root = np.sqrt(values[is_real])
        basis = vectors[:, is_real]
        rows = size[:, None] * basis * root
        back = basis / root / size[:, None]
        return rows, back
