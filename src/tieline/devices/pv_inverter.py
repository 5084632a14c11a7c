"""PV behind an inverter: P up to what the sun gives, Q in what the apparent power leaves, and a volt-var curve.

    0 <= P <= available,      P^2 + Q^2 <= S^2

The curve sets Q from the voltage at the terminal: straight between four points, constant outside. Its defaults are those of IEEE
Std 1547-2018, Table 8, category B: (0.92, 44 %), (0.98, 0), (1.02, 0), (1.08, -44 %) of the rated apparent power, injection
positive. Active power has priority here: Q gives way where the circle binds. Left out: the time constants of the curve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tieline.devices.apparent_power import q_room
from tieline.devices.checks import require
from tieline.errors import InputError
from tieline.feeders.elements import Pv
from tieline.typing import FloatArray


@dataclass(frozen=True)
class VoltVar:
    """Points of the curve: voltages [pu], rising, and Q injected there as a share of rated apparent power, falling."""

    v_pu: tuple[float, ...] = (0.92, 0.98, 1.02, 1.08)
    q_share: tuple[float, ...] = (0.44, 0.0, 0.0, -0.44)

    def __post_init__(self) -> None:
        """Check the points."""
        if len(self.v_pu) != len(self.q_share) or len(self.v_pu) < 2:
            raise InputError(
                f"A volt-var curve needs as many voltages as shares; got {self.v_pu} and {self.q_share}."
            )
        if (
            np.any(np.diff(self.v_pu) <= 0)
            or np.any(np.diff(self.q_share) > 0)
            or np.max(np.abs(self.q_share)) > 1
        ):
            raise InputError(
                f"A volt-var curve needs rising voltages and falling shares within -1 to 1; got {self.v_pu} and {self.q_share}."
            )


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
        rated, kva = (
            np.array([getattr(pv, field) for pv in pvs], dtype=float)
            for field in ("rated_kw", "inverter_kva")
        )
        require("PV", names, {"rated_kw >= 0": rated >= 0, "inverter_kva >= 0": kva >= 0})
        return cls(names, rated, kva)

    def available_kw(self, sun: ArrayLike) -> FloatArray:
        """Power on offer, from sunlight as a share of rated, (scenario, inverter) [kW]; never above the inverter's rating."""
        return np.minimum(np.maximum(np.asarray(sun, dtype=float), 0.0) * self.rated_kw, self.kva)

    def q_limit_kvar(self, p_kw: ArrayLike) -> FloatArray:
        """Largest |Q| beside an active power, (scenario, inverter) [kvar]; 0 where P takes all."""
        return q_room(self.kva, p_kw)

    def clip(
        self, p_kw: ArrayLike, q_kvar: ArrayLike, available_kw: ArrayLike
    ) -> tuple[FloatArray, FloatArray]:
        """Set-points moved inside the limits, P first, (scenario, inverter) [kW, kvar]."""
        p = np.clip(p_kw, 0.0, np.minimum(available_kw, self.kva))
        room = self.q_limit_kvar(p)
        return p, np.clip(q_kvar, -room, room)

    def volt_var_kvar(
        self, v_pu: ArrayLike, p_kw: ArrayLike, curve: VoltVar | None = None
    ) -> FloatArray:
        """Q that the curve asks for at a voltage, inside the circle, (scenario, inverter) [kvar]."""
        points = curve or VoltVar()
        wanted = np.interp(np.asarray(v_pu, dtype=float), points.v_pu, points.q_share) * self.kva
        room = self.q_limit_kvar(p_kw)
        return np.clip(wanted, -room, room)
