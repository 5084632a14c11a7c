"""`Centroids`: which regions are one in each minute, by the loads watched at their borders.

Every minute counts for the running means, cleared or not. Whether a region takes part in a merge is asked of the greedy choice
for the union in the minute in which the load rises.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tieline.errors import InputError
from tieline.network.merging import (
    MergeRule,
    MergeState,
    MergeStep,
    Watch,
    default_p_max_kw,
    first_state,
    merge_step,
    watch_bus,
)
from tieline.network.merging.steps import RegionsChosen
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.flag_texts import parse_watch
from tieline.studies.market.world.days import MarketDay
from tieline.studies.market.world.moments import watched_kw
from tieline.studies.market.world.plant import Plant
from tieline.typing import FloatArray


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
    """How loads at borders merge the regions of a plant.

    Args:
        plant: regions.
        watches: the buses.
        config: mean, hysteresis and dwell.
    """

    def __init__(
        self, plant: Plant, watches: Sequence[Watch], config: MarketConfig
    ) -> None:
        self._microgrids = plant.microgrids
        self._watches = watches
        self._rule = MergeRule(
            config.watch_minutes, config.hysteresis, config.dwell_minutes
        )
        bus_of_load = np.array([load.bus for load in plant.feeder.loads])
        self._loads_at = [np.flatnonzero(bus_of_load == watch.bus) for watch in watches]

    def first(self) -> MergeState:
        """Before the first minute: nothing is merged."""
        return first_state(self._watches)

    def step(
        self, state: MergeState, load_kw: FloatArray, regions_chosen: RegionsChosen
    ) -> MergeStep:
        """A minute more.

        Args:
            state: of the minute before.
            load_kw: of every load, (load,).
            regions_chosen: of a union, where the DERs chosen for it stand.
        """
        if not self._watches:
            return self._apart(state)
        partition = self._microgrids.partition
        assert partition is not None  # watched buses need one
        watched_kw = [load_kw[loads].sum() for loads in self._loads_at]
        return merge_step(
            partition, self._watches, state, watched_kw, self._rule, regions_chosen
        )

    def _apart(self, state: MergeState) -> MergeStep:
        """Where nothing is watched nothing merges."""
        next_state = dataclasses.replace(state, minute=state.minute + 1)
        groups = np.arange(self._microgrids.n_regions)
        return MergeStep(np.empty(0), groups, (), next_state)
