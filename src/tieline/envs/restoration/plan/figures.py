"""`IslandFigures`: a plant's ratings and limits as plain numbers, for formulas that hold for NumPy and JAX arrays alike.

    power of a step      low = max(last - ramp, floor),  high = min(last + ramp, ceiling, fuel / (h k))
    energy of a battery  E' = E + h (eta_c charge - discharge / eta_d)

Formulas take the array functions of whatever they are given (array API standard), so that what a policy is trained with is what
it decides with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.devices import DroopSettings
from tieline.devices.droop_unit import KILO
from tieline.envs.restoration.step.relief import change_shares
from tieline.envs.restoration.world import RestorationWorld
from tieline.opf.restoration.plant import IslandPlant
from tieline.powerflow.island import solve_island
from tieline.typing import FloatArray

Array = Any
"""Of NumPy or of JAX, or what JAX traces."""


def total(parts: Array) -> Array:
    """Sum over units or loads, the last axis."""
    return parts.sum(axis=-1)


def positive(amount: Array) -> Array:
    """What is above 0; nothing below."""
    return amount.clip(0.0)


LONG_H = 1e6
"""A step so long that no ramp stands in the way [h]."""

NO_FUEL_PER_KWH = 1e-9
"""In place of none at all: fuel then lasts for ever."""


@dataclass(frozen=True, eq=False)
class Machines:
    """Units that burn fuel, (unit,): range and change in a step [kW], fuel at the start [kWh of fuel], fuel per energy."""

    floor_kw: FloatArray
    ceiling_kw: FloatArray
    ramp_kw: FloatArray
    tank_kwh: FloatArray
    fuel_per_kwh: FloatArray

    def limits_kw(self, last_kw: Array, fuel_kwh: Array, step_h: float) -> tuple:
        """Lowest and highest power of the next step, both (draw, unit)."""
        xp = last_kw.__array_namespace__()
        raised_kw = last_kw + self.ramp_kw
        lowered_kw = last_kw - self.ramp_kw
        burnt_per_kw = step_h * self.fuel_per_kwh
        by_ramp = xp.minimum(raised_kw, self.ceiling_kw)
        by_fuel = fuel_kwh / burnt_per_kw
        high = xp.minimum(by_ramp, by_fuel)
        low = xp.maximum(lowered_kw, self.floor_kw)
        # an empty tank stops a machine, however slow its ramp
        return xp.minimum(low, high), high

    def reach_kw(self, last_kw: Array, steps_ahead: Array) -> Array:
        """Highest power after some steps, the next one being 1, (draw, unit, step)."""
        xp = last_kw.__array_namespace__()
        ramp_kw = self.ramp_kw[:, None]
        ceiling_kw = self.ceiling_kw[:, None]
        raised_kw = last_kw[..., None] + ramp_kw * steps_ahead
        return xp.minimum(raised_kw, ceiling_kw)


@dataclass(frozen=True, eq=False)
class IslandFigures:
    """What formulas about an island need.

    Attributes:
        step_h: length of a step [h].
        free_share: share of a load that may be dropped in a step for nothing.
        turbines, units: microturbines, and droop units within their frequency limits.
        unit_set_kw, unit_share: droop units share the load so: set-point + share x (total - all set-points), (unit,).
        battery_kw: highest discharge and charge, (2, battery).
        stored_kwh: lowest and highest stored energy, (2, battery).
        efficiency: of charge and discharge, (2, battery).
        renewable_kw: highest power of each renewable.
        q_max_kvar: of turbines, batteries and renewables, one after the other.
        nominal_hz: frequency of the feeder.
        hz_per_kw: by which it falls with the power of the first droop unit.
        unit_q_kvar: Q at which droop units hold their set voltage, (unit,).
        load_kw, load_kvar, load_weight: loads at full supply, (load,).
        loss_per_kw: loss over the square of the load served [1/kW].
    """

    step_h: float
    free_share: float
    turbines: Machines
    units: Machines
    unit_set_kw: FloatArray
    unit_share: FloatArray
    battery_kw: FloatArray
    stored_kwh: FloatArray
    efficiency: FloatArray
    renewable_kw: FloatArray
    q_max_kvar: FloatArray
    nominal_hz: float
    hz_per_kw: float
    unit_q_kvar: FloatArray
    load_kw: FloatArray
    load_kvar: FloatArray
    load_weight: FloatArray
    loss_per_kw: float

    @classmethod
    def of(cls, world: RestorationWorld) -> IslandFigures:
        """The figures of a world's plant in its steps."""
        plant = world.plant
        step_h = world.config.step_h
        batteries = plant.batteries
        law = plant.units.settings
        return cls(
            step_h=step_h,
            free_share=world.config.shed_free_share,
            turbines=_turbines(plant, step_h),
            units=_units(plant, step_h),
            unit_set_kw=_common_point_kw(law),
            unit_share=change_shares(law),
            battery_kw=np.stack([batteries.discharge_max_kw, batteries.charge_max_kw]),
            stored_kwh=np.stack([batteries.stored_min_kwh, batteries.stored_max_kwh]),
            efficiency=np.stack(
                [batteries.efficiency_charge, batteries.efficiency_discharge]
            ),
            renewable_kw=plant.renewables.p_max_kw,
            q_max_kvar=_q_max_kvar(plant),
            nominal_hz=plant.feeder.frequency_hz,
            hz_per_kw=float(law.f_droop_hz_per_mw[0]) / KILO,
            unit_q_kvar=law.q_set_kvar,
            load_kw=plant.load_kw,
            load_kvar=plant.load_kvar,
            load_weight=plant.load_weight,
            loss_per_kw=_loss_per_kw(plant),
        )


def _turbines(plant: IslandPlant, step_h: float) -> Machines:
    sets = plant.generators
    return Machines(
        floor_kw=np.zeros(len(sets.names)),
        ceiling_kw=sets.p_max_kw,
        ramp_kw=sets.ramp_kw_per_h * step_h,
        tank_kwh=plant.start.fuel_kwh,
        fuel_per_kwh=np.maximum(sets.fuel_b, NO_FUEL_PER_KWH),
    )


def _units(plant: IslandPlant, step_h: float) -> Machines:
    """Droop units: the frequencies at which they stay on limit their power too."""
    sets = plant.units.generators
    full_kw = sets.p_max_kw
    by_frequency, _ = plant.units.power_limits_kw(full_kw, LONG_H)
    _, ceiling_kw = plant.units.power_limits_kw(full_kw, step_h)
    return Machines(
        floor_kw=by_frequency,
        ceiling_kw=ceiling_kw,
        ramp_kw=sets.ramp_kw_per_h * step_h,
        tank_kwh=plant.start.unit_fuel_kwh,
        fuel_per_kwh=np.maximum(sets.fuel_b, NO_FUEL_PER_KWH),
    )


def _common_point_kw(law: DroopSettings) -> FloatArray:
    """Power of each droop unit at the frequency that the first one holds at its set-point."""
    at_first = law.p_kw(law.f_set_hz[0])
    return np.where(law.f_droop_hz_per_mw > 0, at_first, law.p_set_kw)


def _q_max_kvar(plant: IslandPlant) -> FloatArray:
    ders = (plant.generator_ders, plant.battery_ders, plant.renewable_ders)
    return plant.q_max_kvar[np.concatenate(ders)]


def _loss_per_kw(plant: IslandPlant) -> float:
    """Loss at half load, P and Q shared by all units as they are rated, over the square of that load."""
    served = 0.5
    load_kw = served * plant.load_kw.sum()
    load_kvar = served * plant.load_kvar.sum()
    der_kw, der_kvar = _shared_by_rating(plant, load_kw, load_kvar)
    solution = solve_island(
        plant.island, load_scale=[[served]], der_kw=der_kw, der_kvar=der_kvar
    )
    loss_kw = float(solution.p_kw.sum() + der_kw.sum() - load_kw)
    # an island that cannot be solved so has no plan worth a loss
    return max(np.nan_to_num(loss_kw), 0.0) / load_kw**2


def _shared_by_rating(
    plant: IslandPlant, load_kw: float, load_kvar: float
) -> tuple[FloatArray, FloatArray]:
    """P and Q of all DERs where each unit, droop units too, gives the same share of its rating, (DER,) each [kW, kvar]."""
    ratings = (
        (plant.generator_ders, plant.generators.p_max_kw),
        (plant.battery_ders, plant.batteries.discharge_max_kw),
        (plant.renewable_ders, plant.renewables.p_max_kw),
    )
    units = plant.units
    rated_kw = units.generators.p_max_kw.sum()
    rated_kw += sum(p_max_kw.sum() for _, p_max_kw in ratings)
    rated_kvar = units.q_max_kvar.sum() + _q_max_kvar(plant).sum()
    p_share = load_kw / rated_kw
    q_share = load_kvar / rated_kvar
    devices = plant.island.network.devices
    der_kw = np.array(devices.der_kw, dtype=float)
    der_kvar = np.array(devices.der_kvar, dtype=float)
    # droop units take their part by themselves, as what is left
    for ders, p_max_kw in ratings:
        der_kw[ders] = p_share * p_max_kw
        der_kvar[ders] = q_share * plant.q_max_kvar[ders]
    return der_kw, der_kvar
