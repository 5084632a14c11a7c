"""`Run`: the minutes of a run with all that is told of them; `play` makes one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tieline.network.merging import MergeEvent
from tieline.opf.settlement import Ledger, entries
from tieline.studies.market.config import MINUTES_AN_HOUR, MarketConfig
from tieline.studies.market.flag_texts import parse_flow_limits
from tieline.studies.market.ways.besides import Asking
from tieline.studies.market.ways.borders import Watched
from tieline.studies.market.ways.deciders import Deciders
from tieline.studies.market.ways.minute import MinuteAnswer
from tieline.studies.market.ways.minutes import MinuteLoop
from tieline.studies.market.ways.models import ChoiceModels, groups_of
from tieline.studies.market.ways.record import MinuteRecord, record
from tieline.studies.market.ways.sampling import GameSamples
from tieline.studies.market.world.days import MarketDay
from tieline.studies.market.world.line_limits import find_line
from tieline.studies.market.world.plant import Plant
from tieline.typing import FloatArray, IntArray

TellMinute = Callable[[int, str], None]
"""Says how many minutes are cleared, and which comes now."""


@dataclass(frozen=True, eq=False)
class Run:
    """Attributes:
    plant, day, config, watched: what was asked.
    records: cleared minutes, in order.
    events: merges and splits in the cleared time.
    samples: choices held against all others.
    ledger: who paid what.
    limited_lines: lines with a stated limit.
    deciders: who chose.
    cannot_confirm: why regions cannot solve their own power flow; empty if they can, or are not asked.
    """

    plant: Plant
    day: MarketDay
    config: MarketConfig
    watched: Watched
    records: tuple[MinuteRecord, ...]
    events: tuple[MergeEvent, ...]
    samples: GameSamples
    ledger: Ledger
    limited_lines: tuple[str, ...]
    deciders: Deciders
    cannot_confirm: str

    def regret_pct(self, of_minute: MinuteRecord) -> FloatArray:
        """Regret of the choice of each region's group in a minute, NaN where it was not sampled, (region,) [%]."""
        regrets = np.full(self.plant.microgrids.n_regions, np.nan)
        samples = self.samples.minutes.get(of_minute.minute, {})
        for group in groups_of(of_minute.labels):
            regrets[list(group)] = 100 * samples.get(group, np.nan)
        return regrets


def play(
    models: ChoiceModels,
    day: MarketDay,
    config: MarketConfig,
    watched: Watched,
    deciders: Deciders,
    tell: TellMinute,
) -> Run:
    """Clear the minutes of a run.

    Args:
        models: choice models of the plant's regions.
        day, config, watched: what is asked.
        deciders: who chooses in each region.
        tell: how far it is.

    Raises:
        UnmetLimitsError, NotConvergedError: as `MinuteLoop.clear`.
    """
    plant = models.plant
    loop = MinuteLoop(models, day, config, watched, deciders.choosers)
    samples = GameSamples(models, config.agents, config.seed)
    asking = Asking(plant, config)
    ledger = Ledger()
    lines = _limited_lines(plant, config)
    sampled = set(_spread(day.cleared, config.sampled_minutes).tolist())
    records = []
    for count, minute in enumerate(day.cleared.tolist()):
        tell(count, f"{day.times[minute]:%Y-%m-%d %H:%M}")
        answer = loop.clear(minute)
        hours = float(day.stands_for[count]) / MINUTES_AN_HOUR
        _settle(ledger, answer, hours)
        besides = asking.about(answer, count)
        if minute in sampled:
            samples.take(minute, answer.choice)
        records.append(record(plant, lines, minute, answer, besides, hours))
    return Run(
        plant,
        day,
        config,
        watched,
        tuple(records),
        _events(loop, day),
        samples,
        ledger,
        lines,
        deciders,
        asking.problem,
    )


def _events(loop: MinuteLoop, day: MarketDay) -> tuple[MergeEvent, ...]:
    """Merges and splits in the time that is cleared, whatever the step; what happened before sets only how it begins."""
    begin = day.cleared
    end = begin + day.stands_for
    # loads move on after the last cleared minute, to the end of what it stands for
    loop.watch_until(int(end[-1]))
    events = []
    for event in loop.events:
        block = int(np.searchsorted(begin, event.minute, side="right")) - 1
        if block >= 0 and event.minute < end[block]:
            events.append(event)
    return tuple(events)


def _settle(ledger: Ledger, answer: MinuteAnswer, hours: float) -> None:
    moment = answer.moment
    posted = entries(
        answer.clearing,
        answer.prices,
        moment.schedule_kw,
        hours,
    )
    ledger.post(f"{moment.time:%Y-%m-%d %H:%M}", posted)


def _spread(minutes: IntArray, count: int) -> IntArray:
    """So many of the minutes, evenly spread."""
    count = min(count, len(minutes))
    # the middle of each of `count` equal parts
    places = (np.arange(count) + 0.5) * len(minutes) / max(count, 1)
    return minutes[places.astype(np.int64)]


def _limited_lines(plant: Plant, config: MarketConfig) -> tuple[str, ...]:
    limits = parse_flow_limits(config.limit)
    return tuple(find_line(plant.feeder, limit.line) for limit in limits)
