"""What the safety step needs of an island: its limited quantities at set-points, with their exact derivatives.

    voltages, flows        as the world limits them
    P of a droop unit      within rating, ramp, fuel and frequency of this step [parts of its highest P]
    Q of a droop unit      within its rating [parts of it]

Set-points are rows of shares (`SetPointLayout`). No load is dropped and nothing is cut here: what relief would have to do to keep
a droop unit in its range is a limit like the others, which set-points can keep by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
from tieline.opf.restoration.state import IslandState
from tieline.powerflow.island import IslandSolution, island_tangent
from tieline.typing import FloatArray, IntArray


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

    @property
    def action(self) -> Box:
        """Bounds of the entries in any step."""
        return self.layout.box

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
        plant = self.world.plant
        changes = [
            island_tangent(solution, **direction)
            for direction in self._directions(asked)
        ]
        dv_pu = np.stack([change.v_pu for change in changes], axis=1)
        dp_kw = np.stack([change.p_kw for change in changes], axis=1)
        dq_kvar = np.stack([change.q_kvar for change in changes], axis=1)
        grid = self.world.grid
        of_grid = grid.slopes_along(solution.flow, dv_pu, np.arange(len(grid.names)))
        by_p = dp_kw / plant.units.generators.p_max_kw[asked.units]
        by_q = dq_kvar / self._q_unit_kvar[asked.units]
        of_units = np.concatenate(
            [self._at_units(asked, part) for part in (by_p, -by_p, by_q, -by_q)], axis=1
        )
        return np.concatenate([of_grid, of_units], axis=1)

    def _at_units(self, asked: Asked, slope: FloatArray) -> FloatArray:
        """Slopes of the running units, (row, entry, unit), among those of all, (row, unit, entry)."""
        n_units = len(self.world.plant.units.names)
        of_all = np.zeros((*slope.shape[:-1], n_units))
        of_all[..., asked.units] = slope
        return of_all.transpose(0, 2, 1)

    def _directions(self, asked: Asked) -> Iterator[dict[str, FloatArray]]:
        """Change of the island's inputs by one share more of each entry."""
        plant = self.world.plant
        for k in range(len(plant.load_kw)):
            yield {
                "load_kw": _only(plant.load_kw, k),
                "load_kvar": _only(plant.load_kvar, k),
            }
        n_ders = len(plant.q_max_kvar)
        for part in self.layout.parts[1:]:
            if part.field == "unit_set_kw":
                yield from _set_directions(part.unit, asked.units)
                continue
            name = "der_kvar" if part.field.endswith("kvar") else "der_kw"
            for der, unit in zip(self._ders(part.field), part.unit, strict=True):
                direction = np.zeros(n_ders)
                direction[der] = unit
                yield {name: direction}

    def _ders(self, field: str) -> IntArray:
        """DERs that a field sets."""
        plant = self.world.plant
        if field.startswith("battery"):
            return plant.battery_ders
        if field.startswith("renewable"):
            return plant.renewable_ders
        return plant.generator_ders


def _solved(asked: Asked) -> IslandSolution:
    """The island as asked, without relief."""
    nothing = np.zeros(len(asked.rows))
    return asked.demand.solved(Relief(nothing, nothing)).solution


def _only(values: FloatArray, k: int) -> FloatArray:
    direction = np.zeros(len(values))
    direction[k] = values[k]
    return direction


def _set_directions(
    unit: FloatArray, running: IntArray
) -> Iterator[dict[str, FloatArray]]:
    """P* of each droop unit; that of one that stands still moves nothing."""
    for k in range(len(unit)):
        direction = np.where(running == k, unit[running], 0.0)
        yield {"p_set_kw": direction}
