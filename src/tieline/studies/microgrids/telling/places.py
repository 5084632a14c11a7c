"""Which microgrid a voltage or a branch belongs to, or that it lies in the feeder outside of all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tieline.envs.microgrids.plant import Plant
from tieline.opf import Problem
from tieline.typing import IntArray, StrArray

OUTSIDE = "feeder"


def area_of_points(plant: Plant, problem: Problem) -> StrArray:
    """Name of the microgrid of each voltage, (point,)."""
    areas = _area_of_buses(plant)
    buses = plant.network.feeder.buses
    of_buses = [areas.get(bus.name, OUTSIDE) for bus in buses]
    return np.array(of_buses)[problem.limits.points.bus]


def area_of_flows(plant: Plant, problem: Problem) -> StrArray:
    """Name of the microgrid of each limited branch: of a PCC that which it joins, (row,)."""
    areas = _area_of_buses(plant)
    far_bus = dict(_far_ends(plant))
    names = []
    for element in problem.limits.flows.element:
        _, name = plant.network.elements[element]
        names.append(areas.get(far_bus[name], OUTSIDE))
    return np.array(names, dtype=str)


def area_of_ders(plant: Plant, ders: IntArray) -> StrArray:
    """Name of the microgrid of some DERs, (der,)."""
    names = np.full(len(ders), OUTSIDE, dtype=object)
    for microgrid in plant.microgrids:
        is_inside = np.isin(ders, microgrid.ders)
        names[is_inside] = microgrid.name
    return names.astype(str)


def _area_of_buses(plant: Plant) -> dict[str, str]:
    areas = {}
    for microgrid in plant.microgrids:
        areas.update(dict.fromkeys(microgrid.buses, microgrid.name))
    return areas


def _far_ends(plant: Plant) -> Iterator[tuple[str, str]]:
    """Second bus of every line and transformer, by the name of the element: that of a PCC lies in its microgrid."""
    feeder = plant.network.feeder
    for line in feeder.lines:
        yield line.name, line.to_bus
    for transformer in feeder.transformers:
        yield transformer.name, transformer.windings[-1].bus
