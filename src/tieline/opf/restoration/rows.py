"""`Rows`: blocks of rows of a program from terms, a column and a weight for each row; limits that are infinite limit nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tieline.opf.cones.blocks import Block, Cone
from tieline.opf.socp.rows import Space, Term
from tieline.typing import FloatArray, IntArray

Number = FloatArray | float
"""One for all rows, or one for each element, (element,)."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows over the columns of a space; the first term says how many, (step, element)."""

    space: Space

    def equal(self, name: str, *terms: Term, right: Number = 0.0) -> Block:
        """Terms that add up to a number."""
        return self._block(name, "zero", terms, right)

    def below(self, name: str, *terms: Term, right: Number = 0.0) -> Block:
        """Terms that add up to no more than a number."""
        return self._block(name, "nonnegative", terms, right)

    def between(
        self, name: str, columns: IntArray, low: Number, high: Number
    ) -> Iterator[Block]:
        """Columns within limits."""
        yield self.at_least(name, columns, low)
        yield self.at_most(name, columns, high)

    def at_least(self, name: str, columns: IntArray, low: Number) -> Block:
        """Columns no lower than a number."""
        return self.below(name, (columns, -1.0), right=np.negative(low))

    def at_most(self, name: str, columns: IntArray, high: Number) -> Block:
        """Columns no higher than a number."""
        return self.below(name, (columns, 1.0), right=high)

    def _block(
        self, name: str, cone: Cone, terms: tuple[Term, ...], right: Number
    ) -> Block:
        columns, _ = terms[0]
        by_step = np.broadcast_to(right, columns.shape)
        every_right = by_step.ravel()
        # a solver scales by its right-hand sides: one that is infinite would scale all others away
        is_limit = np.isfinite(every_right)
        matrix = self.space.rows(terms)
        return Block(
            matrix[is_limit],
            every_right[is_limit],
            cone,
            name,
        )
