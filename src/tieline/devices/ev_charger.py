"""EV charging sessions: a window, an energy due at its end, a highest power.

    sum over the window of h eta P = energy due,      0 <= P <= P_max inside the window, P = 0 outside

The least power of a step is what the later ones cannot make up for (the session's laxity is used up); the highest is what fills
the session in this step. Discharge into the grid is left out: model it as a battery.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tieline.devices.checks import is_efficiency, require
from tieline.typing import FloatArray


@dataclass(frozen=True)
class EvSessions:
    """Sessions, (session,): arrival and departure [h since the start], energy due in the car [kWh], charger [kW].

    Raises `InputError` when made from sessions that leave before they arrive or need more than the charger gives; names each.
    """

    names: tuple[str, ...]
    arrival_h: FloatArray
    departure_h: FloatArray
    due_kwh: FloatArray
    p_max_kw: FloatArray
    efficiency: FloatArray

    def __post_init__(self) -> None:
        """Check that every session can be served."""
        window_h = self.departure_h - self.arrival_h
        deliverable_kwh = self.efficiency * self.p_max_kw * window_h
        # but for rounding
        is_deliverable = self.due_kwh <= deliverable_kwh * (1 + 1e-12)
        rules = {
            "arrival_h < departure_h": window_h > 0,
            "0 < efficiency <= 1": is_efficiency(self.efficiency),
            "0 <= due_kwh <= efficiency x p_max_kw x window": (self.due_kwh >= 0)
            & is_deliverable,
        }
        require("EV session", self.names, rules)

    def power_limits_kw(
        self, at_h: float, delivered_kwh: ArrayLike, hours: float
    ) -> tuple[FloatArray, FloatArray]:
        """Least and highest power of the step that begins at `at_h`, both (scenario, session) [kW].

        A least power above the highest means that the energy due can no longer be reached; both are then the highest.
        """
        delivered = np.asarray(delivered_kwh, dtype=float)
        shortfall_kwh = np.maximum(self.due_kwh - delivered, 0.0)
        missing_kwh = shortfall_kwh / self.efficiency  # as the grid sees it
        end_h = at_h + hours
        step_kwh = self.p_max_kw * self._hours_within(at_h, end_h)
        later_kwh = self.p_max_kw * self._hours_within(end_h, np.inf)
        urgent_kwh = np.maximum(missing_kwh - later_kwh, 0.0)
        high = np.minimum(step_kwh, missing_kwh) / hours
        low = urgent_kwh / hours
        # a car that can no longer be filled charges at full power, it does not make the step infeasible
        return np.minimum(low, high), high

    def next_delivered_kwh(
        self, delivered_kwh: ArrayLike, p_kw: ArrayLike, hours: float
    ) -> FloatArray:
        """Energy in the car after a step, (scenario, session) [kWh]."""
        delivered = np.asarray(delivered_kwh, dtype=float)
        p = np.asarray(p_kw, dtype=float)
        return delivered + hours * self.efficiency * p

    def _hours_within(self, begin_h: float, end_h: float) -> FloatArray:
        """Hours of a span that lie in the window, (session,)."""
        first = np.maximum(self.arrival_h, begin_h)
        last = np.minimum(self.departure_h, end_h)
        return np.maximum(last - first, 0.0)
