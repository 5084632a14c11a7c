"""`MinuteLoop`: the minutes of a drawn day, one after the other.

Taps, set-points and voltages go from minute to minute: each begins where the last one ended (`ways.carried`). Minutes between
those that are cleared count for the running means of watched loads.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from tieline.network.merging import MergeEvent
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.ways.borders import Watched
from tieline.studies.market.ways.choosers import Chooser
from tieline.studies.market.ways.minute import MinuteAnswer, MinuteMarket
from tieline.studies.market.ways.models import ChoiceModels, Group
from tieline.studies.market.world.days import MarketDay
from tieline.studies.market.world.moments import moment_at


class MinuteLoop:
    """Clears minutes in rising order.

    Args:
        models: choice models of the plant's regions.
        day: series.
        config: how it is done.
        watched: buses whose load merges regions.
        choosers: who chooses in each single region.

    Attributes:
        events: merges and splits so far.
    """

    def __init__(
        self,
        models: ChoiceModels,
        day: MarketDay,
        config: MarketConfig,
        watched: Watched,
        choosers: Mapping[Group, Chooser],
    ) -> None:
        self.models = models
        self.events: list[MergeEvent] = []
        self._day = day
        self._market = MinuteMarket(models, config, watched.watches, choosers)
        self._carried = self._market.first()

    def clear(self, minute: int) -> MinuteAnswer:
        """Clear a minute after the last one; raises as `MinuteMarket.clear`."""
        self.watch_until(minute)
        moment = moment_at(self.models.plant, self._day, minute)
        answer = self._market.clear(moment, self._carried)
        self.events += answer.merged.events
        self._carried = answer.carried
        return answer

    def watch_until(self, minute: int) -> None:
        """Let all minutes before one count for the running means."""
        for passed in range(self._carried.merging.minute, minute):
            moment = moment_at(self.models.plant, self._day, passed)
            step = self._market.watch(moment, self._carried)
            self.events += step.events
            self._carried = dataclasses.replace(self._carried, merging=step.state)
