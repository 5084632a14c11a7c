"""`Carried`: all that one minute hands to the next. The same minute with the same `Carried` comes out the same.

Taps, set-points and voltages begin where the last minute ended; running means and merges of microgrids go on. Nothing else is
remembered, so whoever stores this can clear a minute again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.linear.setting import Positions
from tieline.network.merging import MergeState
from tieline.opf.balancing.start import Warm
from tieline.studies.market.world.plant import Plant
from tieline.typing import ComplexArray, IntArray


@dataclass(frozen=True, eq=False)
class Carried:
    """Where the next minute begins.

    Attributes:
        v_pu: voltages of the last minute without its market, (node,).
        taps: where its regulators stood then, (regulator,).
        positions: where its replay left taps and capacitors; empty before the first.
        merging: which regions are one, and the running means.
        warm: its set-points; None before the first.
    """

    v_pu: ComplexArray
    taps: IntArray
    positions: Positions
    merging: MergeState
    warm: Warm | None

    @classmethod
    def first(cls, plant: Plant, merging: MergeState) -> Carried:
        """Before the first minute: the scheduled load at rest."""
        base = plant.base
        taps = np.asarray(base.taps[0], dtype=np.int64)
        return cls(base.v_pu[0], taps, {}, merging, None)
