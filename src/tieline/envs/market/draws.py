"""Random games of a region, each from its own seed.

    `paper`   30 % of the load buses of the region are load centroids at 150 % of their load; every DER is there with all its
              rating and the same offer; D between 50 and 300 kW
    `open`    besides, the feeder's load at a level of 0.4 to 1.0, limits of 20 to 100 % of the rating with every fifth DER away,
              offers between 0.05 and 0.09 currency/kWh

`paper` is the published game as far as it is described: its centroids, DERs of 100 kW. D is ours: covering only the surplus of
the centroids would leave a set of three undetermined. The schedule is the load at its level without centroids. Regulators act on
each game's load before any choice and then keep their taps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from tieline.envs.draws import uniform
from tieline.envs.market.games import Games
from tieline.envs.market.model import ChoiceModel
from tieline.powerflow.solve import solve
from tieline.typing import FloatArray, IntArray

Kind = Literal["paper", "open"]


@dataclass(frozen=True)
class GameRanges:
    """What games are drawn from.

    Attributes:
        centroid_share: part of the load buses that are load centroids.
        centroid_load: their load over the scheduled one.
        demand_kw: least and largest D [kW].
        level: least and largest level of the feeder's load.
        limit_share: least and largest limit of a DER over its rating.
        away_share: part of the DERs that cannot inject.
        offer: least and largest offer [currency/kWh].
        reference_price: l0 [currency/kWh].
    """

    centroid_share: float = 0.3
    centroid_load: float = 1.5
    demand_kw: tuple[float, float] = (50.0, 300.0)
    level: tuple[float, float] = (1.0, 1.0)
    limit_share: tuple[float, float] = (1.0, 1.0)
    away_share: float = 0.0
    offer: tuple[float, float] = (0.07, 0.07)
    reference_price: float = 0.10


RANGES: dict[Kind, GameRanges] = {
    "paper": GameRanges(),
    "open": GameRanges(
        level=(0.4, 1.0),
        limit_share=(0.2, 1.0),
        away_share=0.2,
        offer=(0.05, 0.09),
    ),
}


def draw_games(
    model: ChoiceModel, seeds: ArrayLike, ranges: GameRanges = RANGES["open"]
) -> Games:
    """One game per seed; the same seed gives the same game in any batch.

    Args:
        model: the region.
        seeds: whole numbers of at least 0, (game,).
        ranges: what is drawn from; `RANGES` has the two kinds.

    Raises:
        InputError: if a seed is negative or no whole number.
    """
    feeder = model.network.feeder
    load_buses = _load_buses(model)
    n_ders = model.n_ders
    counts = (2, len(load_buses), n_ders, n_ders, n_ders)
    draw = uniform(seeds, sum(counts))
    ends = np.cumsum(counts)[:-1]
    whole, by_bus, by_limit, by_away, by_offer = np.split(draw, ends, axis=1)
    level = _between(ranges.level, whole[:, :1])
    nominal_kw = np.array([load.p_kw for load in feeder.loads])
    nominal_kvar = np.array([load.q_kvar for load in feeder.loads])
    is_centroid = _lowest(by_bus, ranges.centroid_share)
    at_centroid = is_centroid @ _at_loads(model, load_buses)
    raised = 1.0 + (ranges.centroid_load - 1.0) * at_centroid
    schedule_kw = level * nominal_kw
    load_kw = schedule_kw * raised
    load_kvar = level * nominal_kvar * raised
    is_away = _lowest(by_away, ranges.away_share)
    limit_share = _between(ranges.limit_share, by_limit)
    limit_kw = limit_share * model.rated_kw
    # once per game, without DERs: taps of nominal load would hold voltages of light load too high
    acting = solve(model.network, load_kw=load_kw, load_kvar=load_kvar)
    return Games(
        load_kw=load_kw,
        load_kvar=load_kvar,
        schedule_kw=schedule_kw,
        offer=_between(ranges.offer, by_offer),
        p_max_kw=np.where(is_away, 0.0, limit_kw),
        demand_kw=_between(ranges.demand_kw, whole[:, 1]),
        reference_price=np.full(len(draw), ranges.reference_price),
        taps=acting.taps.astype(np.int64),
    )


def _load_buses(model: ChoiceModel) -> list[str]:
    """Buses of the region that have a load, in the order of the region."""
    loads = model.network.feeder.loads
    with_load = {load.bus for load in loads if load.p_kw > 0}
    return [bus for bus in model.buses if bus in with_load]


def _at_loads(model: ChoiceModel, load_buses: list[str]) -> FloatArray:
    """1 where a load stands at a bus, (bus, load)."""
    bus_of_load = [load.bus for load in model.network.feeder.loads]
    # as text even where the region has no load: an empty array would be one of numbers
    buses = np.array(load_buses, dtype=str)
    is_there = buses[:, None] == np.array(bus_of_load)
    return is_there.astype(float)


def _lowest(draw: FloatArray, share: float) -> FloatArray:
    """Which of the draws of each row are its lowest, `share` of them: so many in every game, (game, entry) of 0 and 1."""
    count = round(share * draw.shape[1])
    order = np.argsort(draw, axis=1)
    lowest = np.zeros_like(draw)
    columns = order[:, :count]
    np.put_along_axis(lowest, columns, 1.0, axis=1)
    return lowest


def _between(ends: tuple[float, float], share: FloatArray) -> FloatArray:
    low, high = ends
    return low + share * (high - low)


def seeds_from(first: int, count: int) -> IntArray:
    """Seeds `first`, `first` + 1, ..., (game,)."""
    return np.arange(first, first + count)
