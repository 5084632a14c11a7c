"""`IslandLimits`: what is limited in a solved island, and how it moves with set-points.

    voltages, flows        as the world limits them
    P of a droop unit      within rating, ramp, fuel and frequency of this step [parts of its highest P]
    Q of a droop unit      within its rating [parts of it]

A quantity is how far it is beyond its limit, negative inside. Entries of set-points are those of a `SetPointLayout`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tieline.envs.grid_constraints import GridConstraints
from tieline.envs.restoration.safety.layout import SetPointLayout
from tieline.envs.restoration.step.groups import UnitGroup
from tieline.opf.restoration.plant import IslandPlant
from tieline.powerflow.island import IslandChange, IslandSolution, island_tangent
from tieline.typing import FloatArray, IntArray

ROWS_AT_ONCE = 4096
"""Entries times scenarios whose voltages are moved together: more would fill memory."""

INSIDE = -1.0
"""Where a unit that stands still is said to be: nothing it could do is near a limit."""


@dataclass(frozen=True, eq=False)
class IslandLimits:
    """Limits of an island.

    Attributes:
        grid: of voltages and flows.
        layout: the entries that set-points are made of.
    """

    grid: GridConstraints
    layout: SetPointLayout

    @property
    def plant(self) -> IslandPlant:
        """The island."""
        return self.layout.plant

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What is limited and which way, (quantity,)."""
        names = list(self.grid.names)
        units = self.plant.units.names
        for word in ("P high", "P low", "Q high", "Q low"):
            names += [f"droop unit {unit} {word}" for unit in units]
        return tuple(names)

    def beyond(self, group: UnitGroup, solution: IslandSolution) -> FloatArray:
        """How far each quantity of a group is beyond its limit, (row, quantity)."""
        limits = group.demand.limits
        p_max_kw, q_max_kvar = self._ratings(group.units)
        p_kw = solution.p_kw
        p_above = (p_kw - limits.high) / p_max_kw
        p_below = (limits.low - p_kw) / p_max_kw
        q_share = solution.q_kvar / q_max_kvar
        of_units = [
            self._at_units(group.units, part)
            for part in (p_above, p_below, q_share - 1, -q_share - 1)
        ]
        of_grid = self.grid.beyond(solution.flow)
        return np.hstack([of_grid, *of_units])

    def slopes(self, running: IntArray, solution: IslandSolution) -> FloatArray:
        """Derivative of all quantities by all entries, (scenario, quantity, entry); `running` units hold the scenarios."""
        n_rows = solution.flow.n_scenarios
        # so many rows at a time that all entries of them fit side by side
        at_once = max(1, ROWS_AT_ONCE // self.layout.box.size)
        parts = []
        for first in range(0, n_rows, at_once):
            last = min(first + at_once, n_rows)
            part = solution.of_scenarios(np.arange(first, last))
            parts.append(self._part_slopes(running, part))
        return np.concatenate(parts)

    def _part_slopes(self, running: IntArray, solution: IslandSolution) -> FloatArray:
        change = self._change_by_entries(running, solution)
        n_entries = self.layout.box.size
        shape = (solution.flow.n_scenarios, n_entries, -1)
        of_grid = self.grid.slopes_along(
            solution.flow,
            change.v_pu.reshape(shape),
            np.arange(len(self.grid.names)),
        )
        p_max_kw, q_max_kvar = self._ratings(running)
        by_p = change.p_kw.reshape(shape) / p_max_kw
        by_q = change.q_kvar.reshape(shape) / q_max_kvar
        slopes = [of_grid]
        for part in (by_p, -by_p, by_q, -by_q):
            of_units = self._at_units(running, part, standing=0.0)
            slopes.append(of_units.transpose(0, 2, 1))
        return np.concatenate(slopes, axis=1)

    def _change_by_entries(
        self, running: IntArray, solution: IslandSolution
    ) -> IslandChange:
        """Change of the island along each entry alone, entries of a row one after the other."""
        count = solution.flow.n_scenarios
        every = np.arange(count)
        # a scenario for each entry of each row: one system of equations for all
        repeated = solution.of_scenarios(np.repeat(every, self.layout.box.size))
        directions = self._directions(running)
        tiled = {
            name: np.tile(direction, (count, 1))
            for name, direction in directions.items()
        }
        return island_tangent(repeated, **tiled)

    def _directions(self, running: IntArray) -> dict[str, FloatArray]:
        """Change of the island's inputs by one share more of each entry, (entry, input)."""
        plant = self.plant
        layout = self.layout
        n_entries = layout.box.size
        no_load = np.zeros((n_entries, len(plant.load_kw)))
        no_der = np.zeros((n_entries, len(plant.q_max_kvar)))
        directions = {
            "load_kw": no_load.copy(),
            "load_kvar": no_load.copy(),
            "der_kw": no_der.copy(),
            "der_kvar": no_der.copy(),
        }
        served = layout.entries("served")
        loads = np.arange(len(served))
        directions["load_kw"][served, loads] = plant.load_kw
        directions["load_kvar"][served, loads] = plant.load_kvar
        for field, ders in _fields_of_ders(plant):
            name = "der_kvar" if field.endswith("kvar") else "der_kw"
            entries = layout.entries(field)
            directions[name][entries, ders] = layout.unit[entries]
        directions["p_set_kw"] = self._set_directions(running)
        return directions

    def _set_directions(self, running: IntArray) -> FloatArray:
        """Change of P* of the running units, (entry, running unit) [kW]; that of a unit that stands still moves nothing."""
        layout = self.layout
        n_units = len(self.plant.units.names)
        shape = (layout.box.size, n_units)
        directions = np.zeros(shape)
        entries = layout.entries("unit_set_kw")
        units = np.arange(len(entries))
        directions[entries, units] = layout.unit[entries]
        return directions[:, running]

    def _ratings(self, running: IntArray) -> tuple[FloatArray, FloatArray]:
        """Highest P and largest Q of the running units [kW, kvar]; a Q of which nothing is allowed is told in kvar."""
        units = self.plant.units
        p_max_kw = units.generators.p_max_kw[running]
        q_max_kvar = units.q_max_kvar[running]
        has_q = q_max_kvar > 0
        return p_max_kw, np.where(has_q, q_max_kvar, 1.0)

    def _at_units(
        self, running: IntArray, values: FloatArray, standing: float = INSIDE
    ) -> FloatArray:
        """Values of the running units among those of all, along the last axis."""
        n_units = len(self.plant.units.names)
        shape = (*values.shape[:-1], n_units)
        of_all = np.full(shape, standing)
        of_all[..., running] = values
        return of_all


def _fields_of_ders(plant: IslandPlant) -> Iterator[tuple[str, IntArray]]:
    """Fields of set-points, and the DERs that each sets."""
    yield "p_kw", plant.generator_ders
    yield "q_kvar", plant.generator_ders
    yield "battery_kw", plant.battery_ders
    yield "battery_kvar", plant.battery_ders
    yield "renewable_kw", plant.renewable_ders
    yield "renewable_kvar", plant.renewable_ders
