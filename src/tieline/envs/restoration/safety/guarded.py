"""`GuardedIsland`: what the safety step needs of an island (`Safeguarded`).

Set-points are rows of shares (`SetPointLayout`). No load is dropped and nothing is cut here: what relief would have to do to keep
a droop unit in its range is a limit like the others (`island_limits`), which set-points can keep by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tieline.envs.box import Box
from tieline.envs.restoration.safety.island_limits import IslandLimits
from tieline.envs.restoration.safety.layout import SetPointLayout
from tieline.envs.restoration.step.groups import UnitGroup, unit_groups
from tieline.envs.restoration.step.relief import Relief
from tieline.envs.restoration.step.set_points import within_limits
from tieline.envs.restoration.world import RestorationWorld
from tieline.envs.safeguarded import Bounds, Kept, Limited
from tieline.opf.restoration.state import IslandState
from tieline.powerflow.island import IslandSolution
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

    @cached_property
    def limits(self) -> IslandLimits:
        """What is limited."""
        return IslandLimits(self.world.grid, self.layout)

    @property
    def action(self) -> Box:
        """Bounds of the entries, whose span is what moves are measured in; what an entry may be is told by its row.

        Loads of less weight have a wider span: they move first, as they are dropped first where nothing else helps.
        """
        return self._wide_box

    @cached_property
    def _wide_box(self) -> Box:
        box = self.layout.box
        weight = self.world.plant.load_weight
        loads = self.layout.entries("served")
        high = box.high.copy()
        high[loads] = weight.max(initial=0.0) / weight
        return replace(box, high=high)

    def rows(self, state: IslandState, available_kw: FloatArray) -> IslandRows:
        """Rows whose set-points may be whatever units can carry out."""
        box = self.layout.box
        count = state.n_scenarios
        lowest = np.tile(box.low, (count, 1))
        highest = np.tile(box.high, (count, 1))
        rows = IslandRows(state, available_kw, lowest, highest)
        # what is farthest either way, moved to where units can follow, is the range
        low = self._feasible(rows, lowest)
        high = self._feasible(rows, highest)
        return replace(rows, low=low, high=high)

    def limited(self, state: IslandRows, actions: FloatArray) -> Limited:
        """How far all quantities are beyond their limits, which are 0; NaN for dead islands and where there is no solution."""
        names = self.limits.names
        shape = (len(actions), len(names))
        value = np.full(shape, np.nan)
        groups = [_SolvedGroup.of(group) for group in self._groups(state, actions)]
        for one in groups:
            value[one.group.rows] = self.limits.beyond(one.group, one.solution)

        def slopes(rows: IntArray) -> FloatArray:
            return self._slopes(groups, rows)

        quantity = np.arange(len(names))
        n_voltages = 2 * len(self.world.grid.points.names)
        return Limited(
            names=names,
            value=value,
            low=np.full(len(names), -np.inf),
            high=np.zeros(len(names)),
            is_hard=np.zeros(len(names), dtype=bool),
            is_convex=quantity >= n_voltages,
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

    def _slopes(self, groups: Sequence[_SolvedGroup], rows: IntArray) -> FloatArray:
        """Derivative of all quantities by all entries, (row, quantity, entry)."""
        shape = (len(rows), len(self.limits.names), self.action.size)
        # a dark island moves with nothing
        slopes = np.zeros(shape)
        for one in groups:
            group = one.group
            _, places, members = np.intersect1d(rows, group.rows, return_indices=True)
            if places.size:
                part = one.solution.of_scenarios(members)
                slopes[places] = self.limits.slopes(group.units, part)
        return slopes

    def _feasible(self, state: IslandRows, shares: FloatArray) -> FloatArray:
        """Shares moved inside what units can do."""
        set_points = self.layout.set_points(shares)
        hours = self.world.config.step_h
        decided = within_limits(
            self.world.plant,
            state.island,
            set_points,
            state.available_kw,
            hours,
        )
        return self.layout.shares(decided)

    def _groups(self, state: IslandRows, actions: FloatArray) -> Iterator[UnitGroup]:
        """What actions ask of the droop units, group by group."""
        plant = self.world.plant
        decided = self.layout.set_points(actions)
        hours = self.world.config.step_h
        return unit_groups(plant, state.island, decided, hours)


@dataclass(frozen=True, eq=False)
class _SolvedGroup:
    """A group and its solution without relief: derivatives are asked for where it was solved for its quantities."""

    group: UnitGroup
    solution: IslandSolution

    @classmethod
    def of(cls, group: UnitGroup) -> _SolvedGroup:
        """Solve a group."""
        no_kw = np.zeros(len(group.rows))
        no_relief = Relief(no_kw, no_kw)
        relieved = group.demand.solved(no_relief)
        return cls(group, relieved.solution)
