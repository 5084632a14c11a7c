"""`choose`: the DERs that every group of regions calls in a minute.

A single region asks its chooser. A merged group, for which no policy was trained, asks the greedy one. The DERs of a group may
serve every region of it that may call them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tieline.envs.market.fill import NONE
from tieline.envs.market.model import Prepared
from tieline.studies.market.ways.choosers import Chooser, greedy
from tieline.studies.market.ways.models import ChoiceModels, Group
from tieline.studies.market.world.moments import Moment
from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Choice:
    """What was chosen in a minute.

    Attributes:
        chosen: DERs that each region calls, (region, der).
        sets: the choice of each group as numbers of its model's DERs, (member,).
        prepared: the minute as a game of each group.
    """

    chosen: BoolArray
    sets: Mapping[Group, IntArray]
    prepared: Mapping[Group, Prepared]

    def next_ders(self, models: ChoiceModels) -> tuple[tuple[int, ...], ...]:
        """DERs that each region would call next: those of its group by unit cost, (region,) of numbers of the network's DERs."""
        order: dict[int, tuple[int, ...]] = {}
        for group, prepared in self.prepared.items():
            ders = models.of(group).ders
            by_cost = np.argsort(prepared.unit_cost[0], kind="stable")
            order |= dict.fromkeys(group, tuple(ders[by_cost].tolist()))
        return tuple(order[region] for region in range(len(self.chosen)))


def choose(
    models: ChoiceModels,
    moment: Moment,
    groups: tuple[Group, ...],
    taps: IntArray,
    choosers: Mapping[Group, Chooser],
    size: int,
) -> Choice:
    """Ask every group.

    Args:
        models: choice models by group.
        moment: the minute.
        groups: regions that are one.
        taps: where the regulators stand.
        choosers: of single regions; others ask the greedy one.
        size: DERs that a group chooses.
    """
    plant = models.plant
    chosen = np.zeros_like(plant.may_serve)
    sets = {}
    games = {}
    for group in groups:
        if not plant.may_serve[list(group)].any():
            continue
        prepared = models.prepare(group, moment, taps)
        chooser = choosers.get(group, greedy)
        members = chooser(models.of(group), prepared, size)[0]
        named = members[members != NONE]
        called = np.zeros(plant.n_ders, dtype=bool)
        called[models.of(group).ders[named]] = True
        chosen[list(group)] = called & plant.may_serve[list(group)]
        sets[group] = members
        games[group] = prepared
    return Choice(chosen, sets, games)


def objective_of(models: ChoiceModels, choice: Choice, group: Group) -> float:
    """J of what a group chose, by AC [currency/h]."""
    prepared = choice.prepared[group]
    members = choice.sets[group][None, None, :]
    outcomes = models.of(group).evaluate(prepared, members)
    objective: FloatArray = outcomes.objective
    return float(objective[0, 0])
