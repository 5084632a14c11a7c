"""`make_world`: the plant of a run and its minutes, from a feeder and a configuration; `make_stage`: the plant alone.

Order: the scheduled load, who sells, the microgrids, what is taken beyond the schedule, and then what hangs on all of these: the
network with everything attached, and its limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tieline.feeders import Feeder
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.flag_texts import parse_peaks
from tieline.studies.market.stage_config import DEPARTURE_SHARE, MarketStageConfig
from tieline.studies.market.world.days import MarketDay, departures, make_day
from tieline.studies.market.world.microgrids import Microgrids, make_microgrids
from tieline.studies.market.world.plant import Plant, at_schedule, make_plant
from tieline.studies.market.world.sellers import Sellers, ask_sellers


def make_world(feeder: Feeder, config: MarketConfig) -> tuple[Plant, MarketDay]:
    """The stage and the minutes of a run.

    Args:
        feeder: as it was read.
        config: what is asked.

    Raises:
        InputError: if places, lines, tables or numbers cannot be used on the feeder, or it cannot be divided as asked.
        NoAnswerError: if DERs cannot give the load, or the feeder has no power flow.
    """
    ground = _make_ground(feeder, config)
    microgrids = ground.microgrids
    has_table = bool(config.extra_table or config.load_table)
    # a table says itself what departs from the schedule: nothing needs to be drawn beside it
    drawn_kw = _peaks_kw(feeder, config, microgrids, is_needed=not has_table)
    extra = departures(feeder, config, drawn_kw)
    plant = _make_plant(ground, extra.peaks_kw, config)
    return plant, make_day(feeder, config, extra)


def make_stage(feeder: Feeder, config: MarketStageConfig) -> Plant:
    """The stage of a run without its minutes, which a training draws for itself; arguments and errors as `make_world`."""
    ground = _make_ground(feeder, config)
    peaks_kw = _peaks_kw(feeder, config, ground.microgrids, is_needed=True)
    return _make_plant(ground, peaks_kw, config)


class _Ground(NamedTuple):
    """What stands before anything departs from the schedule."""

    scheduled: Feeder
    sellers: Sellers
    microgrids: Microgrids


def _make_ground(feeder: Feeder, config: MarketStageConfig) -> _Ground:
    scheduled = at_schedule(feeder, config)
    sellers = ask_sellers(scheduled, config)
    return _Ground(scheduled, sellers, make_microgrids(scheduled, sellers, config))


def _make_plant(
    ground: _Ground, peaks_kw: Mapping[str, float], config: MarketStageConfig
) -> Plant:
    return make_plant(
        ground.scheduled, ground.sellers, ground.microgrids, peaks_kw, config
    )


def _peaks_kw(
    feeder: Feeder,
    config: MarketStageConfig,
    microgrids: Microgrids,
    *,
    is_needed: bool,
) -> dict[str, float]:
    """Peaks of the drawn loads beyond the schedule, by bus: those asked for, or usual ones if something is needed [kW]."""
    stated = parse_peaks(config.extra_loads)
    peaks_kw = {feeder.bus(bus).name: kw for bus, kw in stated.items()}
    if peaks_kw or not is_needed:
        return peaks_kw
    return {
        region.root: DEPARTURE_SHARE * region.load_kw
        for region in microgrids.regions
        if region.load_kw > 0
    }
