"""How much load can be held from now to the end of the horizon with the energy that there is.

A path of served load that rises as fast as units can follow, then stays level, or falls no faster than loads may be dropped for
nothing:

    L_k = min(reach_k, max(l, L_before - eps P k)),        h sum_k (L_k + loss_k) = energy that can be delivered

with reach_k the highest power of all units k steps ahead and l the level that uses the energy up. All stores end empty. Where
even the fastest free fall takes more than there is, load is dropped at once, by which least is dropped in all: a drop now saves
energy in every step to come. Power and energy are those of the island as a whole.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.envs.restoration.plan.figures import (
    Array,
    IslandFigures,
    Machines,
    positive,
    total,
)
from tieline.opf.restoration.state import IslandState

PARTS = 16
"""Into which the range of the level is cut in a round of the search."""

ROUNDS = 4
"""They find the level within 16^-4 of full load; the Newton step after them is exact, as paths are straight between two kinks."""


_PARTS_OF_RANGE = np.arange(1.0, PARTS)


class Stock(NamedTuple):
    """Energy that can be delivered until the end, of droop units, turbines and batteries, (draw, unit) each [kWh]."""

    units_kwh: Array
    turbines_kwh: Array
    batteries_kwh: Array

    @property
    def total_kwh(self) -> Array:
        """Of all, (draw,)."""
        of_machines = total(self.units_kwh) + total(self.turbines_kwh)
        return of_machines + total(self.batteries_kwh)


class Ahead(NamedTuple):
    """The steps ahead: `number` 1 for the one that is decided (step,), `is_ahead` 0 for those that are over."""

    number: Array
    is_ahead: Array


class Held(NamedTuple):
    """What can be held.

    Attributes:
        load_kw: served in the step that is decided, (draw,) [kW].
        level_kw: later, (draw,) [kW].
        stock: energy behind it.
    """

    load_kw: Array
    level_kw: Array
    stock: Stock


def held_load(
    figures: IslandFigures,
    state: IslandState,
    expected_kw: Array,
    ahead: Ahead,
) -> Held:
    """What energy and power can hold.

    Args:
        figures: of the island.
        state: before the step.
        expected_kw: of renewables, (draw, step, renewable) [kW]; 0 in steps that are over.
        ahead: which steps are ahead.
    """
    xp = expected_kw.__array_namespace__()
    renewables_kw = total(expected_kw)
    stock, machines_kw = _stock(figures, state, ahead)
    discharge_kw, _ = figures.battery_kw
    most_kw = machines_kw + discharge_kw.sum()
    reach_kw = ahead.is_ahead * (most_kw + renewables_kw)
    # in kW over one step, as paths are summed
    energy_kw = stock.total_kwh / figures.step_h + total(renewables_kw)
    full_kw = figures.load_kw.sum()
    paths = _paths(figures, state, reach_kw, ahead)
    level_kw = paths.level_of(energy_kw, full_kw)
    path_kw = paths.at(level_kw)
    n_ahead = total(ahead.is_ahead)
    # what is missing even on the way down is saved by a drop that lasts
    least_kw = paths.supply(xp.zeros_like(level_kw))
    missing_kw = positive(least_kw - energy_kw)
    is_first = ahead.number == 1
    first_kw = total(xp.where(is_first, path_kw, 0.0))
    load_kw = positive(first_kw - missing_kw / n_ahead)
    return Held(load_kw, level_kw, stock)


class _Paths(NamedTuple):
    """Paths of load by their level; `highest_kw`, `floor_kw` (draw, step)."""

    loss_per_kw: float
    highest_kw: Array
    floor_kw: Array

    def at(self, level_kw: Array) -> Array:
        """The path of a level, (draw, step)."""
        xp = level_kw.__array_namespace__()
        level = level_kw[..., None]
        wished_kw = xp.maximum(level, self.floor_kw)
        return xp.minimum(wished_kw, self.highest_kw)

    def supply(self, level_kw: Array) -> Array:
        """What a path takes with losses, summed over its steps, (draw,) [kW]."""
        return self._with_losses(self.at(level_kw))

    def _supplies(self, levels_kw: Array) -> Array:
        """The same of several levels, (draw, level)."""
        xp = levels_kw.__array_namespace__()
        levels = levels_kw[..., None]
        floor_kw = self.floor_kw[..., None, :]
        highest_kw = self.highest_kw[..., None, :]
        wished_kw = xp.maximum(levels, floor_kw)
        return self._with_losses(xp.minimum(wished_kw, highest_kw))

    def _with_losses(self, load_kw: Array) -> Array:
        """What loads and their losses take in all steps together, the last axis [kW]."""
        loss_kw = self.loss_per_kw * load_kw**2
        return total(load_kw + loss_kw)

    def level_of(self, energy_kw: Array, full_kw: float) -> Array:
        """The level that takes `energy_kw`, (draw,); full load where there is more."""
        xp = energy_kw.__array_namespace__()
        low = xp.zeros_like(energy_kw)
        width_kw = full_kw / PARTS
        for _ in range(ROUNDS):
            tried_kw = low[..., None] + width_kw * _PARTS_OF_RANGE
            is_affordable = self._supplies(tried_kw) <= energy_kw[..., None]
            parts_below = xp.where(is_affordable, 1.0, 0.0)
            # supply grows with the level, so that affordable levels are all below the others
            low = low + width_kw * total(parts_below)
            width_kw = width_kw / PARTS
        level_kw = self._newton_step(low, energy_kw)
        return xp.clip(level_kw, 0.0, full_kw)

    def _newton_step(self, level_kw: Array, energy_kw: Array) -> Array:
        """One step from nearly the level; it has the derivatives that halving has not."""
        xp = level_kw.__array_namespace__()
        level = level_kw[..., None]
        is_above_floor = level >= self.floor_kw
        is_below_top = level < self.highest_kw
        is_at_level = is_above_floor & is_below_top
        with_loss = 1.0 + 2.0 * self.loss_per_kw * level
        slope = total(xp.where(is_at_level, with_loss, 0.0))
        missed_kw = energy_kw - self.supply(level_kw)
        # a path that is held elsewhere in every step has no level to correct; with one step at the level the slope is above 1
        step_kw = missed_kw / xp.maximum(slope, 1.0)
        return level_kw + xp.where(slope > 0, step_kw, 0.0)


def _paths(
    figures: IslandFigures, state: IslandState, reach_kw: Array, ahead: Ahead
) -> _Paths:
    """Paths between what power reaches and what load may fall to for nothing, of steps ahead; `reach_kw` (draw, step)."""
    xp = reach_kw.__array_namespace__()
    full_kw = figures.load_kw.sum()
    carried_kw = _served_by(figures, reach_kw)
    before_kw = state.served @ figures.load_kw
    # the free share counts anew in each step
    fall_kw = figures.free_share * full_kw * ahead.number
    fallen_kw = before_kw[..., None] - fall_kw
    return _Paths(
        loss_per_kw=figures.loss_per_kw,
        highest_kw=xp.minimum(carried_kw, full_kw * ahead.is_ahead),
        floor_kw=positive(fallen_kw),
    )


def _stock(
    figures: IslandFigures, state: IslandState, ahead: Ahead
) -> tuple[Stock, Array]:
    """Energy that can be delivered, and the highest power of all machines in each step, (draw, step)."""
    xp = state.stored_kwh.__array_namespace__()
    units_kwh, units_kw = _machine_stock(
        figures.units, state.unit_fuel_kwh, state.unit_last_kw, ahead, figures.step_h
    )
    turbines_kwh, turbines_kw = _machine_stock(
        figures.turbines, state.fuel_kwh, state.last_kw, ahead, figures.step_h
    )
    _, by_discharge = figures.efficiency
    discharge_kw, _ = figures.battery_kw
    least_kwh, _ = figures.stored_kwh
    usable_kwh = (state.stored_kwh - least_kwh) * by_discharge
    hours = figures.step_h * total(ahead.is_ahead)
    batteries_kwh = xp.clip(usable_kwh, 0.0, discharge_kw * hours)
    return Stock(units_kwh, turbines_kwh, batteries_kwh), units_kw + turbines_kw


def _machine_stock(
    machines: Machines, fuel_kwh: Array, last_kw: Array, ahead: Ahead, step_h: float
) -> tuple[Array, Array]:
    """Energy of each machine (draw, unit) by fuel and by power, and the power of all in each step (draw, step)."""
    xp = fuel_kwh.__array_namespace__()
    raised_kw = machines.reach_kw(last_kw, ahead.number)
    reach_kw = raised_kw * ahead.is_ahead
    by_power = step_h * total(reach_kw)
    by_fuel = fuel_kwh / machines.fuel_per_kwh
    # fuel that no ramp lets a machine burn in time is no energy
    energy_kwh = xp.minimum(by_fuel, by_power)
    return energy_kwh, reach_kw.sum(axis=-2)


def _served_by(figures: IslandFigures, supply_kw: Array) -> Array:
    """Load that a supply carries: the loss is small, so that it is taken as that of the supply."""
    return supply_kw - figures.loss_per_kw * supply_kw**2
