"""Where published best sets stand among all sets of their region, on unseen games of the kind that was published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tieline.bench.market.held_out import Table
from tieline.bench.market.stage import Stage


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


def stand(
    stage: Stage, regions: Sequence[int], table: Table, published: Sequence[str]
) -> Standing | None:
    """Where a published set stands; None if one of its buses is no place of the region.

    Args:
        stage: names of the places.
        regions: of the table, counted from 1.
        table: games of the region with J of every set.
        published: buses as printed.
    """
    places = stage.places(table.model)
    number: Mapping[str, int] = {place: k for k, place in enumerate(places)}
    members = {number.get(stage.place_of.get(bus, "")) for bus in published}
    if None in members or len(members) != table.size:
        return None
    mean = table.of_all.mean(axis=0)
    is_published = [set(row) == members for row in table.sets.tolist()]
    k = int(np.flatnonzero(is_published)[0])
    best = int(np.argmin(mean))
    spread = float(mean.mean() - mean[best])
    return Standing(
        regions=tuple(regions),
        published=tuple(published),
        best=tuple(places[der] for der in table.sets[best]),
        rank=1 + int((mean < mean[k]).sum()),
        sets=len(table.sets),
        regret_pct=100 * float(mean[k] - mean[best]) / spread,
    )
