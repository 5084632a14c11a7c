"""Games that days ask: minutes of the case's days as the regions of the market see them, with the taps of that minute.

Drawn games are what policies learn from; these are what they are for. Demands are smaller than in drawn games, and a line may be
at its limit before any choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tieline.agents.leader_follower.region import MarketRegion
from tieline.bench.market.stage import Stage
from tieline.envs.draws import pick
from tieline.envs.market.games import Games
from tieline.envs.market.prepared import Prepared
from tieline.envs.market.relief import with_relief
from tieline.feeders import load_feeder
from tieline.powerflow import solve
from tieline.studies.config import make_config
from tieline.studies.market.config import MINUTES_A_DAY, MarketConfig
from tieline.studies.market.ways.models import Group
from tieline.studies.market.world.make import make_world
from tieline.studies.market.world.moments import moment_at
from tieline.typing import IntArray

KIND = "day"

DAYS = 5
"""Days that minutes are taken from, as many as the benchmark plays."""

EVERY_MINUTES = 15
"""Between the minutes of a day: loads of one minute say much about those of the next."""


@dataclass(frozen=True, eq=False)
class DayRegion(MarketRegion):
    """A region whose games are minutes of days.

    Attributes:
        minutes: solved as they are before any choice.
    """

    minutes: Prepared | None = None

    def draw(self, seeds: IntArray) -> Prepared:
        """A minute per seed."""
        assert self.minutes is not None  # only a default may follow the defaults above
        return self.minutes.take(pick(seeds, len(self.minutes)))


def day_regions(stage: Stage, case: str) -> list[DayRegion]:
    """The regions of a stage with the minutes of a case's days in which they take something beyond their schedule."""
    groups: list[Group] = [(region,) for region in range(stage.n_regions)]
    games: dict[Group, list[Games]] = {group: [] for group in groups}
    for seed in range(DAYS):
        for group, game in _games_of_day(stage, case, seed, groups):
            if game.wanted_kw[0] > 0:
                games[group].append(game)
    regions = []
    for group in groups:
        model = stage.model(*group)
        together = Games.joined(games[group])
        minutes = with_relief(model, model.prepare(together))
        regions.append(DayRegion(model, minutes=minutes))
    return regions


def _games_of_day(
    stage: Stage, case: str, seed: int, groups: list[Group]
) -> Iterator[tuple[Group, Games]]:
    """A game of each group in each minute of a day."""
    config = make_config(MarketConfig, {"case": case, "seed": seed})
    assert isinstance(config, MarketConfig)
    plant, day = make_world(load_feeder(config.feeder), config)
    minutes = range(0, MINUTES_A_DAY, EVERY_MINUTES)
    moments = [moment_at(plant, day, minute) for minute in minutes]
    without_market = solve(
        plant.network,
        load_kw=np.stack([moment.load_kw for moment in moments]),
        load_kvar=np.stack([moment.load_kvar for moment in moments]),
        der_kw=plant.own_der_kw,
        controls=config.controls,
    )
    taps = without_market.taps.astype(np.int64)
    for k, moment in enumerate(moments):
        for group in groups:
            yield group, stage.models.game(group, moment, taps[k])
