"""`Base`: a situation without the plant, and the number that each limit has at each place.

A place that breaks its limit before the plant is no reason against it, unless the plant makes it worse
(`settings.broken_before`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.errors import NotConvergedError
from tieline.feeders import Feeder
from tieline.network import Network
from tieline.network.voltage_points import VoltagePoints
from tieline.powerflow import Solution, solve
from tieline.settings.broken_before import bounds as bounds_of
from tieline.studies.feeder_ders import ders_over_time
from tieline.studies.gauges import Gauge
from tieline.studies.siting.config import SitingConfig
from tieline.studies.siting.readings import VOLTAGE_STEP, read
from tieline.studies.siting.situations import Situation
from tieline.typing import FloatArray

STEP_PCT_MEDIUM_VOLTAGE = 3.0
STEP_PCT_LOW_VOLTAGE = 5.0
"""IEEE 1547-2018, 7.2.2, above and up to `LOW_VOLTAGE_KV`."""

LOW_VOLTAGE_KV = 1.0


@dataclass(frozen=True, eq=False)
class Base:
    """A situation without the plant.

    Attributes:
        situation: which one.
        own_kw, own_kvar: what each DER injects, those of the plants 0, (der,).
        solution: the power flow, one scenario.
        point_pu: its voltages, (point,).
        readings: of each gauge, (place,) each.
        limits: the limit at each place, for each gauge (place,).
        bounds: the number that each place must keep, for each gauge (place,); the limit, or what it may have beyond it.
    """

    situation: Situation
    own_kw: FloatArray
    own_kvar: FloatArray
    solution: Solution
    point_pu: FloatArray
    readings: tuple[FloatArray, ...]
    limits: tuple[FloatArray, ...]
    bounds: tuple[FloatArray, ...]

    @property
    def load_kw(self) -> FloatArray:
        """Of each load, (load,)."""
        return self.solution.p_kw[0, : self.solution.network.devices.n_loads]

    @property
    def load_kvar(self) -> FloatArray:
        """Of each load, (load,)."""
        return self.solution.q_kvar[0, : self.solution.network.devices.n_loads]


def solve_base(
    network: Network, feeder: Feeder, config: SitingConfig, situation: Situation
) -> Solution:
    """The feeder in a situation without the plant, one scenario.

    Raises:
        NotConvergedError: if there is no solution.
    """
    # controls that hold with the plant have come to rest without it
    controls = "feeder"
    if config.controls == "off":
        controls = "off"
    own_kw, own_kvar = _own_ders(network, feeder, situation)
    # a scenario axis of one: without an answer the message below says which situation has none
    solution = solve(
        network,
        load_scale=[[situation.load_pct / 100]],
        der_kw=own_kw,
        der_kvar=own_kvar,
        inverters="feeder",
        controls=controls,
    )
    if not solution.converged[0]:
        raise NotConvergedError(
            f"Feeder '{feeder.name}' has no power flow {situation.words} before any plant: {solution.reason(0)}"
        )
    return solution


def make_base(
    solution: Solution,
    situation: Situation,
    config: SitingConfig,
    points: VoltagePoints,
    gauges: tuple[Gauge, ...],
) -> Base:
    """The base of a situation that is solved."""
    point_pu = points.magnitude_pu(solution.v_pu)
    devices = solution.network.devices
    readings = []
    limits = []
    bounds = []
    rows = read(gauges, points, solution, point_pu)
    for gauge, values in zip(gauges, rows, strict=True):
        limit = _limits(gauge, config, solution.network, points)
        readings.append(values[0])
        limits.append(limit)
        bounds.append(bounds_of(values[0], limit, gauge.kind.side))
    return Base(
        situation=situation,
        own_kw=-solution.p_kw[0, devices.n_loads :],
        own_kvar=-solution.q_kvar[0, devices.n_loads :],
        solution=solution,
        point_pu=point_pu[0],
        readings=tuple(readings),
        limits=tuple(limits),
        bounds=tuple(bounds),
    )


def _own_ders(
    network: Network, feeder: Feeder, situation: Situation
) -> tuple[FloatArray, FloatArray]:
    """What each DER injects without the plants, (der,) [kW, kvar]: PV under this sun, storage idle, generators as stated."""
    p_kw, q_kvar = ders_over_time(feeder, np.array([situation.sun]))
    # the plants stand behind the feeder's PV, before its other DERs
    n_pvs = len(feeder.pvs)
    n_plants = len(network.feeder.ders) - len(feeder.ders)
    idle = np.zeros(n_plants)
    with_plants_kw = np.insert(p_kw[0], n_pvs, idle)
    with_plants_kvar = np.insert(q_kvar[0], n_pvs, idle)
    return with_plants_kw, with_plants_kvar


def _limits(
    gauge: Gauge, config: SitingConfig, network: Network, points: VoltagePoints
) -> FloatArray:
    """The limit at each place, (place,)."""
    if gauge.kind is not VOLTAGE_STEP or config.voltage_step_pct is not None:
        return np.full(len(gauge.names), gauge.limit)
    bus_kv = np.array([bus.kv_ll for bus in network.feeder.buses])
    is_low = bus_kv[points.bus] <= LOW_VOLTAGE_KV
    return np.where(is_low, STEP_PCT_LOW_VOLTAGE, STEP_PCT_MEDIUM_VOLTAGE)
