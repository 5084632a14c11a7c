"""`Entries`: which P and Q of DERs are decided, and in which order they stand in an action."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Entries:
    """Set-points that are decided, in the order of an action.

    Attributes:
        der: of which DER, (entry,).
        is_reactive: whether the entry is its Q, (entry,).
        unit: what a share of one is, (entry,) [kW or kvar].
    """

    der: IntArray
    is_reactive: BoolArray
    unit: FloatArray

    @property
    def active(self) -> IntArray:
        """Entries that are a P, (entry,)."""
        return np.flatnonzero(~self.is_reactive)

    @property
    def reactive(self) -> IntArray:
        """Entries that are a Q, (entry,)."""
        return np.flatnonzero(self.is_reactive)

    def taken(self, der_kw: FloatArray, der_kvar: FloatArray) -> FloatArray:
        """Set-points, (row, der) each, as an action, (row, entry)."""
        p_kw = der_kw[:, self.der]
        q_kvar = der_kvar[:, self.der]
        power = np.where(self.is_reactive, q_kvar, p_kw)
        return power / self.unit

    def put(
        self, actions: FloatArray, der_kw: FloatArray, der_kvar: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Set-points of an action, (row, entry), among those of all DERs, (row, der) each, as new arrays."""
        active = self.active
        reactive = self.reactive
        power = actions * self.unit
        # the caller's arrays are those of other actions too
        p_kw = der_kw.copy()
        q_kvar = der_kvar.copy()
        p_kw[:, self.der[active]] = power[:, active]
        q_kvar[:, self.der[reactive]] = power[:, reactive]
        return p_kw, q_kvar
