"""Where published best sets stand among all sets of their region, by the mean over games of the kind that was published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tieline.bench.market.held_out import market_region
from tieline.bench.market.published import BEST_SETS, MERGED_SETS
from tieline.bench.market.stage import Stage
from tieline.envs.market import rules
from tieline.studies.market.training.held_out import Table

GAMES = 100
"""Games whose mean tells sets apart by a hundredth."""

Question = tuple[tuple[int, ...], tuple[str, ...]]
"""Regions, counted from 0, and the set published for them."""


@dataclass(frozen=True)
class Standing:
    """A published set.

    Attributes:
        regions: those it is published for, counted from 1; several where they are merged.
        published: buses as printed.
        best: buses of the best set here.
        rank, sets: place of the published set by its mean J, from 1, and how many sets there are.
        regret_pct: of the published set's mean J.
    """

    regions: tuple[int, ...]
    published: tuple[str, ...]
    best: tuple[str, ...]
    rank: int
    sets: int
    regret_pct: float


def stand_all(stage: Stage) -> list[Standing]:
    """All published sets; those whose buses are no places of the region are left out."""
    region_of = stage.plant.microgrids.region_of
    # regions are found by a bus: numbers of the article and of the partition need not agree
    questions: list[Question] = [((region_of[buses[0]],), buses) for buses in BEST_SETS]
    for of_region, buses in MERGED_SETS:
        regions = sorted(region_of[bus] for bus in of_region)
        questions.append((tuple(regions), buses))
    standings = [stand(stage, regions, buses) for regions, buses in questions]
    return [standing for standing in standings if standing is not None]


def stand(
    stage: Stage, regions: tuple[int, ...], published: Sequence[str]
) -> Standing | None:
    """Where a set stands; None if one of its buses is no place of the regions, counted from 0."""
    region = market_region(stage, "paper", *regions)
    places = stage.places(region.model)
    number = {place: k for k, place in enumerate(places)}
    members = {number.get(stage.place_of.get(bus, ""), -1) for bus in published}
    if -1 in members or len(members) != stage.agents:
        return None
    table = Table.of(region, GAMES, stage.agents)
    sets = rules.all_sets(region.model.n_ders, stage.agents)
    # the article names one set for a region, whatever the hour: it is judged over many games
    mean = table.of_all.mean(axis=0)
    is_published = (sets == sorted(members)).all(axis=1)
    k = int(np.flatnonzero(is_published)[0])
    best = int(np.argmin(mean))
    # chance, as in the regret of a single game
    spread = float(mean.mean() - mean[best])
    return Standing(
        regions=tuple(region + 1 for region in regions),
        published=tuple(published),
        best=tuple(places[der] for der in sets[best]),
        rank=1 + int((mean < mean[k]).sum()),
        sets=len(sets),
        regret_pct=100 * float(mean[k] - mean[best]) / spread,
    )
