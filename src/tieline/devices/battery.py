"""Batteries: charge and discharge kept apart, each with its efficiency; stored energy within limits.

    E' = E + h (eta_c P_charge - P_discharge / eta_d),      E_min <= E <= E_max,      P_charge P_discharge = 0

with h the hours of a step. Losses when idle and limits that depend on the state of charge are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tieline.devices.checks import is_efficiency, per_device, require
from tieline.feeders.elements import Storage
from tieline.typing import BoolArray, FloatArray


@dataclass(frozen=True)
class Batteries:
    """Ratings, (battery,): power each way [kW], apparent power [kVA], stored energy [kWh], efficiencies (0 to 1]."""

    names: tuple[str, ...]
    charge_max_kw: FloatArray
    discharge_max_kw: FloatArray
    kva: FloatArray
    stored_min_kwh: FloatArray
    stored_max_kwh: FloatArray
    efficiency_charge: FloatArray
    efficiency_discharge: FloatArray

    @classmethod
    def of(cls, storages: Sequence[Storage], soc_max: ArrayLike = 1.0) -> Batteries:
        """Ratings of a feeder's storages, or the limits of P that it states if these are closer. The lowest stored energy is
        their `reserve_kwh`.

        Args:
            storages: elements of a feeder.
            soc_max: highest state of charge, a number or (battery,) [share of energy_kwh].

        Raises:
            InputError: if an efficiency is not in (0, 1], the energy limits cross or a rating is negative; names each.
        """
        names = tuple(storage.name for storage in storages)

        def column(field: str) -> FloatArray:
            return np.array(
                [getattr(storage, field) for storage in storages], dtype=float
            )

        charge_kw = [
            _within(unit.rated_kw, _opposite(unit.p_low_limit_kw)) for unit in storages
        ]
        discharge_kw = [
            _within(unit.rated_kw, unit.p_high_limit_kw) for unit in storages
        ]
        ratings = cls(
            names=names,
            charge_max_kw=np.array(charge_kw, dtype=float),
            discharge_max_kw=np.array(discharge_kw, dtype=float),
            kva=column("inverter_kva"),
            stored_min_kwh=column("reserve_kwh"),
            stored_max_kwh=per_device(soc_max, len(names)) * column("energy_kwh"),
            efficiency_charge=column("efficiency_charge"),
            efficiency_discharge=column("efficiency_discharge"),
        )
        require("Storage", names, ratings._rules())
        return ratings

    def _rules(self) -> dict[str, BoolArray]:
        """What must hold of each battery."""
        reserve = self.stored_min_kwh
        charging = self.efficiency_charge
        discharging = self.efficiency_discharge
        return {
            "rated_kw >= 0": self.charge_max_kw >= 0,
            "0 <= reserve_kwh <= soc_max x energy_kwh": (reserve >= 0)
            & (reserve <= self.stored_max_kwh),
            "0 < efficiency <= 1": is_efficiency(charging) & is_efficiency(discharging),
        }

    def power_limits_kw(
        self, stored_kwh: ArrayLike, hours: float, xp: Any = np
    ) -> tuple[FloatArray, FloatArray]:
        """Highest charge and discharge that a step of `hours` can hold, both (scenario, battery) [kW]; `xp` is the array package,
        `numpy` or `jax.numpy`.
        """
        stored = xp.asarray(stored_kwh, dtype=float)
        room_kwh = xp.maximum(self.stored_max_kwh - stored, 0.0)
        stock_kwh = xp.maximum(stored - self.stored_min_kwh, 0.0)
        charge_kw = room_kwh / (hours * self.efficiency_charge)
        discharge_kw = stock_kwh * self.efficiency_discharge / hours
        return (
            xp.minimum(charge_kw, self.charge_max_kw),
            xp.minimum(discharge_kw, self.discharge_max_kw),
        )

    def next_stored_kwh(
        self,
        stored_kwh: ArrayLike,
        p_charge_kw: ArrayLike,
        p_discharge_kw: ArrayLike,
        hours: float,
        xp: Any = np,
    ) -> FloatArray:
        """Stored energy after a step, (scenario, battery) [kWh]; the powers are taken as they are, see `power_limits_kw`."""
        stored = xp.asarray(stored_kwh, dtype=float)
        charge_kw = xp.asarray(p_charge_kw, dtype=float)
        discharge_kw = xp.asarray(p_discharge_kw)
        # losses count at the cells: less arrives than is bought, more leaves than is sold
        gained_kw = self.efficiency_charge * charge_kw
        lost_kw = discharge_kw / self.efficiency_discharge
        return stored + hours * (gained_kw - lost_kw)

    def stored_after_steps(
        self,
        stored_kwh: ArrayLike,
        p_charge_kw: FloatArray,
        p_discharge_kw: FloatArray,
        hours: float,
    ) -> FloatArray:
        """Stored energy after each of many steps, (step, battery) [kWh]; powers are (step, battery) [kW]."""
        energy_kwh = np.asarray(stored_kwh, dtype=float)
        stored = np.empty(p_charge_kw.shape)
        for step, (charge_kw, discharge_kw) in enumerate(
            zip(p_charge_kw, p_discharge_kw, strict=True)
        ):
            energy_kwh = self.next_stored_kwh(
                energy_kwh, charge_kw, discharge_kw, hours
            )
            stored[step] = energy_kwh
        return stored

    def clip(
        self, p_injection_kw: ArrayLike, stored_kwh: ArrayLike, hours: float
    ) -> tuple[FloatArray, FloatArray]:
        """Charge and discharge nearest to a wanted injection, both (scenario, battery) [kW]."""
        charge_kw, discharge_kw = split(p_injection_kw)
        charge_limit_kw, discharge_limit_kw = self.power_limits_kw(stored_kwh, hours)
        return (
            np.minimum(charge_kw, charge_limit_kw),
            np.minimum(discharge_kw, discharge_limit_kw),
        )


def _within(rated_kw: float, limit_kw: float | None) -> float:
    """The rating, or a limit that is closer."""
    if limit_kw is None:
        return rated_kw
    return min(rated_kw, max(limit_kw, 0.0))


def _opposite(limit_kw: float | None) -> float | None:
    return None if limit_kw is None else -limit_kw


def split(p_injection_kw: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Charge and discharge of an injection (> 0 discharges): never both [kW].

    A step that a relaxed optimum lets charge and discharge at once keeps its injection this way and wastes less: it ends with
    more stored, by the loss of the round trip.
    """
    injection_kw = np.asarray(p_injection_kw, dtype=float)
    charge_kw = np.maximum(-injection_kw, 0.0)
    discharge_kw = np.maximum(injection_kw, 0.0)
    return charge_kw, discharge_kw
