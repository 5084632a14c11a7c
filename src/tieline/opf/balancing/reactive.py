"""`ReactiveRange`: reactive power that DERs may inject beside what they sell, within a box and their apparent power.

    q_min <= Q <= q_max,    P^2 + Q^2 <= S^2

Nobody is paid for Q: it is worth what it saves in losses, and what the limits it relieves let cheaper DERs give. What a solver's
tolerance leaves outside the circle goes back by Q alone, so that sales stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tieline.devices.apparent_power import q_room
from tieline.opf.der_limits import DerLimits
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class ReactiveRange:
    """Box of each DER's reactive injection [kvar] and its apparent power [kVA], (der,) each; infinite where there is none."""

    q_min_kvar: FloatArray
    q_max_kvar: FloatArray
    kva: FloatArray

    @classmethod
    def of_limits(cls, limits: DerLimits) -> ReactiveRange:
        """The range that ratings and stated limits leave."""
        return cls(limits.q_min_kvar, limits.q_max_kvar, limits.kva)

    @classmethod
    def of_rating(cls, kva: FloatArray) -> ReactiveRange:
        """All of the apparent power, either way."""
        return cls(-kva, kva, kva)

    def problems(self) -> Iterator[str]:
        """What keeps these numbers from being ranges."""
        kva = np.asarray(self.kva)
        # NaN fails every comparison, therefore what is asked is whether all hold
        if not (kva >= 0).all():
            yield "every apparent power of a DER must be zero or more"
        low = np.asarray(self.q_min_kvar)
        high = np.asarray(self.q_max_kvar)
        if not (low <= high).all():
            yield "no reactive power lies between q_min_kvar and q_max_kvar of some DER"

    def inside(self, p_kw: FloatArray, q_kvar: FloatArray) -> FloatArray:
        """The nearest Q beside P that box and circle allow, (der,) [kvar]."""
        room_kvar = q_room(self.kva, p_kw)
        in_circle = np.clip(q_kvar, -room_kvar, room_kvar)
        return np.clip(in_circle, self.q_min_kvar, self.q_max_kvar)
