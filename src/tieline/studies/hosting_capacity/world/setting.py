"""`Setting`: what stays the same over all cases of a run: the feeder with its sites, where limits are read, and the load.

It is built once from the configuration (`prepare`), holds no results and can be sent to another process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tieline.errors import InputError, unknown_name_message
from tieline.feeders import Feeder
from tieline.feeders.limits import with_limits_of
from tieline.network import Network
from tieline.network.attach import with_pv_sites
from tieline.network.voltage_points import VoltagePoints, live_voltage_points
from tieline.powerflow import Solution, solve
from tieline.studies.gauges import Gauge, make_gauges
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.size import require_size
from tieline.studies.hosting_capacity.world.deployments import Sites, find_sites
from tieline.studies.hosting_capacity.world.timeline import Timeline, make_timeline
from tieline.studies.hosting_capacity.world.variants import Variant, variants
from tieline.studies.inverters import Plant
from tieline.studies.line_ratings import with_line_ratings
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Setting:
    """What every case shares.

    Attributes:
        config: of the run.
        levels_pct: penetration levels, from none up [% of peak load].
        own: the feeder as it was given, its lines without rating rated if asked.
        plants: the network with the sites, by the key of each variant; variants that change nothing of it share one.
        points: the live voltage points.
        sites: where PV can go.
        gauges: where each limit is read.
        variants: the ways to solve, the configured one first.
        timeline: what load and sun do.
        base: snapshot solution without the study's PV.
        base_load_kw: load of that snapshot, (load,) [kW].
    """

    config: HostingCapacityConfig
    levels_pct: tuple[float, ...]
    own: Feeder
    plants: Mapping[str, Plant]
    points: VoltagePoints
    sites: Sites
    gauges: tuple[Gauge, ...]
    variants: tuple[Variant, ...]
    timeline: Timeline
    base: Solution
    base_load_kw: FloatArray

    @property
    def plant(self) -> Plant:
        """The network of the configured variant, with the sites."""
        return self.plants[self.variants[0].key]

    @property
    def network(self) -> Network:
        """The network with the sites."""
        return self.plant.network


def prepare(feeder: Feeder, config: HostingCapacityConfig) -> Setting:
    """The setting of a run.

    Raises:
        InputError, FeederError: if the profiles or the configuration cannot be used on the feeder.
        NotConvergedError: if the feeder has no solution even before PV is added.
    """
    # a bench has no shell that would have put the numbers in
    config, _ = with_limits_of(feeder, config)
    rated = with_line_ratings(feeder, config.line_rating_a)
    with_sites = with_pv_sites(rated)
    # before anything of the size of the run is made
    require_size(rated, config, config.n_levels)
    _require_buses(rated, config.shown_buses or ())
    sites = find_sites(rated, config)
    network = Network.from_feeder(with_sites)
    timeline = make_timeline(rated, config)
    load_kw, load_kvar = timeline.snapshot_load
    # controls that hold in the cases have come to rest before PV is added
    controls = "off" if config.controls == "off" else "feeder"
    base = solve(network, load_kw=load_kw, load_kvar=load_kvar, controls=controls)
    points = live_voltage_points(network, base.v_pu)
    asked_variants = variants(config, rated)
    gauges = make_gauges(network, points, config.limit_numbers)
    _require_places(rated, gauges)
    return Setting(
        config=config,
        levels_pct=config.levels_pct,
        own=rated,
        plants=_plants(network, rated, asked_variants),
        points=points,
        sites=sites,
        gauges=gauges,
        variants=asked_variants,
        timeline=timeline,
        base=base,
        base_load_kw=load_kw,
    )


def _require_buses(feeder: Feeder, names: tuple[str, ...]) -> None:
    """Every bus that is to be shown exists; raises `InputError` naming all that do not."""
    buses = {bus.name for bus in feeder.buses}
    unknown = [name for name in names if name.lower() not in buses]
    if unknown:
        texts = [unknown_name_message("bus", name, buses) for name in unknown]
        raise InputError(f"shown_buses: {' '.join(texts)}")


def _plants(
    network: Network, rated: Feeder, asked_variants: tuple[Variant, ...]
) -> dict[str, Plant]:
    """The network of each variant; `network` is that of the feeder as it is, `rated` the feeder without the sites."""
    with_sites = network.feeder
    first = len(rated.pvs)
    sites = slice(first, len(with_sites.pvs))
    plants = {}
    for variant in asked_variants:
        feeder = variant.feeder(with_sites)
        changed = network if feeder is with_sites else Network.from_feeder(feeder)
        devices = changed.devices
        plants[variant.key] = Plant(changed, devices.der_kw, devices.der_kvar, sites)
    return plants


def _require_places(feeder: Feeder, gauges: tuple[Gauge, ...]) -> None:
    """Without a place to read any limit at, no PV would ever break one."""
    if not any(gauge.names for gauge in gauges):
        named = ", ".join(gauge.kind.words for gauge in gauges)
        raise InputError(
            f"No limit can be judged on feeder '{feeder.name}': there is no place to read {named} at (no element with a rating, "
            "no bus with three phases, no neutral conductor). Turn another limit on."
        )
