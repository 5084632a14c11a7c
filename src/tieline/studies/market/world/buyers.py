"""Where each region buys: the bus that takes most beyond its schedule over the run, or its root where nothing departs from it."""

from __future__ import annotations

from tieline.studies.market.world.days import MarketDay
from tieline.studies.market.world.plant import Plant


def buyers(plant: Plant, day: MarketDay) -> tuple[str, ...]:
    """Bus of each region's buyer, (region,)."""
    energy = dict.fromkeys(day.extra.buses, 0.0)
    for bus, total in zip(day.extra.buses, day.extra.p_kw.sum(axis=0), strict=True):
        energy[bus] += float(total)
    region_of = plant.microgrids.region_of
    names = []
    for k, region in enumerate(plant.microgrids.regions):
        inside = [bus for bus in energy if region_of[bus] == k and energy[bus] > 0]
        names.append(max(inside, key=lambda bus: energy[bus], default=region.root))
    return tuple(names)
