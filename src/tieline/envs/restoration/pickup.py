"""`Pickup`: the actions of the task as set-points, and back.

All entries are shares as in `SetPointLayout`, but those of loads: there 0 lets the load fall by what may go off free of charge,
and 1 has all of it on. Whatever is decided, no load that is on is shed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tieline.envs.box import Box
from tieline.envs.restoration.safety.layout import SetPointLayout
from tieline.opf.restoration.state import IslandState
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Pickup:
    """Actions of a task.

    Attributes:
        layout: order of the entries.
        free_share: share of a load that may go off in a step.
    """

    layout: SetPointLayout
    free_share: float

    @cached_property
    def box(self) -> Box:
        """Names and bounds of the entries."""
        box = self.layout.box
        names = [_action_name(name) for name in box.names]
        return replace(box, names=tuple(names))

    @cached_property
    def loads(self) -> IntArray:
        """Where the loads stand, (load,)."""
        return self.layout.entries("served")

    def lowest(self, island: IslandState) -> FloatArray:
        """Share of each load that stays on where nothing is picked up, (episode, load)."""
        floor = island.served - self.free_share
        return np.maximum(floor, 0.0)

    def scale(self, island: IslandState) -> FloatArray:
        """What a change of an action changes of the shares, (episode, entry); 0 for a load that is on whatever is decided."""
        shape = (island.n_scenarios, self.box.size)
        lowest = self.lowest(island)
        scale = np.ones(shape)
        scale[:, self.loads] = 1 - lowest
        return scale

    def shares(self, island: IslandState, actions: FloatArray) -> FloatArray:
        """Actions as shares of the layout, (episode, entry)."""
        shares = actions * self.scale(island)
        shares[:, self.loads] += self.lowest(island)
        return shares

    def actions(self, island: IslandState, shares: FloatArray) -> FloatArray:
        """Shares of the layout as actions, (episode, entry)."""
        above = shares.copy()
        above[:, self.loads] -= self.lowest(island)
        scale = self.scale(island)
        # a load that stays on whatever is decided has no action of its own: 0
        divisor = np.where(scale > 0, scale, 1.0)
        return above / divisor


def _action_name(name: str) -> str:
    """Of loads it is decided what is picked up; all else is decided as it is set."""
    return name.replace("served_share", "pickup_share")
