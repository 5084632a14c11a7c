"""The holding plan: a step's set-points that keep as much load on, level to the end, as energy can hold (`level`).

    droop units    what empties their tanks evenly, a little inside of their range
    turbines       their part of the rest, by what each can still deliver: all stores run out together
    batteries      what is left over; then turbines, droop units, and at last the load itself or what is taken of renewables
    loads          on by weight, the most important first; off where a drop is for nothing first, then the least important
    Q              droop units at the Q of their set voltage, all others the rest by rating

It knows the island as one bus with a loss, sees no farther than its forecast, and is worked out at once for many draws, without a
solver. Whoever learns departs from it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.envs.restoration.plan.figures import Array, IslandFigures, positive, total
from tieline.envs.restoration.plan.level import Ahead, Held, Stock, held_load
from tieline.envs.restoration.plan.sharing import spread, spread_by_rank
from tieline.envs.restoration.plan.view import View
from tieline.opf.restoration.state import IslandState

RESERVE_SHARE = 0.005
"""Of a droop unit's highest power, kept free at both ends of its range: for losses, which the plan knows only roughly."""

NO_ENERGY_KWH = 1e-6
"""A total below this has no shares: a milliwatt-hour is below what any meter tells."""


class Plan(NamedTuple):
    """Set-points of a step, (draw, unit) each, as in `SetPoints`.

    Beside them `curtailed_kw`, what is not taken of renewables, the load that can be `held`, and `balancing`, the shares by which
    batteries take a change of the balance.
    """

    served: Array
    p_kw: Array
    q_kvar: Array
    battery_kw: Array
    battery_kvar: Array
    renewable_kw: Array
    renewable_kvar: Array
    curtailed_kw: Array
    held: Held
    balancing: Array


def holding_plan(
    figures: IslandFigures,
    state: IslandState,
    view: View,
) -> Plan:
    """The plan of a step.

    Args:
        figures: of the island.
        state: before the step, (draw, ...).
        view: sun, wind and time.
    """
    now_kw = view.now_kw
    ahead = view.ahead
    holding = held_load(figures, state, view.expected_kw, ahead)
    loss_kw = figures.loss_per_kw * holding.load_kw**2
    demand_kw = holding.load_kw + loss_kw - total(now_kw)
    dispatch = _dispatched(figures, state, holding.stock, demand_kw, ahead)
    missing_kw = dispatch.missing_kw
    # what nobody can deliver is not picked up; what nobody can take is not taken from sun and wind
    load_kw = holding.load_kw - positive(missing_kw)
    curtailed_kw = spread(-missing_kw, now_kw)
    batteries_kwh = holding.stock.batteries_kwh
    served = _served(figures, state.served, load_kw)
    q_kvar = _q_kvar(figures, served)
    n_turbines = len(figures.turbines.ramp_kw)
    n_generators = n_turbines + figures.battery_kw.shape[1]
    return Plan(
        served=served,
        p_kw=dispatch.p_kw,
        q_kvar=q_kvar[..., :n_turbines],
        battery_kw=dispatch.battery_kw,
        battery_kvar=q_kvar[..., n_turbines:n_generators],
        renewable_kw=now_kw - curtailed_kw,
        renewable_kvar=q_kvar[..., n_generators:],
        curtailed_kw=curtailed_kw,
        held=holding,
        balancing=_by_energy(batteries_kwh, total(batteries_kwh)),
    )


class _Dispatch(NamedTuple):
    """Turbines, batteries and what nobody can deliver, below 0 what nobody can take, (draw,) [kW]."""

    p_kw: Array
    battery_kw: Array
    missing_kw: Array


def _dispatched(
    figures: IslandFigures,
    state: IslandState,
    stock: Stock,
    demand_kw: Array,
    ahead: Ahead,
) -> _Dispatch:
    """A demand shared among droop units, turbines and batteries."""
    xp = demand_kw.__array_namespace__()
    hours = figures.step_h * total(ahead.is_ahead)
    low_kw, high_kw = _unit_range(figures, state)
    # their fuel lasts to the end, so that they can hold the island in every step
    evenly_kw = total(stock.units_kwh) / hours
    unit_kw = xp.clip(evenly_kw, low_kw, high_kw)
    dispatch = _of_others(figures, state, stock, demand_kw - unit_kw)
    most_kw = high_kw - unit_kw
    least_kw = low_kw - unit_kw
    of_units_kw = xp.clip(dispatch.missing_kw, least_kw, most_kw)
    missing_kw = dispatch.missing_kw - of_units_kw
    return dispatch._replace(missing_kw=missing_kw)


def _of_others(
    figures: IslandFigures, state: IslandState, stock: Stock, rest_kw: Array
) -> _Dispatch:
    """What droop units leave, shared among turbines and batteries; turbines once more where batteries cannot follow."""
    xp = rest_kw.__array_namespace__()
    low, high = figures.turbines.limits_kw(
        state.last_kw, state.fuel_kwh, figures.step_h
    )
    of_turbines = total(stock.turbines_kwh)
    of_batteries = total(stock.batteries_kwh)
    share = _by_energy(stock.turbines_kwh, of_turbines + of_batteries)
    wished_kw = share * rest_kw[..., None]
    first_kw = xp.clip(wished_kw, low, high)
    left_kw = rest_kw - total(first_kw)
    limits = battery_limits_kw(figures, state.stored_kwh)
    battery_kw = _of_batteries(left_kw, stock.batteries_kwh, *limits)
    missing_kw = left_kw - total(battery_kw)
    # turbines are asked again last: they burn fuel for what batteries cannot follow
    more_kw = spread(missing_kw, high - first_kw)
    less_kw = spread(-missing_kw, first_kw - low)
    change_kw = more_kw - less_kw
    missing_kw = missing_kw - total(change_kw)
    return _Dispatch(first_kw + change_kw, battery_kw, missing_kw)


def _unit_range(figures: IslandFigures, state: IslandState) -> tuple[Array, Array]:
    """Lowest and highest power of all droop units together at which each is within its own range, less the reserve."""
    xp = state.unit_last_kw.__array_namespace__()
    units = figures.units
    low, high = units.limits_kw(state.unit_last_kw, state.unit_fuel_kwh, figures.step_h)
    reserve_kw = RESERVE_SHARE * units.ceiling_kw
    total_kw = figures.unit_set_kw.sum()
    # a unit beside a stiff one stays at its set-point
    moving = figures.unit_share > 0
    share = figures.unit_share[moving]
    set_kw = figures.unit_set_kw[moving]
    above_low_kw = low + reserve_kw
    below_high_kw = high - reserve_kw
    # by how much the total may move until the first of them is at its end
    fall_kw = (above_low_kw[..., moving] - set_kw) / share
    rise_kw = (below_high_kw[..., moving] - set_kw) / share
    low_kw = total_kw + fall_kw.max(axis=-1)
    high_kw = total_kw + rise_kw.min(axis=-1)
    # a tank that is nearly empty may leave a range of nothing
    return xp.minimum(low_kw, high_kw), high_kw


def battery_limits_kw(figures: IslandFigures, stored_kwh: Array) -> tuple[Array, Array]:
    """Highest discharge and charge of each battery in a step, (draw, battery) [kW]."""
    xp = stored_kwh.__array_namespace__()
    least_kwh, most_kwh = figures.stored_kwh
    by_charge, by_discharge = figures.efficiency
    most_discharge_kw, most_charge_kw = figures.battery_kw
    usable_kwh = (stored_kwh - least_kwh) * by_discharge
    room_kwh = (most_kwh - stored_kwh) / by_charge
    discharge_kw = xp.clip(usable_kwh / figures.step_h, 0.0, most_discharge_kw)
    charge_kw = xp.clip(room_kwh / figures.step_h, 0.0, most_charge_kw)
    return discharge_kw, charge_kw


def _of_batteries(
    wish_kw: Array, energy_kwh: Array, discharge_kw: Array, charge_kw: Array
) -> Array:
    """Power of each battery: discharge by energy, what is beyond a rating by others; charge by room."""
    xp = wish_kw.__array_namespace__()
    wished_kw = positive(wish_kw)
    by_energy = _by_energy(energy_kwh, total(energy_kwh))
    # by energy, so that all are empty at the end and none before: an empty one gives no power
    fair_kw = by_energy * wished_kw[..., None]
    first_kw = xp.minimum(fair_kw, discharge_kw)
    left_kw = wished_kw - total(first_kw)
    more_kw = spread(left_kw, discharge_kw - first_kw)
    taken_kw = spread(-wish_kw, charge_kw)
    return first_kw + more_kw - taken_kw


def _by_energy(energy_kwh: Array, total_kwh: Array) -> Array:
    """Share of each in a total, (draw, unit)."""
    xp = energy_kwh.__array_namespace__()
    divisor = xp.maximum(total_kwh, NO_ENERGY_KWH)
    return energy_kwh / divisor[..., None]


def _served(figures: IslandFigures, before: Array, load_kw: Array) -> Array:
    """Share of each load that is on when all together take `load_kw`."""
    xp = before.__array_namespace__()
    full_kw = figures.load_kw
    weight = figures.load_weight
    before_kw = before * full_kw
    change_kw = load_kw - total(before_kw)
    on_kw = spread_by_rank(change_kw, full_kw - before_kw, -weight)
    # every load may lose a little for nothing: that first, of the least important
    free_kw = xp.minimum(figures.free_share * full_kw, before_kw)
    first_kw = spread_by_rank(-change_kw, free_kw, weight)
    more_kw = -change_kw - total(first_kw)
    then_kw = spread_by_rank(more_kw, before_kw - first_kw, weight)
    moved_kw = on_kw - first_kw - then_kw
    # a load of 0 kW is on or off for nothing, and stays what it was
    divisor_kw = np.where(full_kw > 0, full_kw, 1.0)
    return before + moved_kw / divisor_kw


def _q_kvar(figures: IslandFigures, served: Array) -> Array:
    """Q of turbines, batteries and renewables, (draw, unit)."""
    xp = served.__array_namespace__()
    demand_kvar = served @ figures.load_kvar
    rest_kvar = demand_kvar - figures.unit_q_kvar.sum()
    no_kvar = xp.zeros_like(rest_kvar)
    room_kvar = no_kvar[..., None] + figures.q_max_kvar
    return spread(rest_kvar, room_kvar)
