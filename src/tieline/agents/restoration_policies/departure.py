"""A policy's numbers as set-points of a step.

    set-point = base + rating x number            of each load, turbine, battery and renewable, P and Q
    loads fall by no more than what is free, unless the base itself lets them
    batteries take, beside, what the other numbers change of the balance

The base is the holding plan, or, for a policy that learns from nothing, what stood in the step before. Without the last line a
change of load alone would fall on the droop units, whose range is narrow: the policy's number of a battery then says how much of
the balance is moved from or to them.

Source of learning a departure from a plan: T. Johannink et al., "Residual reinforcement learning for robot control", ICRA 2019.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from tieline.envs.restoration.plan.figures import (
    Array,
    IslandFigures,
    positive,
    total,
)
from tieline.envs.restoration.plan.holding import Plan, holding_plan
from tieline.envs.restoration.plan.level import Held, Stock
from tieline.envs.restoration.plan.view import View
from tieline.envs.restoration.step.set_points import SetPoints
from tieline.opf.restoration.state import IslandState
from tieline.typing import FloatArray

Base = Literal["plan", "before"]
"""What a policy's numbers depart from."""


def base_of(kind: Base, figures: IslandFigures, state: IslandState, view: View) -> Plan:
    """What the numbers of a step depart from."""
    if kind == "plan":
        return holding_plan(figures, state, view)
    return _as_before(figures, state, view)


def _as_before(figures: IslandFigures, state: IslandState, view: View) -> Plan:
    """Loads and turbines as they stood, batteries idle, all of sun and wind; nobody balances."""
    xp = view.now_kw.__array_namespace__()
    idle_kw = xp.zeros_like(state.stored_kwh)
    before_kw = total(state.served * figures.load_kw)
    # times 0, so that shapes and tracers of JAX are those of the state
    no_stock = Stock(0.0 * state.unit_fuel_kwh, 0.0 * state.fuel_kwh, idle_kw)
    nothing_kw = xp.zeros_like(view.now_kw)
    return Plan(
        served=state.served,
        p_kw=state.last_kw,
        q_kvar=0.0 * state.last_kw,
        battery_kw=idle_kw,
        battery_kvar=idle_kw,
        renewable_kw=view.now_kw,
        renewable_kvar=nothing_kw,
        curtailed_kw=nothing_kw,
        held=Held(before_kw, before_kw, no_stock),
        balancing=idle_kw,
    )


def n_numbers(figures: IslandFigures) -> int:
    """Numbers of a policy in one step."""
    return len(ratings(figures))


def ratings(figures: IslandFigures) -> FloatArray:
    """What one of each number is: share of a load, then kW and kvar, in the order of `SetPoints`."""
    turbine_kvar, battery_kvar, renewable_kvar = np.split(
        figures.q_max_kvar, _ends(figures)
    )
    return np.concatenate(
        [
            np.ones(len(figures.load_kw)),
            figures.turbines.ceiling_kw,
            turbine_kvar,
            figures.battery_kw.max(axis=0),
            battery_kvar,
            figures.renewable_kw,
            renewable_kvar,
        ]
    )


def departed(
    figures: IslandFigures, state: IslandState, base: Plan, numbers: Array
) -> Plan:
    """Set-points after a policy's numbers, (draw, number)."""
    xp = numbers.__array_namespace__()
    change = _split(figures, numbers * ratings(figures))
    served_change, p_change, q_change = change[:3]
    battery_change, battery_q_change = change[3:5]
    renewable_change, renewable_q_change = change[5:]
    # a network that lets single loads flicker would shed what the base does not
    lowest = xp.minimum(base.served, state.served - figures.free_share)
    served = xp.clip(base.served + served_change, positive(lowest), 1.0)
    low, high = figures.turbines.limits_kw(
        state.last_kw, state.fuel_kwh, figures.step_h
    )
    p_kw = xp.clip(base.p_kw + p_change, low, high)
    offered_kw = base.renewable_kw + base.curtailed_kw
    renewable_kw = xp.clip(base.renewable_kw + renewable_change, 0.0, offered_kw)
    # what was clipped is no change: batteries must not balance what nobody carries out
    more_served = served - base.served
    more_load_kw = total(more_served * figures.load_kw)
    more_kw = total(p_kw - base.p_kw) + total(renewable_kw - base.renewable_kw)
    missing_kw = more_load_kw - more_kw
    balancing_kw = base.balancing * missing_kw[..., None]
    return base._replace(
        served=served,
        p_kw=p_kw,
        q_kvar=base.q_kvar + q_change,
        battery_kw=base.battery_kw + balancing_kw + battery_change,
        battery_kvar=base.battery_kvar + battery_q_change,
        renewable_kw=renewable_kw,
        renewable_kvar=base.renewable_kvar + renewable_q_change,
    )


def numbers_of(figures: IslandFigures, base: Plan, set_points: SetPoints) -> FloatArray:
    """The numbers that lead to set-points, (draw, number): what `departed` turns round, as far as nothing is clipped."""
    load_kw = (set_points.served - base.served) @ figures.load_kw
    turbines_kw = (set_points.p_kw - base.p_kw).sum(axis=1)
    renewables_kw = (set_points.renewable_kw - base.renewable_kw).sum(axis=1)
    more_kw = load_kw - turbines_kw - renewables_kw
    balanced_kw = base.battery_kw + base.balancing * more_kw[:, None]
    parts = [
        set_points.served - base.served,
        set_points.p_kw - base.p_kw,
        set_points.q_kvar - base.q_kvar,
        set_points.battery_kw - balanced_kw,
        set_points.battery_kvar - base.battery_kvar,
        set_points.renewable_kw - base.renewable_kw,
        set_points.renewable_kvar - base.renewable_kvar,
    ]
    change = np.concatenate(parts, axis=1)
    rating = ratings(figures)
    # a unit that may give no Q has no number for it: whatever the network says, it stays at nothing
    return np.divide(change, rating, out=np.zeros_like(change), where=rating > 0)


def _ends(figures: IslandFigures) -> tuple[int, int]:
    n_turbines = len(figures.turbines.ramp_kw)
    n_batteries = figures.battery_kw.shape[1]
    return n_turbines, n_turbines + n_batteries


def _split(figures: IslandFigures, change: Array) -> list[Array]:
    """Parts of the numbers, kind by kind."""
    n_turbines = len(figures.turbines.ramp_kw)
    n_batteries = figures.battery_kw.shape[1]
    n_renewables = len(figures.renewable_kw)
    sizes = [len(figures.load_kw), n_turbines, n_turbines, n_batteries, n_batteries]
    sizes += [n_renewables, n_renewables]
    parts = []
    start = 0
    for size in sizes:
        parts.append(change[..., start : start + size])
        start += size
    return parts
