"""The order of a step of an island:

    1. sun and wind are measured, set-points are decided and moved inside what the units can do
    2. the island is solved exactly: power flow, droop laws, one frequency
    3. where a droop unit would leave its range, load is dropped by weight until it fits (`relief`)
    4. an island whose balance no droop unit can hold even so is dead: all load is lost, for this step and the rest
    5. fuel, stored energy and last powers are brought forward

A droop unit without fuel stands still, and the others hold the island without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tieline.envs.restoration.step.groups import unit_groups
from tieline.envs.restoration.step.relief import Relieved, relieve
from tieline.envs.restoration.step.set_points import (
    SetPoints,
    as_carried_out,
    next_stored_kwh,
    within_limits,
)
from tieline.opf.restoration.plant import IslandPlant
from tieline.opf.restoration.state import IslandState
from tieline.powerflow.island import IslandSolution
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray


@dataclass(frozen=True)
class SolvedRows:
    """Scenarios that the same droop units hold, and their solution."""

    rows: IntArray
    solution: IslandSolution


@dataclass(frozen=True)
class IslandStep:
    """What a step came to; dead islands have no load, no power and NaN for voltages and frequency.

    Attributes:
        state: after the step.
        set_points: as carried out.
        dropped: share of each load that was decided and then dropped, (scenario, load).
        unit_kw, unit_kvar: of droop units, (scenario, unit).
        frequency_hz: (scenario,).
        v_pu: node voltages, (scenario, node).
        fits: droop units within their range, (scenario,); where relief could do no more, an island may live outside it.
        solved: the solutions behind it, for flows and derivatives.
    """

    state: IslandState
    set_points: SetPoints
    dropped: FloatArray
    unit_kw: FloatArray
    unit_kvar: FloatArray
    frequency_hz: FloatArray
    v_pu: ComplexArray
    fits: BoolArray
    solved: tuple[SolvedRows, ...]


def island_step(
    plant: IslandPlant,
    state: IslandState,
    set_points: SetPoints,
    available_kw: FloatArray,
    hours: float,
) -> IslandStep:
    """One step of many scenarios.

    Args:
        plant: the island.
        state: before the step.
        set_points: what was decided, one row per scenario.
        available_kw: measured power of sun and wind, (renewable,) or (scenario, renewable) [kW].
        hours: length of the step [h].
    """
    decided = within_limits(plant, state, set_points, available_kw, hours)
    groups = []
    for group in unit_groups(plant, state, decided, hours):
        relieved = relieve(group.demand)
        holds = group.tanks.holds(relieved, hours)
        groups.append(_Group(group.rows, group.units, relieved, holds))
    return _assembled(plant, state, decided, groups, hours)


@dataclass(frozen=True)
class _Group:
    """Scenarios that the same units hold: their rows, these units, what relief came to, and which live on."""

    rows: IntArray
    units: IntArray
    relieved: Relieved
    holds: BoolArray

    @property
    def living(self) -> IntArray:
        """Rows of those that live on."""
        return self.rows[self.holds]

    @property
    def solved(self) -> SolvedRows:
        """Rows and solution, of those that go dark too."""
        return SolvedRows(self.rows, self.relieved.solution)


def _assembled(
    plant: IslandPlant,
    state: IslandState,
    decided: SetPoints,
    groups: Sequence[_Group],
    hours: float,
) -> IslandStep:
    """The groups brought together; islands in none of them are dark."""
    count = state.n_scenarios
    served = np.zeros_like(decided.served)
    der_kw = np.zeros((count, len(plant.q_max_kvar)))
    unit_kva: ComplexArray = np.zeros(state.unit_last_kw.shape, dtype=complex)
    frequency_hz = np.full(count, np.nan)
    v_pu = np.full((count, plant.island.network.n_nodes), complex(np.nan, np.nan))
    fits = np.zeros(count, dtype=bool)
    is_dead = np.ones(count, dtype=bool)
    for group in groups:
        living = group.living
        relieved = group.relieved
        solution = relieved.solution
        holds = group.holds
        at_units = np.ix_(living, group.units)
        unit_kva[at_units] = solution.delivery.power_kva[holds]
        frequency_hz[living] = solution.frequency_hz[holds]
        v_pu[living] = solution.flow.v_pu[holds]
        served[living] = relieved.served[holds]
        der_kw[living] = relieved.der_kw[holds]
        fits[living] = relieved.fits[holds]
        is_dead[living] = False
    carried_out = as_carried_out(plant, decided, served, der_kw, ~is_dead)
    after = _next_state(plant, state, carried_out, unit_kva.real, is_dead, hours)
    after = _with_frequency(after, frequency_hz)
    return IslandStep(
        state=after,
        set_points=carried_out,
        dropped=decided.served - served,
        unit_kw=unit_kva.real,
        unit_kvar=unit_kva.imag,
        frequency_hz=frequency_hz,
        v_pu=v_pu,
        fits=fits,
        solved=tuple(group.solved for group in groups),
    )


def _next_state(
    plant: IslandPlant,
    state: IslandState,
    carried_out: SetPoints,
    unit_kw: FloatArray,
    is_dead: BoolArray,
    hours: float,
) -> IslandState:
    """Fuel, stored energy and last powers after a step; a dead island keeps what it has and uses none of it."""
    machines = plant.units.generators
    return IslandState(
        unit_fuel_kwh=machines.next_tank_litre(state.unit_fuel_kwh, unit_kw, hours),
        unit_last_kw=unit_kw,
        fuel_kwh=plant.generators.next_tank_litre(
            state.fuel_kwh, carried_out.p_kw, hours
        ),
        last_kw=carried_out.p_kw,
        stored_kwh=next_stored_kwh(plant, state, carried_out.battery_kw, hours),
        served=carried_out.served,
        frequency_hz=state.frequency_hz,
        is_dead=is_dead,
    )


def _with_frequency(state: IslandState, frequency_hz: FloatArray) -> IslandState:
    """The state with the frequency of the living; the dead have none and keep the last."""
    is_alive = np.isfinite(frequency_hz)
    last_hz = np.where(is_alive, frequency_hz, state.frequency_hz)
    return replace(state, frequency_hz=last_hz)
