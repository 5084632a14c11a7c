"""`StateLayout`: where each tap, line position and capacitor bank stands in the state vector of a network.

A state vector holds the constant one, then 1/tap of every transformer winding, then the closed state (0 or 1) of every line,
then the share of steps in (0 to 1) of every capacitor. Admittance entries refer to these positions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tieline.feeders.feeder import Feeder
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True)
class StateLayout:
    """Positions in the state vector of one feeder."""

    feeder: Feeder

    @cached_property
    def first_winding(self) -> IntArray:
        """Position of the first winding of each transformer; the others follow it, (transformer,)."""
        counts = [len(transformer.windings) for transformer in self.feeder.transformers]
        return 1 + np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    @property
    def lines(self) -> slice:
        """Positions of the lines."""
        start = int(self.first_winding[-1])
        return slice(start, start + len(self.feeder.lines))

    @property
    def capacitors(self) -> slice:
        """Positions of the capacitors."""
        start = self.lines.stop
        return slice(start, start + len(self.feeder.capacitors))

    @cached_property
    def regulated_windings(self) -> IntArray:
        """Position of the winding that each regulator moves, (regulator,)."""
        index = {
            transformer.name: k
            for k, transformer in enumerate(self.feeder.transformers)
        }
        positions = []
        for regulator in self.feeder.regulators:
            first = self.first_winding[index[regulator.transformer]]
            positions.append(first + regulator.moved_winding - 1)
        return np.array(positions, dtype=np.int64)

    @cached_property
    def as_feeder(self) -> FloatArray:
        """The state vector the feeder itself describes, (state,)."""
        # 1 / tap, not the tap: an admittance entry is then a product of states
        feeder = self.feeder
        taps = []
        for transformer in feeder.transformers:
            taps += [1 / winding.tap for winding in transformer.windings]
        is_closed = [line.closed for line in feeder.lines]
        shares = [
            capacitor.steps_on / capacitor.steps for capacitor in feeder.capacitors
        ]
        return np.array([1.0, *taps, *is_closed, *shares], dtype=float)
