"""`merge_step`: which microgrids are one in this minute, from those of the minute before.

Of each watched bus (eq. 14 of the source, of one bus)

    Lc(t) = mean of P_watched over the last minutes, this one included, / P_max
    Lc >= 1        the bus is a load centroid: its region merges over the borders there
    Lc < 1 - h     it is not: they split; in between all stays

A region across the border takes part if at least one of the DERs chosen for the union lies in it; else it stays apart. That is
asked once, when Lc rises: a microgrid that came and went with the offers of each minute would be none. After a change at a bus
nothing changes there for `dwell_minutes`. The mean looks back only, at fewer minutes while there are no more.

Without the mean a series of 1-minute residential load crosses its threshold some 120 times a day; [A] shows two intervals.

Source: section III-A and figure 6 of the article [A] that `network.partition.growth` cites; mean, h and dwell are tieline's own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import networkx as nx
import numpy as np
from numpy.typing import ArrayLike

from tieline.errors import InputError, ShapeError
from tieline.network.merging.watches import Watch
from tieline.network.partition import Partition
from tieline.typing import BoolArray, FloatArray, IntArray

RegionsChosen = Callable[[Collection[int]], Collection[int]]
"""Of a union of regions, given by their indices: the regions in which the DERs chosen for it lie."""


@dataclass(frozen=True)
class MergeRule:
    """When to merge and to split.

    Attributes:
        watch_minutes: length of the running mean.
        hysteresis: h, how far below 1 the ratio falls before regions split.
        dwell_minutes: how long after a change at a bus nothing changes there.
    """

    watch_minutes: int = 15
    hysteresis: float = 0.0
    dwell_minutes: int = 0

    def __post_init__(self) -> None:
        """Refuse a rule that never splits or looks at no minute."""
        if self.watch_minutes < 1 or self.dwell_minutes < 0:
            raise InputError(
                f"A merge rule looks at {self.watch_minutes} minutes and dwells {self.dwell_minutes}; give at least 1 and 0."
            )
        if not 0 <= self.hysteresis < 1:
            raise InputError(
                f"The hysteresis of a merge rule is {self.hysteresis:g}; give 0 to below 1, a share of P_max."
            )


@dataclass(frozen=True, eq=False)
class MergeState:
    """What one minute hands to the next.

    Attributes:
        minute: number of the next minute, from 0.
        recent_kw: watched loads of the minutes that the mean still sees, (minute, watch) [kW].
        is_centroid: whether each bus counts as a load centroid, (watch,).
        joined: borders over which each bus has merged its region, indices into `Partition.borders`, (watch,).
        changed_at: minute of the last change at each bus, (watch,); minus infinity before the first.
    """

    minute: int
    recent_kw: FloatArray
    is_centroid: BoolArray
    joined: tuple[frozenset[int], ...]
    changed_at: FloatArray


@dataclass(frozen=True)
class MergeEvent:
    """Two regions that became one, or two again.

    Attributes:
        minute: when.
        kind: what happened.
        bus: the watched bus.
        ratio: its Lc.
        border: index into `Partition.borders`.
        near, far: the regions at the border.
    """

    minute: int
    kind: Literal["merge", "split"]
    bus: str
    ratio: float
    border: int
    near: int
    far: int


@dataclass(frozen=True, eq=False)
class MergeStep:
    """One minute.

    Attributes:
        ratio: Lc of each watched bus, (watch,).
        groups: label of the group of each region, the lowest index in it, (region,).
        events: what changed.
        state: for the next minute.
    """

    ratio: FloatArray
    groups: IntArray
    events: tuple[MergeEvent, ...]
    state: MergeState


def first_state(watches: Sequence[Watch]) -> MergeState:
    """Before the first minute: nothing is merged."""
    count = len(watches)
    return MergeState(
        minute=0,
        recent_kw=np.zeros((0, count)),
        is_centroid=np.zeros(count, dtype=bool),
        joined=(frozenset(),) * count,
        changed_at=np.full(count, -np.inf),
    )


def merge_step(
    partition: Partition,
    watches: Sequence[Watch],
    state: MergeState,
    watched_kw: ArrayLike,
    rule: MergeRule,
    regions_chosen: RegionsChosen | None = None,
) -> MergeStep:
    """Merge and split by the loads of one minute.

    Args:
        partition: the regions while none is merged.
        watches: the buses that are watched.
        state: of the minute before; `first_state` before the first.
        watched_kw: load of each watched bus, (watch,) [kW].
        rule: mean, hysteresis and dwell.
        regions_chosen: in which regions of a union its chosen DERs lie; None takes all to have one.

    Raises:
        ShapeError, InputError: if there is not one finite load per watched bus.
    """
    load_kw = _checked(watched_kw, watches)
    # of the first minutes there are fewer than the mean sees: it never looks ahead
    all_kw = np.vstack([state.recent_kw, load_kw])
    recent_kw = all_kw[-rule.watch_minutes :]
    p_max_kw = np.array([watch.p_max_kw for watch in watches])
    ratio = recent_kw.mean(axis=0) / p_max_kw
    minutes_since = state.minute - state.changed_at
    may_change = minutes_since >= rule.dwell_minutes
    rises = ~state.is_centroid & (ratio >= 1) & may_change
    is_low = ratio < 1 - rule.hysteresis
    falls = state.is_centroid & is_low & may_change
    joined = list(state.joined)
    for k in np.flatnonzero(rises).tolist():
        # asked once, when the ratio rises: offers change every minute, a union must not
        joined[k] = _borders_to_join(partition, watches[k], regions_chosen)
    for k in np.flatnonzero(falls).tolist():
        joined[k] = frozenset()
    next_state = MergeState(
        minute=state.minute + 1,
        recent_kw=recent_kw,
        is_centroid=(state.is_centroid | rises) & ~falls,
        joined=tuple(joined),
        changed_at=np.where(rises | falls, state.minute, state.changed_at),
    )
    open_borders = frozenset().union(*joined)
    groups = group_labels(partition, open_borders)
    events = _events(partition, watches, state, next_state, ratio)
    return MergeStep(ratio, groups, events, next_state)


def group_labels(partition: Partition, joined: Collection[int]) -> IntArray:
    """Label of the group of each region when some borders are open no more: the lowest index of the group, (region,)."""
    graph = nx.Graph()
    graph.add_nodes_from(range(len(partition.regions)))
    for k in joined:
        border = partition.borders[k]
        graph.add_edge(border.near, border.far)
    # the lowest index is the region nearest to the source, and stays the label when others join
    labels = np.empty(len(partition.regions), dtype=np.int64)
    for group in nx.connected_components(graph):
        labels[list(group)] = min(group)
    return labels


def _borders_to_join(
    partition: Partition, watch: Watch, regions_chosen: RegionsChosen | None
) -> frozenset[int]:
    """The borders at a bus behind which a DER is chosen for the union."""
    if regions_chosen is None:
        return frozenset(watch.borders)
    across = {k: _region_across(partition, k, watch.region) for k in watch.borders}
    union = frozenset({watch.region, *across.values()})
    taking_part = regions_chosen(union)
    return frozenset(k for k, region in across.items() if region in taking_part)


def _region_across(partition: Partition, border: int, region: int) -> int:
    ends = partition.borders[border]
    if ends.far == region:
        return ends.near
    return ends.far


def _events(partition, watches, state, next_state, ratio) -> tuple[MergeEvent, ...]:
    """What changed at each bus and border."""
    events = []
    for k, watch in enumerate(watches):
        # one of the two is empty: a bus merges or splits
        changed = state.joined[k] ^ next_state.joined[k]
        kind = "split"
        if next_state.is_centroid[k]:
            kind = "merge"
        for border in sorted(changed):
            ends = partition.borders[border]
            where = (border, ends.near, ends.far)
            event = MergeEvent(state.minute, kind, watch.bus, float(ratio[k]), *where)
            events.append(event)
    return tuple(events)


def _checked(watched_kw: ArrayLike, watches: Sequence[Watch]) -> FloatArray:
    load_kw = np.asarray(watched_kw, dtype=float)
    if load_kw.shape != (len(watches),):
        raise ShapeError(
            f"watched_kw has shape {load_kw.shape}; expected one load for each watched bus, ({len(watches)},)."
        )
    is_finite = np.isfinite(load_kw)
    if not is_finite.all():
        first = int(np.argmin(is_finite))
        bus = watches[first].bus
        raise InputError(
            f"The load of watched bus '{bus}' is not a finite number. Complete its series."
        )
    return load_kw
