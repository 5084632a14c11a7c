"""What the safety step needs of an island: its limited quantities at set-points, with their exact derivatives.

    voltages, flows        as the world limits them
    P of a droop unit      within rating, ramp, fuel and frequency of this step [parts of its highest P]
    Q of a droop unit      within its rating [parts of it]

Set-points are rows of shares (`SetPointLayout`). No load is dropped and nothing is cut here: what relief would have to do to keep
a droop unit in its range is a limit like the others, which set-points can keep by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tieline.envs.box import Box
from tieline.envs.restoration.asked import Asked, asked_of_units
from tieline.envs.restoration.layout import SetPointLayout
from tieline.envs.restoration.relief import Relief
from tieline.envs.restoration.set_points import within_limits
from tieline.envs.restoration.world import RestorationWorld
from tieline.envs.safeguarded import Bounds, Kept, Limited
from tieline.envs.state_rows import take_rows
from tieline.opf.restoration.plant import IslandPlant
from tieline.opf.restoration.state import IslandState
from tieline.powerflow.island import IslandSolution, island_tangent
from tieline.typing import ComplexArray, FloatArray, IntArray

ROWS_AT_ONCE = 4096
"""Entries times scenarios whose voltages are moved together: more would fill memory."""


@dataclass(frozen=True, eq=False)
class IslandRows:
    """Islands side by side: their state, what sun and wind offer, (row, renewable) [kW], and what each set-point may be, (row,
    entry) each [share].
    """

    island: IslandState
    available_kw: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, eq=False)
class GuardedIsland:
    """An island as the safety step sees it; states are `IslandRows`, see `Safeguarded`."""

    world: RestorationWorld
    controls_act = False

    @cached_property
    def layout(self) -> SetPointLayout:
        """The order of entries."""
        return SetPointLayout(self.world.plant)

    @cached_property
    def action(self) -> Box:
        """Bounds of the entries, whose span is what moves are measured in; what an entry may be is told by its row.

        Loads of less weight have a wider span: they move first, as they are dropped first where nothing else helps.
        """
        box = self.layout.box
        weight = self.world.plant.load_weight
        high = box.high.copy()
        high[self.layout.entries("served")] = weight.max(initial=0.0) / weight
        return replace(box, high=high)

    def rows(self, state: IslandState, available_kw: FloatArray) -> IslandRows:
        """Rows whose set-points may be whatever units can carry out."""
        layout = self.layout
        count = state.n_scenarios
        # what is farthest either way, moved to where units can follow, is the range
        lowest = np.tile(layout.box.low, (count, 1))
        highest = np.tile(layout.box.high, (count, 1))
        rows = IslandRows(state, available_kw, lowest, highest)
        low = self._feasible(rows, lowest)
        high = self._feasible(rows, highest)
        return IslandRows(state, available_kw, low, high)

    def limited(self, state: IslandRows, actions: FloatArray) -> Limited:
        """How far all quantities are beyond their limits, which are 0; NaN for dead islands and where there is no solution."""
        count = len(actions)
        value = np.full((count, len(self.names)), np.nan)
        for asked in self._asked(state, actions):
            value[asked.rows] = self._beyond(asked, _solved(asked))

        def slopes(rows: IntArray) -> FloatArray:
            chosen = take_rows(state, rows)
            return self._slopes(chosen, actions[rows])

        every = np.arange(len(self.names))
        n_voltages = 2 * len(self.world.grid.points.names)
        return Limited(
            names=self.names,
            value=value,
            low=np.full(len(every), -np.inf),
            high=np.zeros(len(every)),
            is_hard=np.zeros(len(every), dtype=bool),
            is_convex=every >= n_voltages,
            slopes=slopes,
        )

    def carried_out(self, state: IslandRows, actions: FloatArray) -> FloatArray:
        """The action within the bounds of its row and within what units can do."""
        bounded = np.clip(actions, state.low, state.high)
        return self._feasible(state, bounded)

    def bounds(self, state: IslandRows) -> Bounds:
        """Those of the rows."""
        return Bounds(state.low, state.high)

    def kept(self, state: IslandRows) -> Kept:
        """Set-points owe each other nothing: the droop units take what is left."""
        return Kept.nothing(len(state.low), self.action.size)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What is limited and which way, (quantity,)."""
        units = self.world.plant.units.names
        words = ("P high", "P low", "Q high", "Q low")
        of_units = [f"droop unit {unit} {word}" for word in words for unit in units]
        return (*self.world.grid.names, *of_units)

    def _feasible(self, state: IslandRows, shares: FloatArray) -> FloatArray:
        decided = within_limits(
            self.world.plant,
            state.island,
            self.layout.set_points(shares),
            state.available_kw,
            self.world.config.step_h,
        )
        return self.layout.shares(decided)

    def _asked(self, state: IslandRows, actions: FloatArray) -> Iterator[Asked]:
        decided = self.layout.set_points(actions)
        hours = self.world.config.step_h
        return asked_of_units(self.world.plant, state.island, decided, hours)

    def _beyond(self, asked: Asked, solution: IslandSolution) -> FloatArray:
        """How far each quantity of a group is beyond its limit, (row, quantity)."""
        plant = self.world.plant
        limits = asked.demand.limits
        of_grid = self.world.grid.beyond(solution.flow)
        p_max_kw = plant.units.generators.p_max_kw[asked.units]
        q_max_kvar = self._q_unit_kvar[asked.units]
        p_kw = solution.p_kw
        q_share = solution.q_kvar / q_max_kvar
        of_units = (
            (p_kw - limits.high) / p_max_kw,
            (limits.low - p_kw) / p_max_kw,
            q_share - 1,
            -q_share - 1,
        )
        return np.hstack([of_grid, *(self._spread(asked, part) for part in of_units)])

    def _spread(self, asked: Asked, of_running: FloatArray) -> FloatArray:
        """Numbers of the running units among those of all, along the last axis; one that stands still is within all limits."""
        n_units = len(self.world.plant.units.names)
        of_all = np.full((*of_running.shape[:-1], n_units), -1.0)
        of_all[..., asked.units] = of_running
        return of_all

    @cached_property
    def _q_unit_kvar(self) -> FloatArray:
        q_max = self.world.plant.units.q_max_kvar
        return np.where(q_max > 0, q_max, 1.0)

    def _slopes(self, state: IslandRows, actions: FloatArray) -> FloatArray:
        """Derivative of all quantities by all entries, (row, quantity, entry)."""
        shape = (len(actions), len(self.names), self.action.size)
        slopes = np.zeros(shape)
        for asked in self._asked(state, actions):
            slopes[asked.rows] = self._group_slopes(asked, _solved(asked))
        return slopes

    def _group_slopes(self, asked: Asked, solution: IslandSolution) -> FloatArray:
        """Of one group, so many scenarios at a time that all entries of them fit side by side."""
        at_once = max(1, ROWS_AT_ONCE // self.action.size)
        every = np.arange(len(asked.rows))
        parts = [
            self._part_slopes(
                asked, solution.of_scenarios(every[first : first + at_once])
            )
            for first in range(0, len(every), at_once)
        ]
        return np.concatenate(parts)

    def _part_slopes(self, asked: Asked, solution: IslandSolution) -> FloatArray:
        plant = self.world.plant
        grid = self.world.grid
        dv_pu, dp_kw, dq_kvar = self._tangents(asked, solution)
        of_grid = grid.slopes_along(solution.flow, dv_pu, np.arange(len(grid.names)))
        by_p = dp_kw / plant.units.generators.p_max_kw[asked.units]
        by_q = dq_kvar / self._q_unit_kvar[asked.units]
        parts = (by_p, -by_p, by_q, -by_q)
        of_units = [self._at_units(asked, part) for part in parts]
        return np.concatenate([of_grid, *of_units], axis=1)

    def _tangents(
        self, asked: Asked, solution: IslandSolution
    ) -> tuple[ComplexArray, FloatArray, FloatArray]:
        """Change of voltages, P and Q of the running units along each entry alone, (row, entry, ...)."""
        count = solution.flow.n_scenarios
        n_entries = self.action.size
        # a scenario for each entry of each row: one system of equations for all
        repeated = solution.of_scenarios(np.repeat(np.arange(count), n_entries))
        directions = {
            name: np.tile(direction, (count, 1))
            for name, direction in self._directions(asked.units).items()
        }
        change = island_tangent(repeated, **directions)
        shape = (count, n_entries, -1)
        return (
            change.v_pu.reshape(shape),
            change.p_kw.reshape(shape),
            change.q_kvar.reshape(shape),
        )

    def _at_units(self, asked: Asked, slope: FloatArray) -> FloatArray:
        """Slopes of the running units, (row, entry, unit), among those of all, (row, unit, entry)."""
        n_units = len(self.world.plant.units.names)
        of_all = np.zeros((*slope.shape[:-1], n_units))
        of_all[..., asked.units] = slope
        return of_all.transpose(0, 2, 1)

    def _directions(self, running: IntArray) -> dict[str, FloatArray]:
        """Change of the island's inputs by one share more of each entry, (entry, input)."""
        plant = self.world.plant
        layout = self.layout
        n_entries = layout.box.size
        directions = {
            "load_kw": np.zeros((n_entries, len(plant.load_kw))),
            "load_kvar": np.zeros((n_entries, len(plant.load_kw))),
            "der_kw": np.zeros((n_entries, len(plant.q_max_kvar))),
            "der_kvar": np.zeros((n_entries, len(plant.q_max_kvar))),
        }
        served = layout.entries("served")
        loads = np.arange(len(served))
        directions["load_kw"][served, loads] = plant.load_kw
        directions["load_kvar"][served, loads] = plant.load_kvar
        for field, ders in _fields_of_ders(plant):
            name = "der_kvar" if field.endswith("kvar") else "der_kw"
            entries = layout.entries(field)
            directions[name][entries, ders] = layout.unit[entries]
        sets = layout.entries("unit_set_kw")
        if sets.size:
            all_units = np.zeros((n_entries, len(sets)))
            all_units[sets, np.arange(len(sets))] = layout.unit[sets]
            # P* of a unit that stands still moves nothing
            directions["p_set_kw"] = all_units[:, running]
        return directions


def _fields_of_ders(plant: IslandPlant) -> Iterator[tuple[str, IntArray]]:
    """Fields of set-points, and the DERs that each sets."""
    yield "p_kw", plant.generator_ders
    yield "q_kvar", plant.generator_ders
    yield "battery_kw", plant.battery_ders
    yield "battery_kvar", plant.battery_ders
    yield "renewable_kw", plant.renewable_ders
    yield "renewable_kvar", plant.renewable_ders


def _solved(asked: Asked) -> IslandSolution:
    """The island as asked, without relief."""
    nothing = np.zeros(len(asked.rows))
    return asked.demand.solved(Relief(nothing, nothing)).solution
