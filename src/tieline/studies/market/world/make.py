"""`make_world`: the plant of a run and its minutes, from a feeder and a configuration.

Order: the scheduled load, who sells, the microgrids, what is taken beyond the schedule, and then what hangs on all of these: the
network with everything attached, and its limits.
"""

from __future__ import annotations

from tieline.feeders import Feeder
from tieline.studies.market.config import DEPARTURE_SHARE, MarketConfig
from tieline.studies.market.world.days import MarketDay, extra_series, make_day
from tieline.studies.market.world.microgrids import Microgrids, make_microgrids
from tieline.studies.market.world.plant import Plant, at_schedule, make_plant
from tieline.studies.market.world.sellers import ask_sellers


def make_world(feeder: Feeder, config: MarketConfig) -> tuple[Plant, MarketDay]:
    """The stage and the minutes of a run.

    Args:
        feeder: as it was read.
        config: what is asked.

    Raises:
        InputError: if places, lines, tables or numbers cannot be used on the feeder, or it cannot be divided as asked.
        NoAnswerError: if DERs cannot give the load, or the feeder has no power flow.
    """
    scheduled = at_schedule(feeder, config)
    sellers = ask_sellers(scheduled, config)
    microgrids = make_microgrids(scheduled, sellers, config)
    extra = extra_series(feeder, config, _usual_peaks_kw(microgrids))
    peaks_kw = extra.p_kw.max(axis=0, initial=0.0).tolist()
    extra_peak_kw = dict(zip(extra.buses, peaks_kw, strict=True))
    plant = make_plant(scheduled, sellers, microgrids, extra_peak_kw, config)
    return plant, make_day(feeder, config, extra)


def _usual_peaks_kw(microgrids: Microgrids) -> dict[str, float]:
    """A load beyond the schedule at the buyer bus of each region, by bus [kW]."""
    return {
        region.root: DEPARTURE_SHARE * region.load_kw
        for region in microgrids.regions
        if region.load_kw > 0
    }
