"""Generators that burn fuel: diesel, microturbine.

    fuel per hour F = a P^2 + b P + c while committed, 0 else;      |P' - P| <= ramp h;      tank' = tank - h F >= 0

with P in kW and h the hours of a step. A set that is committed runs, and burns its no-load fuel c at P = 0 as well. To stop it
is a decision that an optimum over P alone does not have; a rule that stopped sets for nothing would seem to beat that optimum.
All sets are committed unless it is said otherwise. Start-up cost, least running time and part-load emissions are left out.

Source of the quadratic: A. J. Wood, B. F. Wollenberg, G. B. Sheble, Power Generation, Operation, and Control, 3rd ed., ch. 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from tieline.devices.apparent_power import q_room
from tieline.devices.checks import per_device, require
from tieline.feeders.elements import Generator
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True)
class Generators:
    """Ratings, (generator,).

    Attributes:
        p_max_kw, kva: highest active and apparent power [kW, kVA].
        ramp_kw_per_h: fastest change of P [kW/h]; infinite if none is known.
        fuel_a, fuel_b, fuel_c: litres per hour per kW^2, per kW, and at no load.
        fuel_price: currency per litre.

    Litres stand for any unit of fuel that is used throughout, such as kWh of fuel with `fuel_b` in kWh of fuel per kWh.
    """

    names: tuple[str, ...]
    p_max_kw: FloatArray
    kva: FloatArray
    ramp_kw_per_h: FloatArray
    fuel_a: FloatArray
    fuel_b: FloatArray
    fuel_c: FloatArray
    fuel_price: FloatArray

    @classmethod
    def of(
        cls,
        generators: Sequence[Generator],
        *,
        p_max_kw: ArrayLike | None = None,
        ramp_kw_per_h: ArrayLike = np.inf,
        fuel_a: ArrayLike = 0.0,
        fuel_b: ArrayLike = 0.0,
        fuel_c: ArrayLike = 0.0,
        fuel_price: ArrayLike = 0.0,
    ) -> Generators:
        """Ratings of a feeder's generators; the rest is a number for all or (generator,). P may reach the limit that the feeder
        states, or the kVA, unless told.

        Raises:
            InputError: if a value is negative or P exceeds the apparent power; names each.
        """
        names = tuple(generator.name for generator in generators)
        kva = np.array([generator.rated_kva for generator in generators], dtype=float)
        columns = {
            "ramp_kw_per_h": ramp_kw_per_h,
            "fuel_a": fuel_a,
            "fuel_b": fuel_b,
            "fuel_c": fuel_c,
            "fuel_price": fuel_price,
        }
        arrays = {
            name: per_device(value, len(names)) for name, value in columns.items()
        }
        p_max = (
            _stated_kw(generators, kva)
            if p_max_kw is None
            else per_device(p_max_kw, len(names))
        )
        rules = {f"{name} >= 0": array >= 0 for name, array in arrays.items()}
        require(
            "Generator",
            names,
            rules | {"0 <= p_max_kw <= rated_kva": (p_max >= 0) & (p_max <= kva)},
        )
        return cls(names=names, p_max_kw=p_max, kva=kva, **arrays)

    def of_units(self, units: IntArray) -> Generators:
        """Some of the generators, by position."""
        names = tuple(self.names[k] for k in units)
        columns = {
            field.name: getattr(self, field.name)[units]
            for field in fields(self)
            if field.name != "names"
        }
        return Generators(names=names, **columns)

    def power_limits_kw(
        self, last_kw: ArrayLike, hours: float, tank_litre: ArrayLike = np.inf
    ) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest P of the next step by ramp and tank, both (scenario, generator) [kW]."""
        last = np.asarray(last_kw, dtype=float)
        ramp_kw = self.ramp_kw_per_h * hours
        low = np.maximum(last - ramp_kw, 0.0)
        by_ramp = np.minimum(last + ramp_kw, self.p_max_kw)
        litre_per_h = np.asarray(tank_litre, dtype=float) / hours
        by_fuel = self._power_from_fuel(litre_per_h)
        high = np.minimum(by_ramp, by_fuel)
        # an empty tank stops the set, however slow its ramp
        low = np.minimum(low, high)
        return low, high

    def fuel_litre_per_h(
        self, p_kw: ArrayLike, is_committed: ArrayLike = True
    ) -> FloatArray:
        """Fuel burnt, (scenario, generator) [litre/h].

        Args:
            p_kw: power, (scenario, generator) [kW]; 0 where the set is not committed.
            is_committed: whether it runs, the same shape or one value for all.
        """
        p = np.asarray(p_kw, dtype=float)
        curved = self.fuel_a * p**2
        straight = self.fuel_b * p
        running = curved + straight + self.fuel_c
        return np.where(is_committed, running, 0.0)

    def cost_per_h(self, p_kw: ArrayLike, is_committed: ArrayLike = True) -> FloatArray:
        """Cost of the fuel, (scenario, generator) [currency/h]."""
        return self.fuel_litre_per_h(p_kw, is_committed) * self.fuel_price

    @property
    def no_load_cost_per_h(self) -> FloatArray:
        """Cost of the no-load fuel of a committed set, (generator,) [currency/h]."""
        return self.fuel_c * self.fuel_price

    @property
    def cost_per_kwh(self) -> FloatArray:
        """Linear part of the cost while committed, (generator,) [currency/kWh]."""
        return self.fuel_b * self.fuel_price

    @property
    def cost_per_kw2h(self) -> FloatArray:
        """Quadratic part of the cost, (generator,) [currency/(kW^2 h)]."""
        return self.fuel_a * self.fuel_price

    def next_tank_litre(
        self,
        tank_litre: ArrayLike,
        p_kw: ArrayLike,
        hours: float,
        is_committed: ArrayLike = True,
    ) -> FloatArray:
        """What is left after a step, (scenario, generator) [litre]; a set stops when its tank is empty."""
        burnt_litre = hours * self.fuel_litre_per_h(p_kw, is_committed)
        return np.maximum(np.asarray(tank_litre, dtype=float) - burnt_litre, 0.0)

    def q_limit_kvar(self, p_kw: ArrayLike) -> FloatArray:
        """Largest |Q| beside P, (scenario, generator) [kvar]."""
        return q_room(self.kva, p_kw)

    def _power_from_fuel(self, litre_per_h: FloatArray) -> FloatArray:
        """Highest P whose fuel flow is not above a limit; the root written so that a = 0 needs no case of its own."""
        # a full tank may offer an infinite flow: what full power burns is enough, and stays finite
        full_flow = self.fuel_litre_per_h(self.p_max_kw)
        flow = np.minimum(litre_per_h, full_flow)
        spare = np.where(self.p_max_kw > 0, flow - self.fuel_c, 0.0)
        usable = np.maximum(spare, 0.0)
        discriminant = self.fuel_b**2 + 4 * self.fuel_a * usable
        root = np.sqrt(discriminant)
        slope = self.fuel_b + root
        # where power costs no fuel (slope 0) it keeps its rating
        power = np.broadcast_to(self.p_max_kw, slope.shape).copy()
        np.divide(2 * spare, slope, out=power, where=slope > 0)
        return np.where(spare < 0, 0.0, power)


def _stated_kw(generators: Sequence[Generator], kva: FloatArray) -> FloatArray:
    """Highest injection by the limits that a feeder states, within the kVA."""
    limits = np.array([unit.p_high_limit_kw for unit in generators], dtype=float)
    is_unlimited = np.isnan(limits)  # None as a float
    highest_kw = np.where(is_unlimited, np.inf, limits)
    return np.clip(highest_kw, 0.0, kva)
