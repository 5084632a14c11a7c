"""`Sellers`: the DERs of the market, where they stand, what they ask and what they can give over the day.

    c_i(t)    = c_i + swing / 2 cos(2 pi h / 24 h + phase_i)    phase 0 and pi in turn: some are low when others are high
    Pmax_i(t) = Pmax_i, or Pmax_i sun(t) of those that follow the sun

Asked for by name (`ders`), or one at every place of the feeder: buses that closed switches join are one place. DERs that a feeder
has of its own keep to their snapshot and sell nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.feeders.checks.supply import live_buses
from tieline.feeders.elements import Generator
from tieline.feeders.placing import find_sites
from tieline.network.partition import region_around
from tieline.network.partition.power_centroids import load_kw_by_bus
from tieline.network.sites import sites
from tieline.profiles.noise import child
from tieline.settings.short_texts import DerSpec, parse_ders
from tieline.studies.market.stage_config import (
    DEPARTURE_SHARE,
    MarketStageConfig,
)
from tieline.typing import BoolArray, FloatArray

PREFIX = "seller"
"""Names of the generators are seller_BUS."""

LOAD_MULTIPLE = 2.0
"""Power of all DERs over the load, if their size is not asked for: a microgrid can then lose half of them and stay adequate."""

USUAL_COUNT = 200
"""DERs at most if no number is asked for, at the largest loads: with more, the optima beside the market take minutes each."""

HOURS_A_DAY = 24

OFFERS = 0
SOLAR = 1
"""Places of the topics in the tree of seeds."""


@dataclass(frozen=True, eq=False)
class Sellers:
    """DERs that sell.

    Attributes:
        names: of the DERs, (der,).
        places: buses, (der,).
        rated_kw: largest power of each, (der,) [kW].
        cost: mean offer of each, (der,) [currency/kWh].
        is_solar: whose limit follows the sun, (der,).
        swing: from the lowest to the highest offer within a day [currency/kWh].
    """

    names: tuple[str, ...]
    places: tuple[str, ...]
    rated_kw: FloatArray
    cost: FloatArray
    is_solar: BoolArray
    swing: float

    @property
    def reach_zero(self) -> bool:
        """Whether the swing would take an offer below 0."""
        return bool((self.cost < self.swing / 2).any())

    def offer(self, hour: float) -> FloatArray:
        """What each asks at an hour of the day, never below 0, (der,) [currency/kWh]."""
        angle = 2 * np.pi * hour / HOURS_A_DAY
        wave = self.swing / 2 * np.cos(angle)
        offer = self.cost + wave
        # every other one is low when its neighbours are high
        offer[1::2] = self.cost[1::2] - wave
        return np.maximum(offer, 0.0)

    def p_max_kw(self, sun_pu: float) -> FloatArray:
        """What each can give under a sun, (der,) [kW]."""
        return np.where(self.is_solar, self.rated_kw * sun_pu, self.rated_kw)

    def attach_to(self, feeder: Feeder) -> Feeder:
        """The feeder with a generator for each, behind its own DERs; they inject nothing in the snapshot."""
        units = []
        sites_of_places = find_sites(feeder, self.places)
        for k, site in enumerate(sites_of_places):
            rated_kva = float(self.rated_kw[k])
            units.append(Generator(self.names[k], *site, rated_kva=rated_kva))
        return feeder.replace(generators=(*feeder.generators, *units))


def ask_sellers(feeder: Feeder, config: MarketStageConfig) -> Sellers:
    """The DERs that are asked for.

    Args:
        feeder: with its scheduled load.
        config: places, sizes and costs.

    Raises:
        InputError: if a place is unknown or named twice, or there is none.
    """
    specs = parse_ders(config.ders)
    places = [spec.place.lower() for spec in specs]
    sizes_kw = [spec.kw for spec in specs]
    if not specs:
        inside = _buses_of_market(feeder, config)
        places = _every_place(feeder, inside, config.der_count)
        sizes_kw = [_size_kw(feeder, config, len(places))] * len(places)
    _require_once(places)
    _require_costs(specs)
    buses = [site.bus for site in find_sites(feeder, places)]
    costs = child(config.seed, OFFERS).uniform(
        config.offer_low, config.offer_high, len(places)
    )
    for k, spec in enumerate(specs):
        if spec.cost is not None:
            costs[k] = spec.cost
    return Sellers(
        tuple(f"{PREFIX}_{place}" for place in places),
        tuple(places),
        np.array(sizes_kw, dtype=float),
        costs,
        _solar(feeder, buses, config),
        config.offer_swing,
    )


def _buses_of_market(feeder: Feeder, config: MarketStageConfig) -> set[str]:
    """Buses at which somebody buys: those with voltage, around roots only those that they reach."""
    live = set(live_buses(feeder))
    if config.root is None:
        return live
    reached: set[str] = set()
    for root, reach_pu in zip(config.root, config.reach_pu or (), strict=True):
        reached.update(
            region_around(feeder, root, reach_pu, config.barriers or ()).buses
        )
    return live & reached


def _every_place(feeder: Feeder, inside: set[str], count: int | None) -> list[str]:
    """One bus of each place inside the market, that of the source left out; the largest loads first if a number is asked for."""
    buses = [bus.name for bus in feeder.buses if bus.name in inside]
    load_kw = load_kw_by_bus(feeder)
    groups = [group for group in sites(feeder, buses) if feeder.source.bus not in group]
    # the bus with the load, so that names say who sells
    places = [max(group, key=lambda bus: load_kw[bus]) for group in groups]
    if not places:
        raise InputError(
            f"Feeder '{feeder.name}' has no bus beside its source: there is no place for a DER. Choose another feeder."
        )
    if count is None and len(places) <= USUAL_COUNT:
        return places
    count = count or USUAL_COUNT
    places.sort(key=lambda bus: -load_kw[bus])
    if count > len(places):
        raise InputError(
            f"der_count asks for {count} DERs, but feeder '{feeder.name}' has {len(places)} places. Name more than one at a bus "
            "with --ders BUS.PHASE:KW."
        )
    return places[:count]


def _size_kw(feeder: Feeder, config: MarketStageConfig, count: int) -> float:
    if config.der_kw is not None:
        return config.der_kw
    load_kw = feeder.peak_load_kw
    enough_kw = LOAD_MULTIPLE * load_kw / count
    # one region may be the whole feeder: what it takes beyond its schedule is covered by the few that its agents choose
    return max(enough_kw, DEPARTURE_SHARE * load_kw / config.agents)


def _solar(
    feeder: Feeder, buses: Sequence[str], config: MarketStageConfig
) -> BoolArray:
    """Who follows the sun, by the bus of each DER: those that are named, else a part of the DERs at every place, drawn."""
    is_solar = np.zeros(len(buses), dtype=bool)
    if config.solar is not None:
        named = {feeder.bus(bus).name for bus in config.solar}
        without_der = sorted(named - set(buses))
        if without_der:
            raise InputError(
                f"solar names {', '.join(without_der)}, where no DER stands. Name buses of DERs."
            )
        return np.array([bus in named for bus in buses])
    if config.ders is None:
        count = round(config.solar_pct / 100 * len(buses))
        is_solar[child(config.seed, SOLAR).permutation(len(buses))[:count]] = True
    return is_solar


def _require_costs(specs: Sequence[DerSpec]) -> None:
    """Refuse what is paid to be taken: a program would buy it beyond all demand."""
    below = [spec.place for spec in specs if spec.cost is not None and spec.cost < 0]
    if below:
        raise InputError(
            f"ders at {', '.join(below)} ask less than 0 per kWh: they would give all they can beyond any demand. Give a cost of "
            "0 or more."
        )


def _require_once(places: Sequence[str]) -> None:
    twice = sorted({place for place in places if places.count(place) > 1})
    if twice:
        raise InputError(
            f"ders names {', '.join(twice)} twice. Give one DER of the whole size, or name phases."
        )
