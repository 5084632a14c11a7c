"""Table `limits`: which kinds of limits bind in which step, and how many of each there are; first draw of each scenario."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from tieline.envs.restoration.episode import Played
from tieline.envs.restoration.world import RestorationWorld
from tieline.opf.restoration.state import IslandState
from tieline.studies.restoration.telling.tables.units import SHOWN_DRAW
from tieline.studies.restoration.ways.course import Course
from tieline.typing import FloatArray

NEAR = 1e-3
"""A limit binds within this much of it, of its range; solvers stop short of it by less."""

FUEL = "fuel is used up"
STORED_LOW = "battery is empty"
STORED_HIGH = "battery is full"
RAMP = "ramp"
POWER = "rated power"
FREQUENCY = "frequency"
FREE_DROP = "load dropped as far as is free"
VOLTAGE = "voltage"
FLOW = "line or transformer"

KINDS = (
    FUEL,
    STORED_LOW,
    STORED_HIGH,
    RAMP,
    POWER,
    FREQUENCY,
    FREE_DROP,
    VOLTAGE,
    FLOW,
)
"""In the order of figures."""


class _Room(NamedTuple):
    """A kind, and how far each limit of it is away, as a share of its range, (limit,)."""

    kind: str
    share: FloatArray


def limits_table(world: RestorationWorld, course: Course) -> pd.DataFrame:
    """A row per step and kind: how many limits bind, of how many."""
    rows = []
    for step, played in enumerate(course.episode.played):
        for kind, share in _rooms(world, played):
            # NaN, in a dead island, is no limit that binds
            binding = int((share <= NEAR).sum())
            row = {"step": step, "kind": kind, "binding": binding, "limits": len(share)}
            rows.append(row)
    columns = ["step", "kind", "binding", "limits"]
    return pd.DataFrame(rows, columns=columns)


def _rooms(world: RestorationWorld, played: Played) -> Iterator[_Room]:
    yield from _of_energy(world, played.step.state)
    yield from _of_machines(world, played)
    yield _of_loads(world, played)
    yield from _of_network(world, played)


def _of_energy(world: RestorationWorld, state: IslandState) -> Iterator[_Room]:
    plant = world.plant
    start = plant.start
    first_kwh = np.concatenate([start.unit_fuel_kwh, start.fuel_kwh])
    fuel_kwh = _shown(state.unit_fuel_kwh, state.fuel_kwh)
    # of what there was at the start: a tank has no other size here
    yield _Room(FUEL, _share(fuel_kwh, first_kwh))
    units = plant.batteries
    stored_kwh = state.stored_kwh[SHOWN_DRAW]
    band_kwh = units.stored_max_kwh - units.stored_min_kwh
    above_empty_kwh = stored_kwh - units.stored_min_kwh
    below_full_kwh = units.stored_max_kwh - stored_kwh
    yield _Room(STORED_LOW, _share(above_empty_kwh, band_kwh))
    yield _Room(STORED_HIGH, _share(below_full_kwh, band_kwh))


def _of_machines(world: RestorationWorld, played: Played) -> Iterator[_Room]:
    """Droop units and turbines: ramps either way and ratings; frequency of droop units."""
    droop = world.plant.units
    units = droop.generators
    sets = world.plant.generators
    before = played.before
    after = played.step.state
    last_kw = _shown(before.unit_last_kw, before.last_kw)
    power_kw = _shown(after.unit_last_kw, after.last_kw)
    ramp_kw_per_h = np.concatenate([units.ramp_kw_per_h, sets.ramp_kw_per_h])
    ramp_kw = world.config.step_h * ramp_kw_per_h
    # a ramp holds both ways
    change_kw = np.abs(power_kw - last_kw)
    yield _Room(RAMP, _share(ramp_kw - change_kw, ramp_kw))
    rated_kw = np.concatenate([units.p_max_kw, sets.p_max_kw])
    yield _Room(POWER, _share(rated_kw - power_kw, rated_kw))
    frequency_hz = played.step.frequency_hz[SHOWN_DRAW]
    above_hz = frequency_hz - droop.f_low_hz
    below_hz = droop.f_high_hz - frequency_hz
    band_hz = droop.f_high_hz - droop.f_low_hz
    # of the two ends one can bind
    room_hz = np.minimum(above_hz, below_hz)
    yield _Room(FREQUENCY, _share(room_hz, band_hz))


def _shown(of_droop: FloatArray, of_turbines: FloatArray) -> FloatArray:
    """Droop units and turbines of the draw that is shown, side by side, (unit,)."""
    return np.concatenate([of_droop[SHOWN_DRAW], of_turbines[SHOWN_DRAW]])


def _of_loads(world: RestorationWorld, played: Played) -> _Room:
    free_share = world.config.shed_free_share
    before = played.before.served[SHOWN_DRAW]
    fall = before - played.step.state.served[SHOWN_DRAW]
    free = np.full(len(fall), free_share)
    return _Room(FREE_DROP, _share(free - fall, free))


def _of_network(world: RestorationWorld, played: Played) -> Iterator[_Room]:
    n_points = len(world.grid.points.names)
    beyond = played.beyond[SHOWN_DRAW]
    by_limit = -beyond[: 2 * n_points].reshape(2, n_points)
    # a voltage has two limits, of which one can bind
    yield _Room(VOLTAGE, by_limit.min(axis=0))
    yield _Room(FLOW, -beyond[2 * n_points :])


def _share(room: FloatArray, band: FloatArray) -> FloatArray:
    """Room by the range that it is part of; infinite where there is no limit."""
    share = np.full(len(room), np.inf)
    has_limit = np.isfinite(band) & (band > 0)
    np.divide(room, band, out=share, where=has_limit)
    return share
