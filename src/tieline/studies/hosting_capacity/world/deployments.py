"""Where PV is put: random growth paths over the sites of a feeder, or the same share everywhere.

A site is a load's bus and connection; loads that open switches cut off are none, and do not count as peak load either. A random
deployment grows: sites are drawn one after the other with replacement, each adding a system of a size drawn from its customer
class, until the level is reached; the next level continues from there. So each deployment is one possible future, its levels
can be compared pairwise, and the last system of a level is cut so that the level is met exactly (and completed in the next).

Placement `far` draws a site with a probability that rises with the rank of its electrical distance from the source, `close` with
one that falls with it, in equal steps from the first site to the last; ranks, because distances spread over decades. Deployment
k depends on the seed and on k only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.feeders.elements import Load
from tieline.network.attach import site_loads
from tieline.network.topology import electrical_distance_pu
from tieline.studies.hosting_capacity.config import CustomerClass, HostingCapacityConfig
from tieline.typing import FloatArray, IntArray

DRAWN_TOGETHER = 64
"""Systems drawn in one call of the random generator; those that are not needed are not used."""


@dataclass(frozen=True)
class Sites:
    """What the draws need of the sites, (site,): `load_kw` nominal load, `smallest_kw` and `largest_kw` of a system, `bus` from
    0, `chance` cumulative probability. `room_kw` is the cap of each bus, (bus,) [kW].
    """

    load_kw: FloatArray
    smallest_kw: FloatArray
    largest_kw: FloatArray
    bus: IntArray
    chance: FloatArray
    room_kw: FloatArray

    @property
    def peak_kw(self) -> float:
        """What penetration is measured by: the sum of the sites' nominal load [kW]."""
        return float(self.load_kw.sum())

    @property
    def room_pct(self) -> float:
        """Highest level that the caps of the buses leave room for [% of peak load]."""
        return 100 * float(self.room_kw.sum()) / self.peak_kw


def find_sites(feeder: Feeder, config: HostingCapacityConfig) -> Sites:
    """The sites of a feeder; raises `InputError` if a cap per bus leaves no room for the highest level."""
    loads = site_loads(feeder)
    classes = [_class_of(load.p_kw, config.customer_classes) for load in loads]
    buses = {
        name: k for k, name in enumerate(dict.fromkeys(load.bus for load in loads))
    }
    sites = Sites(
        load_kw=np.array([load.p_kw for load in loads]),
        smallest_kw=np.array([size.smallest_pv_kw for size in classes]),
        largest_kw=np.array([size.largest_pv_kw for size in classes]),
        bus=np.array([buses[load.bus] for load in loads]),
        chance=np.cumsum(_weights(feeder, loads, config)),
        room_kw=np.full(len(buses), config.bus_cap_kw or np.inf),
    )
    _check_room(feeder, sites, config)
    return sites


def deployment_kw(
    sites: Sites,
    config: HostingCapacityConfig,
    number: int,
    levels_pct: Sequence[float] | FloatArray,
) -> FloatArray:
    """PV at each site in one deployment.

    Args:
        sites: where PV can go.
        config: placement, seed.
        number: of the deployment, from 0.
        levels_pct: penetration levels, (level,) [% of peak load].

    Returns:
        (level, site) [kW]; no site ever loses PV from one level to a higher one.
    """
    levels = np.asarray(levels_pct) / 100
    if config.placement == "uniform":
        return levels[:, None] * sites.load_kw
    # the seed of a deployment depends on its number alone, therefore any shard draws the same one
    seed = np.random.SeedSequence(config.seed, spawn_key=(number,))
    totals_kw = levels * sites.peak_kw
    site, size_kw = _systems(
        sites,
        np.random.default_rng(seed),
        totals_kw.max(),
    )
    before_kw = np.cumsum(size_kw) - size_kw
    used_kw = np.clip(totals_kw[:, None] - before_kw, 0, size_kw)
    n_sites = len(sites.load_kw)
    sums = [np.bincount(site, weights=row, minlength=n_sites) for row in used_kw]
    return np.stack(sums).astype(float)


def _systems(
    sites: Sites, random: np.random.Generator, total_kw: float
) -> tuple[IntArray, FloatArray]:
    """Site and size of systems drawn one after the other until `total_kw` is reached; a full bus is drawn again."""
    room_kw = sites.room_kw.copy()
    places: list[int] = []
    sizes: list[float] = []
    sum_kw = 0.0
    # a cap that leaves exactly enough room is met but for rounding
    enough_kw = total_kw * (1 - 1e-12)
    while sum_kw < enough_kw:
        draw = random.random(DRAWN_TOGETHER) * sites.chance[-1]
        site = np.searchsorted(sites.chance, draw, side="right")
        size_kw = random.uniform(sites.smallest_kw[site], sites.largest_kw[site])
        for place, drawn_kw in zip(site.tolist(), size_kw.tolist(), strict=True):
            if sum_kw >= total_kw:
                break
            bus = sites.bus[place]
            fitting_kw = min(drawn_kw, room_kw[bus])
            if fitting_kw > 0:
                room_kw[bus] -= fitting_kw
                sum_kw += fitting_kw
                places.append(place)
                sizes.append(fitting_kw)
    return np.array(places, dtype=np.int64), np.array(sizes)


def _weights(
    feeder: Feeder, loads: list[Load], config: HostingCapacityConfig
) -> FloatArray:
    """How often each site is drawn, relative to the others, (site,)."""
    if config.placement in ("random", "uniform"):
        return np.ones(len(loads))
    distance = electrical_distance_pu(feeder)
    rank = rankdata([distance[load.bus] for load in loads]).astype(np.float64)
    if config.placement == "far":
        return rank
    return len(loads) + 1 - rank


def _check_room(feeder: Feeder, sites: Sites, config: HostingCapacityConfig) -> None:
    """A cap per bus must leave room for the highest level."""
    if config.bus_cap_kw is None:
        return
    if config.placement == "uniform":
        raise InputError(
            "bus_cap_kw does not go with uniform placement, which fixes the PV at every load. Leave one of them out."
        )
    most_kw = sites.room_kw.sum()
    wanted_kw = sites.peak_kw * config.levels_pct[-1] / 100
    if most_kw < wanted_kw:
        raise InputError(
            f"bus_cap_kw {config.bus_cap_kw:g} leaves room for {most_kw:.0f} kW of PV on feeder '{feeder.name}', but the highest "
            f"level asks for {wanted_kw:.0f} kW. Raise the cap or lower max_pct."
        )


def _class_of(load_kw: float, classes: tuple[CustomerClass, ...]) -> CustomerClass:
    return next(
        c for c in classes if c.up_to_load_kw is None or load_kw <= c.up_to_load_kw
    )
