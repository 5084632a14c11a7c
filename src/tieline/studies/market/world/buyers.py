"""Where each region buys: the bus that takes most beyond its schedule over the run, or its root where nothing departs from it."""

from __future__ import annotations

from tieline.studies.market.world.days import MarketDay
from tieline.studies.market.world.plant import Plant


def buyers(plant: Plant, day: MarketDay) -> tuple[str, ...]:
    """Bus of each region's buyer, (region,)."""
    microgrids = plant.microgrids
    names = [region.root for region in microgrids.regions]
    largest_kw = [0.0] * len(names)
    mean_kw = day.extra.p_kw.mean(axis=0).tolist()
    for bus, kw in zip(day.extra.buses, mean_kw, strict=True):
        region = microgrids.region_of[bus]
        if kw > largest_kw[region]:
            names[region] = bus
            largest_kw[region] = kw
    return tuple(names)
