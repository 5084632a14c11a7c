"""What a network is given: the state, what is expected of sun and wind, and the holding plan, all as shares.

energy    stored, fuel of turbines and of droop units
power     of the step before, frequency, share of each load that is on
outlook   time, measured now, expected in the next steps, measured over forecast so far and now
plan      load to hold now and later, turbines, batteries: they follow from the rest, and spare learning their kinks
"""

from __future__ import annotations

import numpy as np

from tieline.envs.restoration.plan.figures import Array, IslandFigures
from tieline.envs.restoration.plan.holding import Plan
from tieline.envs.restoration.plan.view import View
from tieline.opf.restoration.state import IslandState


def observe(
    figures: IslandFigures, state: IslandState, view: View, plan: Plan
) -> Array:
    """(draw, input)."""
    xp = view.now_kw.__array_namespace__()
    parts = _energy(figures, state)
    parts += _power(figures, state)
    parts += _outlook(figures, view)
    parts += _plan(figures, plan)
    return xp.concatenate(parts, axis=-1)


def n_inputs(figures: IslandFigures, next_steps: int) -> int:
    """How many numbers that are."""
    n_renewables = len(figures.renewable_kw)
    n_units = len(figures.units.ramp_kw)
    n_turbines = len(figures.turbines.ramp_kw)
    n_batteries = figures.battery_kw.shape[1]
    of_state = n_batteries + 2 * (n_units + n_turbines) + 1 + len(figures.load_kw)
    of_outlook = 1 + n_renewables * (3 + next_steps)
    of_plan = 2 + n_turbines + n_batteries
    return of_state + of_outlook + of_plan


def _energy(figures: IslandFigures, state: IslandState) -> list[Array]:
    least_kwh, most_kwh = figures.stored_kwh
    room_kwh = most_kwh - least_kwh
    # a battery held at one energy has no range: 0, as the task shows it
    divisor_kwh = np.where(room_kwh > 0, room_kwh, np.inf)
    return [
        (state.stored_kwh - least_kwh) / divisor_kwh,
        state.fuel_kwh / figures.turbines.tank_kwh,
        state.unit_fuel_kwh / figures.units.tank_kwh,
    ]


def _power(figures: IslandFigures, state: IslandState) -> list[Array]:
    return [
        state.last_kw / figures.turbines.ceiling_kw,
        state.unit_last_kw / figures.units.ceiling_kw,
        (state.frequency_hz - figures.nominal_hz)[..., None],
        state.served,
    ]


def _outlook(figures: IslandFigures, view: View) -> list[Array]:
    xp = view.now_kw.__array_namespace__()
    n_draws = view.now_kw.shape[0]
    time = xp.broadcast_to(view.past_share, (n_draws, 1))
    following = view.next_kw / figures.renewable_kw
    return [
        time,
        view.now_kw / figures.renewable_kw,
        following.reshape(n_draws, -1),
        view.ratio,
        view.last_ratio,
    ]


def _plan(figures: IslandFigures, plan: Plan) -> list[Array]:
    # by the full load, as the share of each load is: near one where there is energy enough
    full_kw = figures.load_kw.sum()
    discharge_kw, _ = figures.battery_kw
    return [
        (plan.held.load_kw / full_kw)[..., None],
        (plan.held.level_kw / full_kw)[..., None],
        plan.p_kw / figures.turbines.ceiling_kw,
        plan.battery_kw / discharge_kw,
    ]
