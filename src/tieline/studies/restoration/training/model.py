"""An episode as a function of a policy's numbers, in JAX: exact in value, exact in its first derivative.

    E' = E + h (eta_c charge - discharge / eta_d)       F' = max(F - h k p, 0)       rho, last p as carried out
    p of droop units = exact solve + its derivative x (what is injected - what was)

Every state is moved onto that of the exact course (value of the record, derivative of the formulas), so that each step is
differentiated where it was played. Set-points at the end of what a unit can do have no derivative beyond, load that relief drops
and injections that it cuts have. The decisions of later steps move with the states that earlier ones lead to: base and network
are part of the model.

In a dead island nothing has a derivative.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from tieline.agents.constrained_update.gaussian import GaussianPolicy
from tieline.agents.networks import forward
from tieline.agents.restoration_policies.departure import Base, base_of, departed
from tieline.agents.restoration_policies.inputs import observe
from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.envs.restoration.plan.figures import Array, IslandFigures
from tieline.envs.restoration.plan.holding import Plan, battery_limits_kw
from tieline.envs.restoration.plan.sharing import spread_by_rank
from tieline.opf.restoration.state import IslandState
from tieline.studies.restoration.training.record import Injected, Record


class Outcome(NamedTuple):
    """Of each step, (step, draw): `reward`; `beyond`, how far droop units are outside their range, high and low [share of their
    highest power], (step, draw, 2, unit).
    """

    reward: Array
    beyond: Array


class EpisodeModel:
    """Episodes of an island.

    Args:
        figures: of the island.
        config: what is worth what.
        base: from what a policy's numbers depart.
    """

    def __init__(
        self, figures: IslandFigures, config: RestorationWorldConfig, base: Base
    ):
        self._figures = figures
        self._config = config
        self._base: Base = base

    def outcome(
        self,
        policy: GaussianPolicy,
        start: IslandState,
        record: Record,
        noise: Array,
        change: Array,
    ) -> Outcome:
        """What episodes come to when `change` is added to the policy's numbers, both (step, draw, number)."""

        def step(
            state: IslandState, inputs: tuple[Record, Array, Array]
        ) -> tuple[IslandState, Outcome]:
            record_now, noise_now, change_now = inputs
            numbers = self._numbers(policy, state, record_now, noise_now)
            return self._step(state, record_now, numbers + change_now)

        _, outcome = jax.lax.scan(step, start, (record, noise, change))
        return outcome

    def _numbers(
        self, policy: GaussianPolicy, state: IslandState, record: Record, noise: Array
    ) -> Array:
        figures = self._figures
        base = base_of(self._base, figures, state, record.view)
        observation = observe(figures, state, record.view, base)
        log_spread = forward(policy.factor, observation)
        deviation = jnp.exp(log_spread) * noise
        return forward(policy.mean, observation) + deviation

    def _step(
        self, state: IslandState, record: Record, numbers: Array
    ) -> tuple[IslandState, Outcome]:
        figures = self._figures
        base = base_of(self._base, figures, state, record.view)
        wish = departed(figures, state, base, numbers)
        decided = _carried_out(figures, state, wish, record)
        before_relief_kw = _unit_kw(figures, record, decided)
        low, high = figures.units.limits_kw(
            state.unit_last_kw, state.unit_fuel_kwh, figures.step_h
        )
        # constraints ask before relief: after it nothing is beyond
        over_kw = before_relief_kw - high
        under_kw = low - before_relief_kw
        relieved = _relieved(figures, decided, over_kw, under_kw)
        after = _held_to(record, self._after(state, record, relieved))
        both_kw = jnp.stack([over_kw, under_kw], axis=1)
        beyond = both_kw / figures.units.ceiling_kw
        return after, Outcome(self._reward(state, after), beyond)

    def _after(
        self, state: IslandState, record: Record, injected: Injected
    ) -> IslandState:
        """The state after a step by the formulas."""
        figures = self._figures
        unit_kw = _unit_kw(figures, record, injected)
        p_kw, battery_kw, _ = _kinds(figures, injected.p_kw)
        return IslandState(
            unit_fuel_kwh=_burnt(figures, state.unit_fuel_kwh, unit_kw, "units"),
            unit_last_kw=unit_kw,
            fuel_kwh=_burnt(figures, state.fuel_kwh, p_kw, "turbines"),
            last_kw=p_kw,
            stored_kwh=_stored(figures, state.stored_kwh, battery_kw),
            served=injected.served,
            # the first unit's law; a stiff unit's slope is 0
            frequency_hz=-figures.hz_per_kw * unit_kw[:, 0],
            is_dead=record.after.is_dead,
        )

    def _reward(self, before: IslandState, after: IslandState) -> Array:
        figures = self._figures
        config = self._config
        full_kwh = figures.step_h * figures.load_kw
        worth_kwh = full_kwh * figures.load_weight
        served_kwh = after.served @ worth_kwh
        fall = before.served - after.served
        shed = jnp.maximum(fall - figures.free_share, 0.0)
        shed_kwh = shed @ worth_kwh
        of_turbines = after.last_kw.sum(axis=1)
        of_units = after.unit_last_kw.sum(axis=1)
        generated_kwh = figures.step_h * (of_turbines + of_units)
        cost = config.generation_cost * generated_kwh
        penalty = config.shed_factor * shed_kwh
        return served_kwh - cost - penalty


def _held_to(record: Record, model: IslandState) -> IslandState:
    """The exact state, with the derivative of the formulas where the island lives."""

    # the linear model misses curvature by watts; carried on it would differentiate the next step beside its kinks
    def held(exact: Array, value: Array) -> Array:
        if exact.dtype == bool:
            return exact
        further_axes = [1] * (value.ndim - 1)
        alive = record.is_alive.reshape(-1, *further_axes)
        change = value - jax.lax.stop_gradient(value)
        return exact + jnp.where(alive > 0, change, 0.0)

    return jax.tree.map(held, record.after, model)


def _carried_out(
    figures: IslandFigures, state: IslandState, wish: Plan, record: Record
) -> Injected:
    """A wish within what units can do."""
    low, high = figures.turbines.limits_kw(
        state.last_kw, state.fuel_kwh, figures.step_h
    )
    discharge_kw, charge_kw = battery_limits_kw(figures, state.stored_kwh)
    parts_kw = [
        jnp.clip(wish.p_kw, low, high),
        jnp.clip(wish.battery_kw, -charge_kw, discharge_kw),
        jnp.clip(wish.renewable_kw, 0.0, record.view.now_kw),
    ]
    parts_kvar = [wish.q_kvar, wish.battery_kvar, wish.renewable_kvar]
    q_kvar = jnp.concatenate(parts_kvar, axis=1)
    q_max = figures.q_max_kvar
    return Injected(
        served=jnp.clip(wish.served, 0.0, 1.0),
        p_kw=jnp.concatenate(parts_kw, axis=1),
        q_kvar=jnp.clip(q_kvar, -q_max, q_max),
    )


def _unit_kw(figures: IslandFigures, record: Record, injected: Injected) -> Array:
    """Power of droop units, (draw, unit), linear around the exact solution."""
    slopes = record.slopes
    exact = record.injected
    change = injected.served - exact.served
    more_kw = injected.p_kw - exact.p_kw
    more_kvar = injected.q_kvar - exact.q_kvar
    parts = (
        _along(slopes.load_kw, change * figures.load_kw),
        _along(slopes.load_kvar, change * figures.load_kvar),
        _along(slopes.p_kw, more_kw),
        _along(slopes.q_kvar, more_kvar),
    )
    return sum(parts, start=record.unit_kw)


def _along(slope: Array, change: Array) -> Array:
    return jnp.einsum("dui,di->du", slope, change)


def _relieved(
    figures: IslandFigures, decided: Injected, over_kw: Array, under_kw: Array
) -> Injected:
    """Load dropped, or injections cut, where droop units would leave their range."""
    # a unit without a share of what relief takes off cannot be relieved by it
    moving = figures.unit_share > 0
    share = figures.unit_share[moving]
    drop_kw = jnp.max(over_kw[:, moving] / share, axis=1)
    cut_kw = jnp.max(under_kw[:, moving] / share, axis=1)
    load_kw = decided.served * figures.load_kw
    dropped_kw = spread_by_rank(drop_kw, load_kw, figures.load_weight)
    # renewables first: what they lose is no fuel
    n_others = len(figures.q_max_kvar) - len(figures.renewable_kw)
    rank = np.ones(len(figures.q_max_kvar))
    rank[n_others:] = 0.0
    less_kw = spread_by_rank(cut_kw, jnp.maximum(decided.p_kw, 0.0), rank)
    return decided._replace(
        served=decided.served - dropped_kw / figures.load_kw,
        p_kw=decided.p_kw - less_kw,
    )


def _kinds(figures: IslandFigures, p_kw: Array) -> list[Array]:
    """Turbines, batteries, renewables."""
    n_turbines = len(figures.turbines.ramp_kw)
    n_batteries = figures.battery_kw.shape[1]
    return jnp.split(p_kw, [n_turbines, n_turbines + n_batteries], axis=1)


def _burnt(figures: IslandFigures, fuel_kwh: Array, p_kw: Array, kind: str) -> Array:
    machines = getattr(figures, kind)
    burnt_kwh = figures.step_h * machines.fuel_per_kwh * p_kw
    return jnp.maximum(fuel_kwh - burnt_kwh, 0.0)


def _stored(figures: IslandFigures, stored_kwh: Array, battery_kw: Array) -> Array:
    by_charge, by_discharge = figures.efficiency
    charged_kw = by_charge * jnp.maximum(-battery_kw, 0.0)
    taken_kw = jnp.maximum(battery_kw, 0.0) / by_discharge
    return stored_kwh + figures.step_h * (charged_kw - taken_kw)
