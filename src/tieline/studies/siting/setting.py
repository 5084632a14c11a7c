"""`Setting`: what stays the same over all power flows of a study of places: the feeder with a plant at each place, where limits
are read, and the situations without the plant.

A plant goes from nothing to full power within seconds; regulators and capacitors follow within a minute. With controls that hold
they stay where they rest before the plant, with controls that act they have followed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.feeders.elements import Pv
from tieline.feeders.placing import find_sites
from tieline.network import Network
from tieline.network.voltage_points import VoltagePoints, live_voltage_points
from tieline.powerflow import Solution
from tieline.studies.gauges import Gauge, make_gauges
from tieline.studies.inverters import Plant
from tieline.studies.line_ratings import with_line_ratings
from tieline.studies.siting.base import (
    STEP_PCT_MEDIUM_VOLTAGE,
    Base,
    make_base,
    solve_base,
)
from tieline.studies.siting.config import SitingConfig
from tieline.studies.siting.readings import VOLTAGE_STEP, read
from tieline.studies.siting.situations import situations
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Setting:
    """What all power flows share.

    Attributes:
        config: the question.
        feeder: as it was given, its lines without rating rated if asked.
        places: where a plant can stand, in the order of the plant's sites.
        plant: the network with a site at each place.
        points: live voltage points.
        gauges: where each limit is read, those with a place; the voltage step is the last, if it is judged.
        bases: the situations without the plant.
    """

    config: SitingConfig
    feeder: Feeder
    places: tuple[str, ...]
    plant: Plant
    points: VoltagePoints
    gauges: tuple[Gauge, ...]
    bases: tuple[Base, ...]

    @property
    def network(self) -> Network:
        """The network with the sites."""
        return self.plant.network

    @property
    def acts(self) -> bool:
        """Whether regulators and capacitors follow the plant."""
        return self.config.controls == "feeder"

    @property
    def most_kw(self) -> float:
        """Largest plant that is looked at [kW]."""
        # a plant above the peak load feeds back at any time: it is a matter of the grid above, not of the feeder
        return self.config.most_kw or max(self.feeder.peak_load_kw, 1.0)


def make_setting(
    feeder: Feeder, config: SitingConfig, places: tuple[str, ...]
) -> Setting:
    """The setting of a study.

    Args:
        feeder: the feeder.
        config: the question.
        places: "bus" or "bus.phase...", each with voltage.

    Raises:
        InputError: if a place does not exist or no limit can be judged.
        NotConvergedError: if a situation has no solution before the plant.
    """
    rated = with_line_ratings(feeder, config.line_rating_a)
    network = Network.from_feeder(_with_sites(rated, places))
    idle = np.zeros(len(network.feeder.ders))
    n_own = len(rated.pvs)
    plant = Plant(network, idle, idle, slice(n_own, n_own + len(places)))
    listed = situations(config)
    solved = [solve_base(network, rated, config, situation) for situation in listed]
    points = live_voltage_points(network, solved[0].v_pu)
    gauges = _gauges(solved[0], points, config)
    bases = []
    for situation, solution in zip(listed, solved, strict=True):
        bases.append(make_base(solution, situation, config, points, gauges))
    return Setting(config, rated, places, plant, points, gauges, tuple(bases))


def _with_sites(feeder: Feeder, places: Sequence[str]) -> Feeder:
    """The feeder with an empty inverter at each place, after its own PV."""
    sites = zip(places, find_sites(feeder, places), strict=True)
    plants = [
        Pv(f"plant_{place}", *site, rated_kw=0.0, inverter_kva=0.0)
        for place, site in sites
    ]
    return feeder.replace(pvs=(*feeder.pvs, *plants))


def _gauges(
    solution: Solution, points: VoltagePoints, config: SitingConfig
) -> tuple[Gauge, ...]:
    """Gauges that have a place with a reading; `solution` is the feeder without a plant."""
    network = solution.network
    gauges = list(make_gauges(network, points, config.limit_numbers))
    step_pct = config.voltage_step_pct
    if step_pct != "off":
        every_point = np.arange(len(points.names))
        limit = STEP_PCT_MEDIUM_VOLTAGE if step_pct is None else float(step_pct)
        gauges.append(Gauge(VOLTAGE_STEP, limit, points.names, every_point))
    point_pu = points.magnitude_pu(solution.v_pu)
    rows = read(tuple(gauges), points, solution, point_pu)
    # a bus that lines leave without voltage has no unbalance
    live = [
        _with_reading(gauge, values[0])
        for gauge, values in zip(gauges, rows, strict=True)
    ]
    with_places = tuple(gauge for gauge in live if gauge.names)
    if not with_places:
        raise InputError(
            f"No limit can be judged on feeder '{network.feeder.name}': none that is on has a place to be read at. Turn another "
            "limit on."
        )
    return with_places


def _with_reading(gauge: Gauge, reading: FloatArray) -> Gauge:
    """The gauge at those of its places that have a reading, (place,)."""
    places = np.flatnonzero(~np.isnan(reading))
    if len(places) == len(reading):
        return gauge
    names = tuple(gauge.names[k] for k in places)
    return replace(gauge, names=names, column=gauge.column[places])
