"""`merge_timeline`: which microgrids are one in each minute of a series, when all loads are known before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tieline.errors import ShapeError
from tieline.network.merging.steps import (
    MergeEvent,
    MergeRule,
    RegionsChosen,
    first_state,
    merge_step,
)
from tieline.network.merging.watches import Watch
from tieline.network.partition import Partition
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class MergeTimeline:
    """The minutes of a series.

    Attributes:
        ratio: Lc of each watched bus, (minute, watch).
        groups: label of the group of each region, the lowest index in it, (minute, region).
        events: every merge and split, in order.
    """

    ratio: FloatArray
    groups: IntArray
    events: tuple[MergeEvent, ...]


def merge_timeline(
    partition: Partition,
    watches: Sequence[Watch],
    watched_kw: ArrayLike,
    rule: MergeRule | None = None,
    regions_chosen: RegionsChosen | None = None,
) -> MergeTimeline:
    """Step through a series of watched loads.

    Args:
        partition: the regions while none is merged.
        watches: the buses that are watched.
        watched_kw: their loads, (minute, watch) [kW].
        rule: mean, hysteresis and dwell; the default of `MergeRule` if left out.
        regions_chosen: as for `merge_step`.

    Raises:
        ShapeError, InputError: if the series does not fit the watches or has a gap.
    """
    loads_kw = np.asarray(watched_kw, dtype=float)
    if loads_kw.ndim != 2 or len(loads_kw) == 0:
        raise ShapeError(
            f"watched_kw has shape {loads_kw.shape}; expected (minute, watch) with at least one minute."
        )
    state = first_state(watches)
    ratios = []
    groups = []
    events: list[MergeEvent] = []
    # minute by minute, not in one array: what a minute merges depends on what was merged before
    for load_kw in loads_kw:
        step = merge_step(
            partition, watches, state, load_kw, rule or MergeRule(), regions_chosen
        )
        ratios.append(step.ratio)
        groups.append(step.groups)
        events += step.events
        state = step.state
    return MergeTimeline(np.array(ratios), np.array(groups), tuple(events))
