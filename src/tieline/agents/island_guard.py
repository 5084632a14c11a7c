"""`IslandGuard`: the safety step of islands, for set-points of any origin, many draws side by side.

1. Set-points are moved inside what units can do and replayed. Draws within all limits pass as they are.
2. Elsewhere the nearest set-points within limits are sought (`safety`), all loads and units together, in shares of their ranges.
   At first no load may fall by more than its free share of what was on, or than was wished: to take up less of what is not yet on
   costs little, to take back what is on costs much.
3. Where that finds none, any load may fall.

What even that cannot keep is left to the step, which drops load by weight where a droop unit would leave its range.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from tieline.agents.safety import make_safe
from tieline.envs.restoration.episode import Guarded
from tieline.envs.restoration.safety.guarded import GuardedIsland, IslandRows
from tieline.envs.restoration.seen import Seen
from tieline.envs.restoration.step.set_points import SetPoints, within_limits
from tieline.envs.restoration.world import RestorationWorld
from tieline.envs.state_rows import take_rows
from tieline.opf.restoration.state import IslandState
from tieline.typing import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class IslandGuard:
    """The safety step of a world's island; a `Guard`."""

    world: RestorationWorld

    @cached_property
    def island(self) -> GuardedIsland:
        """The island as the safety step sees it."""
        return GuardedIsland(self.world)

    def __call__(self, state: IslandState, wish: SetPoints, sight: Seen) -> Guarded:
        """Set-points that keep all limits, and which draws they were changed in beyond what units can do."""
        feasible = within_limits(
            self.world.plant, state, wish, sight.now_kw, self.world.config.step_h
        )
        proposed = self.island.layout.shares(feasible)
        widest = self._rows(state, feasible, sight)
        at_first = self._with_free_share(widest, proposed)
        safe = make_safe(self.island, at_first, proposed)
        shares = safe.actions
        is_lost = (safe.violation_after > 0) & np.isfinite(safe.violation_after)
        lost = np.flatnonzero(is_lost)
        touched = safe.touched
        if lost.size:
            again = make_safe(self.island, take_rows(widest, lost), proposed[lost])
            shares[lost] = again.actions
            touched[lost] = again.touched
        correction = self.island.layout.set_points(shares)
        set_points = _chosen(feasible, correction, touched)
        return Guarded(set_points, touched)

    def _rows(self, state: IslandState, wish: SetPoints, sight: Seen) -> IslandRows:
        """Rows in which any load may fall; set-points P* that nobody wished for stay."""
        rows = self.island.rows(state, sight.now_kw)
        if wish.unit_set_kw is not None:
            return rows
        layout = self.island.layout
        entries = layout.entries("unit_set_kw")
        shares = layout.shares(wish)[:, entries]
        low = rows.low.copy()
        high = rows.high.copy()
        low[:, entries] = shares
        high[:, entries] = shares
        return replace(rows, low=low, high=high)

    def _with_free_share(self, rows: IslandRows, proposed: FloatArray) -> IslandRows:
        """Rows in which loads fall by no more than the free share, or than is wished."""
        served = self.island.layout.entries("served")
        free_share = self.world.config.shed_free_share
        floor = rows.island.served - free_share
        wish = proposed[:, served]
        low = rows.low.copy()
        low[:, served] = np.clip(floor, 0.0, wish)
        return replace(rows, low=low)


def _chosen(wish: SetPoints, correction: SetPoints, touched: BoolArray) -> SetPoints:
    """Set-points as they were, to the last digit, where the safety step did nothing."""
    values = {}
    for field in fields(SetPoints):
        value = getattr(wish, field.name)
        corrected = getattr(correction, field.name)
        if value is not None and corrected is not None:
            value = np.where(touched[:, None], corrected, value)
        values[field.name] = value
    return SetPoints(**values)
