"""The units of an island at their buses, as elements of its feeder; droop units are none: they hold the voltage.

A unit takes all phases of its bus, from phase to ground.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from tieline.errors import InputError, unknown_name_message
from tieline.feeders.checks.common import PHASES
from tieline.feeders.elements import Bus, Generator, Pv, Storage
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding
from tieline.feeders.islands.config import IslandConfig, UnitSettings
from tieline.units import SQRT3, tidy


def with_units(island: Feeder, config: IslandConfig) -> Feeder:
    """The island with generators, PV and storage of its configuration, after those that its feeder has.

    Raises:
        InputError: for buses that the island does not have, of any unit or load weight; names each.
    """
    _require_buses(island, config)
    feeder = island.replace(
        pvs=(*island.pvs, *_renewables(island, config)),
        storages=(*island.storages, *_batteries(island, config)),
        generators=(*island.generators, *_microturbines(island, config)),
    )
    return feeder.replace(notes=(*feeder.notes, *_notes(feeder, config)))


def _require_buses(island: Feeder, config: IslandConfig) -> None:
    names = {bus.name for bus in island.buses}
    problems = []
    for unit in config.units:
        for bus in unit.buses:
            if bus not in names:
                message = unknown_name_message("bus", bus, names, "of the island")
                problems.append(f"{unit.name}: {message}")
    load_buses = {load.bus for load in island.loads}
    for entry in config.load_weight:
        for bus in entry.buses:
            if bus not in load_buses:
                message = unknown_name_message("bus with load", bus, load_buses)
                problems.append(f"load_weight {entry.weight:g}: {message}")
    if problems:
        lines = [
            "These buses do not lie in the island; correct the island file:",
            *problems,
        ]
        raise InputError("\n  ".join(lines))


def _microturbines(island: Feeder, config: IslandConfig) -> Iterator[Generator]:
    for unit in config.microturbine:
        for place in _places(island, unit):
            yield Generator(
                **place,
                rated_kva=math.hypot(unit.p_max_kw, unit.q_max_kvar),
                p_low_limit_kw=0.0,
                p_high_limit_kw=unit.p_max_kw,
                **_q_limits(unit),
            )


def _renewables(island: Feeder, config: IslandConfig) -> Iterator[Pv]:
    for unit in config.renewable:
        for place in _places(island, unit):
            yield Pv(
                **place,
                rated_kw=unit.p_max_kw,
                inverter_kva=math.hypot(unit.p_max_kw, unit.q_max_kvar),
                **_q_limits(unit),
            )


def _batteries(island: Feeder, config: IslandConfig) -> Iterator[Storage]:
    for unit in config.battery:
        for place in _places(island, unit):
            yield Storage(
                **place,
                rated_kw=unit.p_max_kw,
                energy_kwh=unit.energy_kwh,
                inverter_kva=math.hypot(unit.p_max_kw, unit.q_max_kvar),
                stored_kwh=unit.stored_start_share * unit.energy_kwh,
                reserve_kwh=unit.stored_low_share * unit.energy_kwh,
                efficiency_charge=unit.efficiency_charge,
                efficiency_discharge=unit.efficiency_discharge,
                **_q_limits(unit),
            )


def _places(island: Feeder, unit: UnitSettings) -> Iterator[dict[str, Any]]:
    """Name, bus, nodes, connection and rated voltage of each of the equal units."""
    for name, bus_name in zip(unit.unit_names, unit.buses, strict=True):
        bus = island.bus(bus_name)
        yield {
            "name": name,
            "bus": bus.name,
            "nodes": (*_phases(bus), 0),
            "connection": "wye",
            "kv": _kv_to_ground(island, bus),
        }


def _phases(bus: Bus) -> tuple[int, ...]:
    return tuple(node for node in bus.phases if node in PHASES)


def _kv_to_ground(island: Feeder, bus: Bus) -> float:
    if island.single_phase_equivalent:
        return bus.kv_ll
    return tidy(bus.kv_ll / SQRT3)


def _q_limits(unit: UnitSettings) -> dict[str, Any]:
    return {
        "q_low_limit_kvar": -unit.q_max_kvar,
        "q_high_limit_kvar": unit.q_max_kvar,
    }


def _notes(island: Feeder, config: IslandConfig) -> Iterator[Finding]:
    capacity_kw = sum(unit.p_max_kw * len(unit.buses) for unit in config.units)
    capacity_kw += sum(island_der_kw(island, config))
    if island.peak_load_kw > capacity_kw:
        message = (
            f"load is {island.peak_load_kw:,.0f} kW, all units together deliver at most {capacity_kw:,.0f} kW: some of it cannot "
            "be served at any time."
        )
        yield Finding("ISLAND.DEMAND", "warning", f"feeder {island.name}", message)


def island_der_kw(island: Feeder, config: IslandConfig) -> list[float]:
    """What DERs that are the feeder's own inject in its snapshot [kW]."""
    unit_names = {name for unit in config.units for name in unit.unit_names}
    return [
        der.p_kw
        for der in (*island.pvs, *island.generators)
        if der.name not in unit_names
    ]
