"""`Centroids`: which regions are one in each minute, by the loads watched at their borders.

Every minute counts for the running means, cleared or not. Whether a region takes part in a merge is asked of the greedy choice
for the union in the minute in which the load rises.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from tieline.errors import InputError
from tieline.network.merging import (
    MergeEvent,
    MergeRule,
    MergeState,
    MergeStep,
    Watch,
    default_p_max_kw,
    first_state,
    merge_step,
    watch_bus,
)
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.flag_texts import parse_watch
from tieline.studies.market.world.days import MarketDay
from tieline.studies.market.world.moments import watched_kw
from tieline.studies.market.world.plant import Plant
from tieline.typing import FloatArray, IntArray

RegionsChosen = Callable[[int, Collection[int]], Collection[int]]
"""Of a minute and a union of regions: the regions in which the DERs chosen for it stand."""


@dataclass(frozen=True, eq=False)
class Watched:
    """The watched buses with their loads over the day, `load_kw` (minute, watch) [kW]."""

    watches: tuple[Watch, ...]
    load_kw: FloatArray


def watched_buses(plant: Plant, day: MarketDay, config: MarketConfig) -> Watched:
    """The buses that are watched.

    Raises:
        InputError: if one is unknown or at no border, its load is never above 0, or regions around roots are asked for; all
            together.
    """
    thresholds_kw = parse_watch(config.watch)
    partition = plant.microgrids.partition
    if thresholds_kw and partition is None:
        raise InputError(
            "Regions around roots do not merge: they have no border that a load could open. Leave out watch, or root."
        )
    watches = []
    loads_kw = []
    problems = []
    for bus, p_max_kw in thresholds_kw.items():
        try:
            assert partition is not None  # nothing is asked without one
            load_kw = watched_kw(plant, day, plant.feeder.bus(bus).name)
            threshold_kw = p_max_kw or default_p_max_kw(load_kw)
            watches.append(watch_bus(partition, bus, threshold_kw))
            loads_kw.append(load_kw)
        except InputError as error:
            problems.append(str(error))
    if problems:
        raise InputError("\n".join(problems))
    columns = np.array(loads_kw).reshape(len(watches), len(day.times)).T
    return Watched(tuple(watches), columns)


class Centroids:
    """The state of merging, minute by minute.

    Args:
        plant: regions.
        watched: buses and their loads.
        config: mean, hysteresis and dwell.
        regions_chosen: where the DERs chosen for a union stand.
    """

    def __init__(
        self,
        plant: Plant,
        watched: Watched,
        config: MarketConfig,
        regions_chosen: RegionsChosen,
    ) -> None:
        self.events: list[MergeEvent] = []
        self._plant = plant
        self._watched = watched
        self._rule = MergeRule(
            config.watch_minutes, config.hysteresis, config.dwell_minutes
        )
        self._regions_chosen = regions_chosen
        self._state: MergeState = first_state(watched.watches)
        self._step: MergeStep | None = None

    def labels_at(self, minute: int) -> IntArray:
        """The label of the group of each region in a minute not before the last one asked about, (region,)."""
        if not self._watched.watches:
            return np.arange(self._plant.microgrids.n_regions)
        while self._state.minute <= minute:
            self._advance()
        assert self._step is not None  # there was a minute
        return self._step.groups

    @property
    def ratio(self) -> FloatArray:
        """Lc of each watched bus in that minute, (watch,)."""
        return np.empty(0) if self._step is None else self._step.ratio

    def _advance(self) -> None:
        minute = self._state.minute
        partition = self._plant.microgrids.partition
        assert partition is not None  # watched buses need one
        self._step = merge_step(
            partition,
            self._watched.watches,
            self._state,
            self._watched.load_kw[minute],
            self._rule,
            lambda union: self._regions_chosen(minute, union),
        )
        self.events += self._step.events
        self._state = self._step.state
