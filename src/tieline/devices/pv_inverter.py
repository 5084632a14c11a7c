"""PV behind an inverter: P up to what the sun gives, Q in what the apparent power leaves.

    0 <= P <= available,      P^2 + Q^2 <= S^2

Active power has priority: Q gives way where the circle binds, also what a volt-var curve (`devices.volt_var`) asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tieline.devices.apparent_power import q_room
from tieline.devices.checks import require
from tieline.devices.volt_var import VoltVar
from tieline.feeders.elements import Pv
from tieline.typing import FloatArray


@dataclass(frozen=True)
class PvInverters:
    """Ratings, (inverter,): panels [kW], apparent power of the inverter [kVA]."""

    names: tuple[str, ...]
    rated_kw: FloatArray
    kva: FloatArray

    @classmethod
    def of(cls, pvs: Sequence[Pv]) -> PvInverters:
        """Ratings of a feeder's PV systems; raises `InputError` for negative ones."""
        names = tuple(pv.name for pv in pvs)
        rated_kw = np.array([pv.rated_kw for pv in pvs], dtype=float)
        kva = np.array([pv.inverter_kva for pv in pvs], dtype=float)
        rules = {
            "rated_kw >= 0": rated_kw >= 0,
            "inverter_kva >= 0": kva >= 0,
        }
        require("PV", names, rules)
        return cls(names, rated_kw, kva)

    def available_kw(self, sun: ArrayLike, xp: Any = np) -> FloatArray:
        """Power on offer, from sunlight as a share of rated, (scenario, inverter) [kW]; never above the inverter's rating."""
        share = xp.asarray(sun, dtype=float)
        # panels draw nothing at night, whatever noise a series of sunlight has below zero
        panel_kw = xp.maximum(share, 0.0) * self.rated_kw
        return xp.minimum(panel_kw, self.kva)

    def q_limit_kvar(self, p_kw: ArrayLike, xp: Any = np) -> FloatArray:
        """Largest |Q| beside an active power, (scenario, inverter) [kvar]; 0 where P takes all."""
        return q_room(self.kva, p_kw, xp)

    def clip(
        self, p_kw: ArrayLike, q_kvar: ArrayLike, available_kw: ArrayLike
    ) -> tuple[FloatArray, FloatArray]:
        """Set-points moved inside the limits, P first, (scenario, inverter) [kW, kvar]."""
        highest_kw = np.minimum(available_kw, self.kva)
        p = np.clip(p_kw, 0.0, highest_kw)
        room_kvar = self.q_limit_kvar(p)
        q = np.clip(q_kvar, -room_kvar, room_kvar)
        return p, q

    def volt_var_kvar(
        self, v_pu: ArrayLike, p_kw: ArrayLike, curve: VoltVar | None = None
    ) -> FloatArray:
        """Q that the curve asks for at a voltage, inside the circle, (scenario, inverter) [kvar]."""
        volt_var = curve or VoltVar()
        # the curve counts in the full rating, also where P leaves less of it
        asked_kvar = volt_var.share_at(v_pu) * self.kva
        room_kvar = self.q_limit_kvar(p_kw)
        return np.clip(asked_kvar, -room_kvar, room_kvar)
