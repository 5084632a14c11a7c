"""`Block`: rows A x + s = b of one kind in a cone program; `interleave` puts parts together into cones of second order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import sparse

from tieline.linear.blocks import above
from tieline.typing import FloatArray, IntArray

Cone = Literal["zero", "nonnegative", "second order"]


@dataclass(frozen=True, eq=False)
class Block:
    """Rows of one kind: matrix x + s = right with s in a cone; `size` is that of each cone of second order."""

    matrix: sparse.csr_array
    right: FloatArray
    cone: Cone
    name: str = ""
    size: int = 1

    def cones(self, clarabel: Any) -> list[Any]:
        """The cones in Clarabel's words."""
        height = len(self.right)
        if self.cone == "second order":
            n_cones = height // self.size
            cone = clarabel.SecondOrderConeT(self.size)
            return [cone] * n_cones
        if self.cone == "zero":
            return [clarabel.ZeroConeT(height)]
        return [clarabel.NonnegativeConeT(height)]


def interleave(parts: Sequence[sparse.csr_array]) -> sparse.csr_array:
    """Rows of cones of second order: row k of every part makes up cone k."""
    order = _cone_order(parts)
    rows = above(*parts)
    return sparse.csr_array(rows[order])


def interleave_right(parts: Sequence[FloatArray]) -> FloatArray:
    """The right-hand sides that belong to `interleave`."""
    return np.stack(parts, axis=1).ravel()


def _cone_order(parts: Sequence[sparse.csr_array]) -> IntArray:
    size = len(parts)
    height = len(parts[0].indptr) - 1
    row = np.arange(size * height).reshape(size, height)
    return row.T.ravel()
