"""`Sight`: what all agents see, as one row of named entries with bounds, and which of them each agent sees.

Price and hour stand in it once, though every agent sees them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np

from tieline.envs.box import Box
from tieline.envs.microgrids.observe import Observer
from tieline.envs.microgrids.windows import Windows
from tieline.typing import FloatArray, IntArray

BOUNDS = {
    "load_ahead": (0.0, 5.0),
    "sun_ahead": (0.0, 1.0),
    "price_ahead": (-1.0, 1.0),
    "stored_share": (0.0, 1.0),
    "last_share": (0.0, 1.0),
    "day_sine": (-1.0, 1.0),
    "day_cosine": (-1.0, 1.0),
    "pcc_voltage": (-20.0, 20.0),
}
"""By the first word of a name. A load of five times nominal and a voltage of zero or twice nominal are no operating points: what
lies beyond is seen at the bound."""


@dataclass(frozen=True, eq=False)
class Sight:
    """The eyes of all agents together.

    Attributes:
        observer: what each sees.
        box: all entries.
        sees: which of them each agent sees, (microgrid,).
        first: where each entry stands first, when the views of all agents are put side by side, (entry,).
    """

    observer: Observer
    box: Box
    sees: tuple[IntArray, ...]
    first: IntArray

    @classmethod
    def of(cls, observer: Observer, n_steps: int) -> Sight:
        """For windows of so many steps."""
        views = observer.names(n_steps)
        side_by_side = list(chain.from_iterable(views))
        entries = tuple(dict.fromkeys(side_by_side))
        sees = []
        for view in views:
            places = [entries.index(name) for name in view]
            sees.append(np.array(places))
        # what several agents see is taken from the first of them
        first = [side_by_side.index(name) for name in entries]
        box = _box(entries)
        return cls(observer, box, tuple(sees), np.array(first))

    def see(self, windows: Windows) -> FloatArray:
        """All entries, within their bounds, (window, entry)."""
        views = self.observer.observe(windows)
        side_by_side = np.hstack(views)
        return self.box.clip(side_by_side[:, self.first])


def _box(names: tuple[str, ...]) -> Box:
    """The bounds of entries by the first words of their names."""
    low = []
    high = []
    for name in names:
        word = name.split()[0]
        lowest, highest = BOUNDS[word]
        low.append(lowest)
        high.append(highest)
    return Box(names, np.array(low), np.array(high))
