"""Tables `units` and `loads`: each unit and load in each step of the first draw; and `island`: what there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tieline.envs.restoration.episode import Played
from tieline.opf.restoration.plant import IslandPlant
from tieline.studies.restoration.ways.course import Course
from tieline.typing import FloatArray

SHOWN_DRAW = 0
"""One draw of a scenario is enough for who reads a figure, and a table of all of them would be a hundred times as long."""

DROOP = "droop unit"
TURBINE = "microturbine"
RENEWABLE = "renewable"
BATTERY = "battery"
LOAD = "load"


class _Kind(NamedTuple):
    """Units of a kind in a step, (unit,); energy is fuel, or what is stored, and absent where there is none."""

    kind: str
    names: Sequence[str]
    p_kw: FloatArray
    q_kvar: FloatArray
    energy_kwh: FloatArray | None = None


def units_table(plant: IslandPlant, course: Course) -> pd.DataFrame:
    """Powers and energy of each unit after each step."""
    frames = []
    for step, played in enumerate(course.episode.played):
        for kind in _kinds(plant, played):
            columns = {"step": step, **kind._asdict()}
            frame = pd.DataFrame(columns).rename(columns={"names": "unit"})
            # None of those without energy would make a column of objects
            frames.append(frame.astype({"energy_kwh": float}))
    return pd.concat(frames, ignore_index=True)


def _kinds(plant: IslandPlant, played: Played) -> Iterator[_Kind]:
    set_points = played.step.set_points
    state = played.step.state
    k = SHOWN_DRAW
    step = played.step
    yield _Kind(
        DROOP,
        plant.units.names,
        step.unit_kw[k],
        step.unit_kvar[k],
        state.unit_fuel_kwh[k],
    )
    yield _Kind(
        TURBINE,
        plant.generators.names,
        set_points.p_kw[k],
        set_points.q_kvar[k],
        state.fuel_kwh[k],
    )
    yield _Kind(
        RENEWABLE,
        plant.renewables.names,
        set_points.renewable_kw[k],
        set_points.renewable_kvar[k],
    )
    yield _Kind(
        BATTERY,
        plant.batteries.names,
        set_points.battery_kw[k],
        set_points.battery_kvar[k],
        state.stored_kwh[k],
    )


def loads_table(plant: IslandPlant, course: Course) -> pd.DataFrame:
    """Share of each load that is on after each step."""
    names = [load.name for load in plant.feeder.loads]
    buses = [load.bus for load in plant.feeder.loads]
    frames = []
    for step, played in enumerate(course.episode.played):
        columns = {
            "step": step,
            "load": names,
            "bus": buses,
            "served_pct": 100 * played.step.state.served[SHOWN_DRAW],
        }
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


def island_table(plant: IslandPlant) -> pd.DataFrame:
    """Units and loads: place, size [kW], energy at the start [kWh] and weight."""
    rows = [*_droop_rows(plant), *_decided_rows(plant), *_load_rows(plant)]
    return pd.DataFrame(rows)


def _droop_rows(plant: IslandPlant) -> Iterator[dict[str, Any]]:
    droop = plant.units
    rated_kw = droop.generators.p_max_kw
    fuel_kwh = plant.start.unit_fuel_kwh
    rows = _rows(DROOP, droop.names, droop.buses, rated_kw, fuel_kwh)
    for k, row in enumerate(rows):
        f_low_hz = float(droop.f_low_hz[k])
        f_high_hz = float(droop.f_high_hz[k])
        yield {**row, "f_low_hz": f_low_hz, "f_high_hz": f_high_hz}


def _decided_rows(plant: IslandPlant) -> Iterator[dict[str, Any]]:
    """Units with set-points: turbines, renewables, batteries."""
    start = plant.start
    ders = plant.feeder.ders
    sets = plant.generators
    buses = [ders[k].bus for k in plant.generator_ders]
    yield from _rows(TURBINE, sets.names, buses, sets.p_max_kw, start.fuel_kwh)
    sun = plant.renewables
    buses = [ders[k].bus for k in plant.renewable_ders]
    no_energy = np.full(len(buses), np.nan)
    yield from _rows(RENEWABLE, sun.names, buses, sun.p_max_kw, no_energy)
    stores = plant.batteries
    buses = [ders[k].bus for k in plant.battery_ders]
    yield from _rows(
        BATTERY, stores.names, buses, stores.discharge_max_kw, start.stored_kwh
    )


def _load_rows(plant: IslandPlant) -> Iterator[dict[str, Any]]:
    loads = plant.feeder.loads
    names = [load.name for load in loads]
    buses = [load.bus for load in loads]
    no_energy = np.full(len(loads), np.nan)
    rows = _rows(LOAD, names, buses, plant.load_kw, no_energy)
    for row, weight in zip(rows, plant.load_weight, strict=True):
        yield {**row, "weight": float(weight)}


def _rows(
    kind: str,
    names: Sequence[str],
    buses: Sequence[str],
    size_kw: FloatArray,
    energy_kwh: FloatArray,
) -> Iterator[dict[str, Any]]:
    for k, name in enumerate(names):
        yield {
            "kind": kind,
            "name": name,
            "bus": buses[k],
            "size_kw": float(size_kw[k]),
            "energy_kwh": float(energy_kwh[k]),
        }
