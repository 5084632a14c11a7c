"""Netting: what a plan charges and discharges at once, as one injection that a battery can carry out.

    b = dis - ch,      ch' = max(-b, 0),      dis' = max(b, 0)

The injection stays, and the round trip is not paid for: the battery ends with more than planned, by
min(ch, dis) h (1 / eta_d - eta_c). Where that would pass its highest energy it charges less, and the surplus is taken from sun
and wind; what these do not have is left to the droop units. The paper does not look at the ceiling.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.devices import Batteries
from tieline.typing import FloatArray


@dataclass(frozen=True)
class Netted:
    """Injection of batteries, (..., battery), and what is taken of sun and wind, (..., renewable) [kW]."""

    battery_kw: FloatArray
    renewable_kw: FloatArray


def netted(
    batteries: Batteries,
    stored_kwh: FloatArray,
    charge_kw: FloatArray,
    discharge_kw: FloatArray,
    renewable_kw: FloatArray,
    hours: float,
) -> Netted:
    """Set-points of a step from a plan that may overlap.

    Args:
        batteries: ratings.
        stored_kwh: before the step, (..., battery) [kWh].
        charge_kw, discharge_kw: as planned, (..., battery) [kW].
        renewable_kw: as planned, (..., renewable) [kW].
        hours: length of the step [h].
    """
    planned_kw = discharge_kw - charge_kw
    fit_charge_kw, fit_discharge_kw = batteries.clip(planned_kw, stored_kwh, hours)
    battery_kw = fit_discharge_kw - fit_charge_kw
    # less charging only: a plan never takes out what is not there
    not_charged_kw = np.maximum(battery_kw - planned_kw, 0.0)
    surplus_kw = not_charged_kw.sum(axis=-1, keepdims=True)
    planned_sun_kw = renewable_kw.sum(axis=-1, keepdims=True)
    has_sun = planned_sun_kw > 0
    whole_kw = np.where(has_sun, planned_sun_kw, 1.0)
    cut_share = np.minimum(surplus_kw / whole_kw, 1.0)
    return Netted(battery_kw, renewable_kw * (1 - cut_share))
