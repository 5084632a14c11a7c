"""`IslandPlant`: an island, its units and its loads; the same in every scenario and step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from tieline.devices import Batteries, DroopUnits, Generators
from tieline.errors import InputError
from tieline.feeders.elements import Der
from tieline.feeders.feeder import Feeder
from tieline.feeders.islands import IslandConfig, UnitSettings, island_feeder
from tieline.powerflow.island import Island, make_island
from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Renewables:
    """Names, (renewable,), and the largest power that their panels or wheels deliver [kW]."""

    names: tuple[str, ...]
    p_max_kw: FloatArray


@dataclass(frozen=True, eq=False)
class Start:
    """What stands at the beginning: fuel, stored energy [kWh] and last powers [kW] of each unit of a kind."""

    unit_fuel_kwh: FloatArray
    unit_last_kw: FloatArray
    fuel_kwh: FloatArray
    last_kw: FloatArray
    stored_kwh: FloatArray


@dataclass(frozen=True, eq=False)
class IslandPlant:
    """What does not change.

    Attributes:
        island: network and droop units.
        generators: microturbines; their fuel is in kWh of fuel.
        batteries, renewables: the other units.
        generator_ders, battery_ders, renewable_ders: which DERs of the feeder they are.
        q_max_kvar: largest |Q| of every DER, infinite for those that are no unit of the island, (der,).
        load_kw, load_kvar: loads at full supply, (load,).
        load_weight: worth of a kWh of each load, (load,).
        start: what stands at the beginning.
    """

    island: Island
    generators: Generators
    batteries: Batteries
    renewables: Renewables
    generator_ders: IntArray
    battery_ders: IntArray
    renewable_ders: IntArray
    q_max_kvar: FloatArray
    load_kw: FloatArray
    load_kvar: FloatArray
    load_weight: FloatArray
    start: Start
    _islands: dict[bytes, Island] = field(default_factory=dict)

    @property
    def units(self) -> DroopUnits:
        """The droop units."""
        return self.island.units

    @property
    def feeder(self) -> Feeder:
        """The island as a feeder."""
        return self.island.network.feeder

    def held_by(self, is_running: BoolArray) -> Island:
        """The island held by the droop units that run, (unit,); remembered, as scenarios share it."""
        if is_running.all():
            return self.island
        key = is_running.tobytes()
        if key not in self._islands:
            self._islands[key] = self.island.of_units(np.flatnonzero(is_running))
        return self._islands[key]


def make_island_plant(
    config: IslandConfig, feeder: Feeder | None = None
) -> IslandPlant:
    """The plant of an island's configuration.

    Args:
        config: the island and its units.
        feeder: the island as `island_feeder` cuts it out; left out, it is cut out here.

    Raises:
        InputError, FeederError: if the island cannot be cut out, a unit has impossible ratings, or the feeder is without one,
            without load, or has loads that deliver.
    """
    feeder = feeder or island_feeder(config)
    _require_units(feeder, config)
    _require_loads(feeder)
    units = DroopUnits.of(config.droop_unit, feeder.frequency_hz)
    place = _places(feeder.ders)
    loads = feeder.loads
    return IslandPlant(
        island=make_island(feeder, units),
        generators=_generators(feeder, config),
        batteries=_batteries(feeder, config),
        renewables=Renewables(
            names=_names(config.renewable),
            p_max_kw=_column(config.renewable, "p_max_kw"),
        ),
        generator_ders=_positions(place, config.microturbine),
        battery_ders=_positions(place, config.battery),
        renewable_ders=_positions(place, config.renewable),
        q_max_kvar=_q_max_kvar(place, config),
        load_kw=np.array([load.p_kw for load in loads], dtype=float),
        load_kvar=np.array([load.q_kvar for load in loads], dtype=float),
        load_weight=_load_weight(feeder, config),
        start=_start(config),
    )


def _require_units(feeder: Feeder, config: IslandConfig) -> None:
    """Refuse a feeder built in Python that is another one than the island, such as the one that it is cut out of."""
    missing = list(_missing_units(feeder, config))
    if missing:
        raise InputError(
            f"Feeder '{feeder.name}' is not the island '{config.name}': it has no {', '.join(missing)}. Give the name or the "
            "file of the island, or the feeder that `island_feeder(read_island(...))` of tieline.feeders.islands makes of it."
        )


def _require_loads(feeder: Feeder) -> None:
    """Refuse loads that deliver: to pick one up costs nothing and to drop it saves nothing, so that no share of it means what a
    share of a load does.
    """
    delivering = [load.name for load in feeder.loads if load.p_kw < 0]
    if delivering:
        raise InputError(
            f"Loads {', '.join(delivering)} of island '{feeder.name}' take less than 0 kW. Make them a [[renewable]] or "
            "[[microturbine]] of the island file, and take them out of the feeder."
        )
    if not any(load.p_kw for load in feeder.loads):
        raise InputError(
            f"Island '{feeder.name}' has no load that could be restored. Cut it where there is one."
        )


def _missing_units(feeder: Feeder, config: IslandConfig) -> Iterator[str]:
    ders = _places(feeder.ders)
    decided = (*config.microturbine, *config.renewable, *config.battery)
    for name in _names(decided):
        if name not in ders:
            yield name
    buses = {bus.name for bus in feeder.buses}
    for unit in config.droop_unit:
        for bus in unit.buses:
            if bus not in buses:
                yield f"bus {bus} of droop unit {unit.name}"


def _places(ders: Sequence[Der]) -> dict[str, int]:
    return {der.name: k for k, der in enumerate(ders)}


def _names(tables: Sequence[UnitSettings]) -> tuple[str, ...]:
    return tuple(name for table in tables for name in table.unit_names)


def _column(tables: Sequence[UnitSettings], field_name: str) -> FloatArray:
    """A setting of every unit of some tables, (unit,)."""
    values = [getattr(table, field_name) for table in tables for _ in table.buses]
    return np.array(values, dtype=float)


def _positions(place: dict[str, int], tables: Sequence[UnitSettings]) -> IntArray:
    return np.array([place[name] for name in _names(tables)], dtype=np.int64)


def _generators(feeder: Feeder, config: IslandConfig) -> Generators:
    tables = config.microturbine
    names = _names(tables)
    turbines = [unit for unit in feeder.generators if unit.name in names]
    return Generators.of(
        turbines,
        ramp_kw_per_h=_column(tables, "ramp_kw_per_h"),
        fuel_b=_column(tables, "fuel_per_kwh"),
    )


def _batteries(feeder: Feeder, config: IslandConfig) -> Batteries:
    names = _names(config.battery)
    # the feeder may have batteries of its own, which nobody here decides on
    storages = [unit for unit in feeder.storages if unit.name in names]
    high_share = _column(config.battery, "stored_high_share")
    return Batteries.of(storages, soc_max=high_share)


def _q_max_kvar(place: dict[str, int], config: IslandConfig) -> FloatArray:
    q_max = np.full(len(place), np.inf)
    kinds = (config.microturbine, config.renewable, config.battery)
    for tables in kinds:
        ders = _positions(place, tables)
        q_max[ders] = _column(tables, "q_max_kvar")
    return q_max


def _load_weight(feeder: Feeder, config: IslandConfig) -> FloatArray:
    of_bus = {bus: entry.weight for entry in config.load_weight for bus in entry.buses}
    return np.array([of_bus.get(load.bus, 1.0) for load in feeder.loads])


def _start(config: IslandConfig) -> Start:
    share = _column(config.battery, "stored_start_share")
    return Start(
        unit_fuel_kwh=_column(config.droop_unit, "fuel_kwh"),
        unit_last_kw=_column(config.droop_unit, "p_start_kw"),
        fuel_kwh=_column(config.microturbine, "fuel_kwh"),
        last_kw=_column(config.microturbine, "p_start_kw"),
        stored_kwh=share * _column(config.battery, "energy_kwh"),
    )
