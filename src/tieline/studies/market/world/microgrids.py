"""`Microgrids`: the regions of a run, the borders between them, and which DERs each may call.

A divided feeder has disjoint regions, each adequate: its DERs can give its load. Regions around given roots may have buses in
common; such a bus buys in the smallest of its regions, and a DER there may serve all of them. Only a DER at a buyer bus serves
that buyer alone: what it sells to others goes over the border, at the price of exchange.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.network.partition import (
    Border,
    Partition,
    Region,
    join_inadequate,
    partition,
    region_around,
)
from tieline.network.topology import tree_from_source
from tieline.studies.market.stage_config import MarketStageConfig
from tieline.studies.market.world.sellers import Sellers
from tieline.typing import BoolArray, IntArray

NAMED = 5
"""Buses that a message names."""


@dataclass(frozen=True, eq=False)
class Microgrids:
    """Regions, numbered from 0.

    Attributes:
        regions: root, buses and load of each.
        borders: branches with an end in each of two regions.
        region_of: region in which each bus buys; buses of no region are not in it.
        may_serve: DERs that each may call, (region, der).
        partition: of a divided feeder; None around roots.
        n_joined: regions that became part of a neighbour, because their DERs give less than their load.
    """

    regions: tuple[Region, ...]
    borders: tuple[Border, ...]
    region_of: dict[str, int]
    may_serve: BoolArray
    partition: Partition | None
    n_joined: int = 0

    @property
    def n_regions(self) -> int:
        """Number of regions."""
        return len(self.regions)

    @property
    def neighbours(self) -> IntArray:
        """Pairs of regions with a border, each once, (pair, 2)."""
        ends = [sorted((border.near, border.far)) for border in self.borders]
        pairs = np.array(ends, dtype=np.int64).reshape(-1, 2)
        return np.unique(pairs, axis=0)

    def buys_at(self, buses: tuple[str, ...], what: str) -> IntArray:
        """Region in which each of some buses buys, (bus,).

        Raises:
            InputError: naming the buses of no region.
        """
        outside = [bus for bus in buses if bus not in self.region_of]
        if outside:
            raise InputError(
                f"{what} at {_named(outside)} lies in no region: nobody buys for it. Add a root near it, or a longer reach."
            )
        return np.array([self.region_of[bus] for bus in buses], dtype=np.int64)


def _named(buses: list[str]) -> str:
    """The first of some buses, and how many more there are."""
    listed = ", ".join(buses[:NAMED])
    more = len(buses) - NAMED
    return f"{listed} and {more} more" if more > 0 else listed


def make_microgrids(
    feeder: Feeder, sellers: Sellers, config: MarketStageConfig
) -> Microgrids:
    """The regions that are asked for.

    Args:
        feeder: with its scheduled load, radial.
        sellers: DERs; a divided feeder has none but adequate regions.
        config: how it is divided.

    Raises:
        InputError: if the feeder is meshed, no coupling constraint gives as many regions, or a DER lies in no region.
        NoAnswerError: if all DERs together give less than the load.
    """
    if config.root is not None:
        return _around_roots(feeder, sellers, config)
    divided = partition(
        feeder,
        microgrids=config.microgrids,
        phi_pu=config.phi_pu,
        smallest_pct=config.smallest_pct,
    )
    n_divided = len(divided.regions)
    if config.adequate:
        supply_kw: dict[str, float] = {}
        for bus, rated_kw in zip(
            _buses(feeder, sellers), sellers.rated_kw, strict=True
        ):
            supply_kw[bus] = supply_kw.get(bus, 0.0) + float(rated_kw)
        divided = join_inadequate(divided, supply_kw)
    holds = [frozenset(region.buses) for region in divided.regions]
    return Microgrids(
        divided.regions,
        divided.borders,
        dict(divided.region_of),
        _may_serve(holds, _buses(feeder, sellers)),
        divided,
        n_divided - len(divided.regions),
    )


def _around_roots(
    feeder: Feeder, sellers: Sellers, config: MarketStageConfig
) -> Microgrids:
    regions = []
    for root, reach_pu in zip(config.root or (), config.reach_pu or (), strict=True):
        regions.append(region_around(feeder, root, reach_pu, config.barriers or ()))
    by_size = sorted(
        range(len(regions)),
        key=lambda k: -len(regions[k].buses),
    )
    region_of: dict[str, int] = {}
    # the smallest last: a region inside another one buys for itself
    for k in by_size:
        region_of |= dict.fromkeys(regions[k].buses, k)
    buyers = {region.root for region in regions}
    holds = [frozenset(region.buses) - (buyers - {region.root}) for region in regions]
    microgrids = Microgrids(
        tuple(regions),
        _borders(feeder, region_of),
        region_of,
        _may_serve(holds, _buses(feeder, sellers)),
        None,
    )
    microgrids.buys_at(_buses(feeder, sellers), "A DER")
    return microgrids


def _borders(feeder: Feeder, region_of: dict[str, int]) -> tuple[Border, ...]:
    """Steps of the tree from one region to another; those out of all regions are no border."""
    tree = tree_from_source(feeder, must_be_radial=True)
    borders = []
    for bus in tree.order:
        parent = tree.parent[bus]
        near = region_of.get(parent or "")
        far = region_of.get(bus)
        if near is None or far is None or near == far:
            continue
        assert parent is not None  # a bus of a region
        branch = tree.branches[bus][0]
        borders.append(Border(branch, near, far, parent, bus))
    return tuple(borders)


def _may_serve(holds: list[frozenset[str]], der_buses: tuple[str, ...]) -> BoolArray:
    return np.array([[bus in region for bus in der_buses] for region in holds])


def _buses(feeder: Feeder, sellers: Sellers) -> tuple[str, ...]:
    """Bus of each DER; a place may name phases of it."""
    sites = sellers.attach_to(feeder).generators[len(feeder.generators) :]
    return tuple(unit.bus for unit in sites)
