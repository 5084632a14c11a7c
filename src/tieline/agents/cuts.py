"""`Cuts`: what earlier rounds of a correction know of convex quantities: tangents that later rounds keep.

    y(a_j) + dy/da_j (a - a_j) <= y(a) at every a,  if y is convex

so that the tangent of any earlier point is a limit as good as that of the present one. An apparent power over its limit needs
them: with its present tangent alone, actions creep along the circle round by round. Quantities of a power flow are convex only
nearly: a tangent above the present value is dropped.

Source: J. E. Kelley, "The cutting-plane method for solving convex programs", J. SIAM 8(4), 1960, doi:10.1137/0108053.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.typing import FloatArray, IntArray

BEND = 1e-4
"""By how much a tangent may be above the present value [pu]: what losses bend, and no more than studies call no violation."""


@dataclass(frozen=True, eq=False)
class Tangents:
    """Of some quantities: `quantity`, (tangent,), `rows` @ point <= `most`, (tangent, entry) and (tangent,)."""

    quantity: IntArray
    rows: FloatArray
    most: FloatArray

    @classmethod
    def at(
        cls,
        point: FloatArray,
        quantity: IntArray,
        beyond: FloatArray,
        slope: FloatArray,
    ) -> Tangents:
        """Those of quantities that are `beyond` their limits, (quantity,), with `slope`, (quantity, entry), at a point."""
        rows = slope[quantity]
        return cls(quantity, rows, rows @ point - beyond[quantity])

    def below(self, point: FloatArray, beyond: FloatArray) -> Tangents:
        """Those that do not say more of a point than what is known there, `beyond` its limits, (quantity,)."""
        present = beyond[self.quantity]
        by_tangent = self.rows @ point - self.most
        is_below = by_tangent <= present + BEND
        return Tangents(
            quantity=self.quantity[is_below],
            rows=self.rows[is_below],
            most=self.most[is_below],
        )

    def beside(self, tangents: Tangents) -> Tangents:
        """These and tangents."""
        return Tangents(
            quantity=np.concatenate([self.quantity, tangents.quantity]),
            rows=np.vstack([self.rows, tangents.rows]),
            most=np.concatenate([self.most, tangents.most]),
        )


class Cuts:
    """The tangents of every episode of a correction."""

    def __init__(self, n_episodes: int, n_entries: int):
        no_tangents = Tangents(
            quantity=np.empty(0, np.int64),
            rows=np.empty((0, n_entries)),
            most=np.empty(0),
        )
        self._of_episode = [no_tangents] * n_episodes

    def update(
        self,
        episode: int,
        point: FloatArray,
        quantity: IntArray,
        beyond: FloatArray,
        slope: FloatArray,
    ) -> Tangents:
        """Take in the tangents of the present point.

        Args:
            episode: of which episode.
            point: (entry,).
            quantity: convex quantities that are beyond their limits, (tangent,).
            beyond: how far every quantity is beyond, (quantity,); negative inside.
            slope: derivatives there, (quantity, entry).

        Returns:
            The tangents of earlier points that still hold.
        """
        earlier = self._of_episode[episode].below(point, beyond)
        present = Tangents.at(point, quantity, beyond, slope)
        self._of_episode[episode] = earlier.beside(present)
        return earlier
