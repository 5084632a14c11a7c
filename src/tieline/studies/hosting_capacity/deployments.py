"""Where PV is put: random growth paths over the sites of a feeder, or the same share everywhere.

A site is a load's bus and connection. A random deployment grows: sites are drawn one after the other with replacement, each
adding a system of a size drawn from its customer class, until the level is reached; the next level continues from there. So
each deployment is one possible future, its levels can be compared pairwise, and the last system of a level is cut so that the
level is met exactly (and completed in the next).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.feeders.elements import Load, Pv
from tieline.studies.hosting_capacity.config import CustomerClass, HostingCapacityConfig
from tieline.typing import FloatArray


def with_pv_sites(feeder: Feeder) -> Feeder:
    """The feeder with an empty PV system beside every load that takes power, connected as the load is; its own PV is kept."""
    sites = tuple(
        Pv(f"site_{load.name}", load.bus, load.nodes, load.connection, load.kv, rated_kw=0.0, inverter_kva=0.0)
        for load in feeder.loads
        if load.p_kw > 0
    )
    if not sites:
        raise InputError(
            f"Feeder '{feeder.name}' has no load that takes power: there is no site for PV and no peak load to measure it by."
        )
    return feeder.replace(pvs=(*feeder.pvs, *sites))


def site_loads(feeder: Feeder) -> list[Load]:
    """The load of each site, in the order of `with_pv_sites`."""
    return [load for load in feeder.loads if load.p_kw > 0]


def deployments_kw(feeder: Feeder, config: HostingCapacityConfig) -> Iterator[FloatArray]:
    """PV at each site, level by level.

    Args:
        feeder: the feeder without the sites.
        config: placement, levels, sizes, seed.

    Yields:
        For each level of `config.levels_pct`: (deployment, site) [kW].
    """
    loads = site_loads(feeder)
    peak_kw = sum(load.p_kw for load in loads)
    _check_room(feeder, loads, peak_kw, config)
    if config.placement == "uniform":
        share = np.array([[load.p_kw for load in loads]])
        for level in config.levels_pct:
            yield share * level / 100
        return
    paths = [_GrowthPath(loads, config, seed) for seed in np.random.SeedSequence(config.seed).spawn(config.deployments)]
    for level in config.levels_pct:
        yield np.stack([path.grow_to(peak_kw * level / 100) for path in paths])


def _check_room(feeder: Feeder, loads: list[Load], peak_kw: float, config: HostingCapacityConfig) -> None:
    """A cap per bus must leave room for the highest level."""
    if config.bus_cap_kw is None:
        return
    most_kw = config.bus_cap_kw * len({load.bus for load in loads})
    wanted_kw = peak_kw * config.levels_pct[-1] / 100
    if config.placement == "uniform":
        raise InputError(
            "bus_cap_kw does not go with uniform placement, which fixes the PV at every load. Leave one of them out."
        )
    if most_kw < wanted_kw:
        raise InputError(
            f"bus_cap_kw {config.bus_cap_kw:g} leaves room for {most_kw:.0f} kW of PV on feeder '{feeder.name}', but the highest "
            f"level asks for {wanted_kw:.0f} kW. Raise the cap or lower max_pct."
        )


class _GrowthPath:
    """One random deployment: the PV at every site so far, and the part of the last system that did not fit the level."""

    def __init__(self, loads: list[Load], config: HostingCapacityConfig, seed: np.random.SeedSequence):
        self._random = np.random.default_rng(seed)
        self._sizes = [_class_of(load.p_kw, config.customer_classes) for load in loads]
        buses = {name: k for k, name in enumerate(dict.fromkeys(load.bus for load in loads))}
        self._bus = np.array([buses[load.bus] for load in loads])
        self._room_kw = np.full(len(buses), config.bus_cap_kw or np.inf)
        self._pv_kw = np.zeros(len(loads))
        self._pending = (0, 0.0)

    def grow_to(self, total_kw: float) -> FloatArray:
        """Add systems until the sum is `total_kw`; returns a copy, (site,) [kW]."""
        missing_kw = total_kw - self._pv_kw.sum()
        while missing_kw > 0:
            site, size_kw = self._pending if self._pending[1] > 0 else self._draw()
            added_kw = min(size_kw, missing_kw)
            self._pv_kw[site] += added_kw
            self._pending = (site, size_kw - added_kw)
            missing_kw -= added_kw
        return self._pv_kw.copy()

    def _draw(self) -> tuple[int, float]:
        open_sites = np.flatnonzero(self._room_kw[self._bus] > 0)
        site = int(self._random.choice(open_sites))
        bus = self._bus[site]
        sizes = self._sizes[site]
        size_kw = min(float(self._random.uniform(sizes.smallest_pv_kw, sizes.largest_pv_kw)), float(self._room_kw[bus]))
        self._room_kw[bus] -= size_kw
        return site, size_kw


def _class_of(load_kw: float, classes: tuple[CustomerClass, ...]) -> CustomerClass:
    return next(c for c in classes if c.up_to_load_kw is None or load_kw <= c.up_to_load_kw)
