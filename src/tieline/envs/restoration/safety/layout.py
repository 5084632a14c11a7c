"""`SetPointLayout`: set-points of an island as one row of numbers per scenario, in shares, and back.

served_share of each load        of its full supply
p_share, q_share of each unit    of its highest P, largest Q; batteries: > 0 discharges
set_share of each droop unit     P* of its highest P; only where several share the load
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from tieline.envs.box import Box
from tieline.envs.restoration.step.set_points import SetPoints
from tieline.opf.restoration.plant import IslandPlant
from tieline.typing import FloatArray, IntArray


class Part(NamedTuple):
    """Entries that stand side by side.

    Attributes:
        field: of `SetPoints`.
        names: of the entries.
        unit: what a share of one is, (entry,); 1 where nothing can be set.
        low: least share; the highest is 1.
    """

    field: str
    names: tuple[str, ...]
    unit: FloatArray
    low: float


@dataclass(frozen=True, eq=False)
class SetPointLayout:
    """The order of entries for a plant."""

    plant: IslandPlant

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Entries by field, in order."""
        return tuple(_parts(self.plant))

    @cached_property
    def unit(self) -> FloatArray:
        """What a share of one is, (entry,) [1, kW or kvar]."""
        return np.concatenate([part.unit for part in self.parts])

    @cached_property
    def box(self) -> Box:
        """Names and bounds of the shares."""
        names = [name for part in self.parts for name in part.names]
        high = np.ones(len(names))
        low = np.empty(len(names))
        for part in self.parts:
            entries = self.entries(part.field)
            low[entries] = part.low
        return Box(tuple(names), low, high)

    def entries(self, field: str) -> IntArray:
        """Where a field stands, (entry,)."""
        first = 0
        for part in self.parts:
            last = first + len(part.names)
            if part.field == field:
                return np.arange(first, last)
            first = last
        # nobody sets P* where one unit holds the island alone
        return np.arange(0)

    def shares(self, set_points: SetPoints) -> FloatArray:
        """Set-points as rows of shares, (scenario, entry); set-points P* that are not given are those of the ratings."""
        columns = []
        for part in self.parts:
            value = getattr(set_points, part.field)
            if value is None:
                at_rest = self.plant.units.settings.p_set_kw
                count = len(set_points.served)
                value = np.tile(at_rest, (count, 1))
            columns.append(value / part.unit)
        return np.hstack(columns)

    def set_points(self, shares: FloatArray) -> SetPoints:
        """Rows of shares as set-points."""
        values: dict[str, FloatArray] = {}
        for part in self.parts:
            field = part.field
            entries = self.entries(field)
            values[field] = shares[:, entries] * part.unit
        return SetPoints(**values)


def _parts(plant: IslandPlant) -> Iterator[Part]:
    names = [f"served_share of {load.name}" for load in plant.feeder.loads]
    yield _part("served", names, 1.0, 0.0)
    q_max_kvar = plant.q_max_kvar
    generators = plant.generators
    yield _of_p("p_kw", generators.names, generators.p_max_kw, 0.0)
    yield _of_q("q_kvar", generators.names, q_max_kvar[plant.generator_ders])
    batteries = plant.batteries
    # one unit for both directions, so that a share of 0 is no power
    highest_kw = np.maximum(batteries.charge_max_kw, batteries.discharge_max_kw)
    yield _of_p("battery_kw", batteries.names, highest_kw, -1.0)
    yield _of_q("battery_kvar", batteries.names, q_max_kvar[plant.battery_ders])
    renewables = plant.renewables
    yield _of_p("renewable_kw", renewables.names, renewables.p_max_kw, 0.0)
    yield _of_q("renewable_kvar", renewables.names, q_max_kvar[plant.renewable_ders])
    units = plant.units
    # one unit alone takes what is left, wherever its set-point lies
    if len(units.names) > 1:
        names = [f"set_share of {name}" for name in units.names]
        yield _part("unit_set_kw", names, units.generators.p_max_kw, 0.0)


def _of_p(field: str, names: tuple[str, ...], p_max_kw: FloatArray, low: float) -> Part:
    return _part(field, [f"p_share of {name}" for name in names], p_max_kw, low)


def _of_q(field: str, names: tuple[str, ...], q_max_kvar: FloatArray) -> Part:
    return _part(field, [f"q_share of {name}" for name in names], q_max_kvar, -1.0)


def _part(field: str, names: list[str], unit: float | FloatArray, low: float) -> Part:
    size = np.asarray(unit, dtype=float)
    sizes = np.broadcast_to(size, len(names))
    # a unit that can give nothing is left at nothing, whatever its share
    sizes = np.where(sizes > 0, sizes, 1.0)
    return Part(field, tuple(names), sizes, low)
