"""`Affine`: numbers that depend on the unknowns x of a linear model as matrix x + constant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tieline.linear.blocks import apply
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Affine:
    """A sparse matrix (row, unknown) and a constant (row,)."""

    matrix: sparse.csr_array
    constant: FloatArray

    def __call__(self, x: FloatArray) -> FloatArray:
        """Values at unknowns (scenario, unknown), as (scenario, row)."""
        return apply(self.matrix, x) + self.constant

    @classmethod
    def fixed(cls, constant: FloatArray, n_unknowns: int) -> Affine:
        """Numbers that depend on no unknown."""
        return cls(
            sparse.csr_array((len(constant), n_unknowns)),
            np.asarray(constant, dtype=float),
        )
