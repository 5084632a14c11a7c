"""`ChoiceModels`: the choice model of each group of regions, and one minute of it as a game.

A group is one region, or several that have merged. Its model is made when the group first forms: with six regions there are six
groups all day and a few more while some are merged.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from tieline.envs.market.games import Games
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.prepared import Prepared
from tieline.envs.market.together import prepare_together
from tieline.powerflow import Solution, solve
from tieline.studies.market.world.moments import Moment
from tieline.studies.market.world.plant import Plant
from tieline.typing import IntArray

Group = tuple[int, ...]
"""Regions that are one, in rising order."""


class ChoiceModels:
    """Choice models by group.

    Args:
        plant: feeder, regions and limits.
    """

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self._models: dict[Group, ChoiceModel] = {}

    def of(self, group: Group) -> ChoiceModel:
        """The model of a group.

        Raises:
            InputError: if no DER stands in it.
        """
        if group not in self._models:
            self._models[group] = self._make(group)
        return self._models[group]

    def is_served(self, group: Group) -> bool:
        """Whether a DER may serve some region of a group."""
        serves = self.plant.may_serve[list(group)]
        return bool(serves.any())

    def prepare(
        self, groups: Sequence[Group], moment: Moment, taps: IntArray
    ) -> dict[Group, Prepared]:
        """A minute as a game of each group, with what is known of it before any DER is chosen; one batch of power flows."""
        if not groups:
            return {}
        models = [self.of(group) for group in groups]
        games = [self.game(group, moment, taps) for group in groups]
        return dict(zip(groups, prepare_together(models, games), strict=True))

    def game(self, group: Group, moment: Moment, taps: IntArray) -> Games:
        """A minute as the one game of a group."""
        ders = self.of(group).ders
        serves = self.plant.may_serve[list(group)].any(axis=0)
        p_max_kw = np.where(serves, moment.p_max_kw, 0.0)
        demand_kw = float(moment.demand_kw[list(group)].sum())
        # what others take beyond their schedule is covered where they are, as far as this group can know
        is_foreign = ~np.isin(self.plant.region_of_load, group)
        load_kw = np.where(is_foreign, moment.schedule_kw, moment.load_kw)
        return Games(
            load_kw=load_kw[None],
            load_kvar=moment.load_kvar[None],
            schedule_kw=moment.schedule_kw[None],
            offer=moment.offer[None, ders],
            p_max_kw=p_max_kw[None, ders],
            demand_kw=np.array([demand_kw]),
            reference_price=np.array([moment.reference_price]),
            taps=taps[None],
        )

    def _make(self, group: Group) -> ChoiceModel:
        plant = self.plant
        regions = [plant.microgrids.regions[k] for k in group]
        buses = dict.fromkeys(bus for region in regions for bus in region.buses)
        # distances of a union count from the buyer with the larger load
        root = max(regions, key=lambda region: region.load_kw).root
        return ChoiceModel.of(
            plant.network,
            tuple(buses),
            root,
            plant.branch_limits,
            plant.band_pu,
            self._nominal,
        )

    @cached_property
    def _nominal(self) -> Solution:
        """The feeder at nominal load, the same for every group."""
        return solve(self.plant.network)


def groups_of(labels: IntArray) -> tuple[Group, ...]:
    """The groups of a label per region, (region,), by their first region."""
    groups = []
    for label in dict.fromkeys(labels.tolist()):
        regions = np.flatnonzero(labels == label)
        groups.append(tuple(regions.tolist()))
    return tuple(groups)
