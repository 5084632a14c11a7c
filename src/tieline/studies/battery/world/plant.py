"""`Plant`: the feeder with PV and a battery beside every load, and which bus each belongs to.

A battery acts for its bus: batteries at one bus share its surplus by their rated power. Batteries and PV that the feeder has of
its own are kept; what they do under the sun stands in `studies.feeder_ders`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tieline.devices import Batteries, PvInverters
from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.feeders.elements import Load, Pv, Storage
from tieline.network import Network
from tieline.network.attach import site_loads, with_pv_sites
from tieline.network.devices import der_rows
from tieline.network.scatter import sum_columns
from tieline.network.topology import Tree, paths_from, tree_from_source
from tieline.network.voltage_points import VoltagePoints, voltage_points
from tieline.powerflow import Solution, solve
from tieline.powerflow.options import Controls
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.world.days import Day
from tieline.studies.feeder_ders import ders_over_time
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Plant:
    """What every case shares.

    Attributes:
        feeder: as it was given, without the PV and the batteries of the study.
        network: the feeder with PV and batteries.
        batteries: ratings, in the order of the network's storages.
        stored_kwh: at the start, and due again at the end, (battery,) [kWh].
        battery_bus, load_bus, pv_bus: position in `feeder.buses`, (battery,), (load,), (pv,).
        pv_kw: peak power, (pv,) [kW].
        reverse_limit_kw: most that each bus may feed back, theta, (bus,) [kW].
        points: voltages that limits apply to.
        taps, capacitor_steps: positions held, (regulator,), (capacitor,); None stands for those that the feeder states.
    """

    feeder: Feeder
    network: Network
    batteries: Batteries
    stored_kwh: FloatArray
    battery_bus: IntArray
    load_bus: IntArray
    pv_bus: IntArray
    pv_kw: FloatArray
    reverse_limit_kw: FloatArray
    points: VoltagePoints
    taps: IntArray | None
    capacitor_steps: FloatArray | None

    @property
    def n_buses(self) -> int:
        """Number of buses."""
        return len(self.feeder.buses)

    @property
    def n_batteries(self) -> int:
        """Number of batteries."""
        return len(self.battery_bus)

    @property
    def bus_names(self) -> list[str]:
        """In the order of `feeder.buses`."""
        return [bus.name for bus in self.feeder.buses]

    @cached_property
    def is_radial_equivalent(self) -> bool:
        """Whether the feeder is a radial single-phase equivalent: more load at any bus lowers every voltage."""
        is_radial = not tree_from_source(self.feeder).loops
        return self.feeder.single_phase_equivalent and is_radial

    @cached_property
    def battery_share(self) -> FloatArray:
        """Part of its bus' battery power that each battery has, (battery,)."""
        battery_kw = self.batteries.charge_max_kw
        total_kw = self.bus_battery_kw[self.battery_bus]
        no_share = np.zeros(self.n_batteries)
        return np.divide(battery_kw, total_kw, out=no_share, where=total_kw > 0)

    @cached_property
    def _position(self) -> dict[str, int]:
        return _positions(self.feeder)

    def positions(self, buses: Sequence[str]) -> IntArray:
        """Where buses stand in `feeder.buses`, (bus,)."""
        return np.array([self._position[bus] for bus in buses], dtype=np.int64)

    @cached_property
    def _paths(self) -> dict[str, Tree]:
        return {}

    def paths_from(self, bus: str) -> Tree:
        """The paths from a bus to every other (`topology.paths_from`), worked out once: regions have the same few entries."""
        if bus not in self._paths:
            self._paths[bus] = paths_from(self.feeder, bus)
        return self._paths[bus]

    @property
    def battery_der(self) -> IntArray:
        """Where the batteries stand among the network's DERs, (battery,)."""
        # DERs are listed kind by kind: PV, storages, generators
        return len(self.pv_kw) + np.arange(self.n_batteries)

    @property
    def bus_battery_kw(self) -> FloatArray:
        """Rated power of the batteries at each bus, (bus,) [kW]."""
        return self.bus_total(self.batteries.charge_max_kw)

    def by_bus(self, of_batteries: FloatArray) -> FloatArray:
        """Sum of the batteries at each bus, (step, battery) -> (step, bus)."""
        return sum_columns(of_batteries, self.battery_bus, self.n_buses)

    def bus_total(self, of_batteries: FloatArray) -> FloatArray:
        """Sum of the batteries at each bus, (battery,) -> (bus,)."""
        return self.by_bus(of_batteries[None, :])[0]

    def by_battery(self, of_buses: FloatArray) -> FloatArray:
        """Each battery's part of what its bus has, (step, bus) -> (step, battery)."""
        return of_buses[:, self.battery_bus] * self.battery_share

    def surplus_kw(self, day: Day) -> FloatArray:
        """PV less load of every bus, (step, bus) [kW]."""
        pv_kw = sum_columns(
            day.sun_pu[:, None] * self.pv_kw,
            self.pv_bus,
            self.n_buses,
        )
        return pv_kw - sum_columns(day.load_kw, self.load_bus, self.n_buses)

    def ders(self, day: Day, injection_kw: FloatArray) -> tuple[FloatArray, FloatArray]:
        """P and Q of every DER, (step, der) each [kW, kvar]; `injection_kw` is that of the batteries, (step, battery), of which
        their idling loss never reaches the grid (`devices.storage_course`).
        """
        feeder = self.network.feeder
        der_kw, der_kvar = ders_over_time(feeder, day.sun_pu)
        idling_kw = np.array([unit.idling_kw for unit in feeder.storages])
        at_terminals_kw = injection_kw - idling_kw
        return der_rows(der_kw, self.battery_der, at_terminals_kw), der_kvar

    def idle_kw(self, day: Day) -> FloatArray:
        """The injection of batteries that do nothing, (step, battery) [kW]."""
        return np.zeros((day.n_steps, self.n_batteries))

    def replay(
        self, day: Day, injection_kw: FloatArray, controls: Controls = "off"
    ) -> Solution:
        """AC power flow of every step; scenario = step."""
        der_kw, der_kvar = self.ders(day, injection_kw)
        return solve(
            self.network,
            load_kw=day.load_kw,
            load_kvar=day.load_kvar,
            der_kw=der_kw,
            der_kvar=der_kvar,
            taps=self.taps,
            capacitor_steps=self.capacitor_steps,
            controls=controls,
        )

    def settle(self, day: Day) -> Solution:
        """The sunniest step with idle batteries and free regulators and capacitors, which come to rest."""
        sunniest = day.only(np.array([np.argmax(day.sun_pu)]))
        return self.replay(sunniest, self.idle_kw(sunniest), controls="feeder")

    def held_at(self, solution: Solution) -> Plant:
        """The plant with regulators and capacitors held where a solution has them."""
        return replace(
            self, taps=solution.taps[0], capacitor_steps=solution.capacitor_steps[0]
        )

    def bus_voltage_pu(self, solution: Solution) -> FloatArray:
        """Highest voltage at any point of each bus, (step, bus) [pu]; 0 where there is none, NaN in steps without a solution."""
        point_pu = self.points.magnitude_pu(solution.v_pu)
        # `maximum.at` gathers along the first axis, so buses and points come first for a moment
        highest_pu = np.zeros((self.n_buses, len(point_pu)))
        np.maximum.at(highest_pu, self.points.bus, point_pu.T)
        return highest_pu.T.copy()

    def lowest_voltage_pu(self, solution: Solution) -> FloatArray:
        """Lowest voltage at any point that has one, (step,) [pu]; NaN in steps without a solution."""
        point_pu = self.points.magnitude_pu(solution.v_pu)
        # points at 0 are those that no supply reaches
        return np.where(point_pu == 0, np.inf, point_pu).min(axis=1)


def make_plant(feeder: Feeder, config: BatteryConfig) -> Plant:
    """The feeder with PV and batteries as configured.

    Raises:
        InputError: if there is no battery anywhere, or no load to size PV by.
    """
    with_pv = with_pv_sites(feeder)
    storages = (*feeder.storages, *_batteries(feeder, config))
    if not storages:
        raise InputError(
            f"There is no battery anywhere on feeder '{feeder.name}': it has none of its own and --battery-pct is 0. Give "
            "--battery-pct, or a feeder with storages."
        )
    pvs = _rated(with_pv, feeder, config.pv_pct / 100)
    equipped = with_pv.replace(pvs=pvs, storages=storages)
    network = Network.from_feeder(equipped)
    position = _positions(feeder)

    def buses(elements: tuple) -> IntArray:
        return np.array([position[element.bus] for element in elements], dtype=np.int64)

    return Plant(
        feeder=feeder,
        network=network,
        batteries=Batteries.of(storages, config.soc_max_pct / 100),
        stored_kwh=np.array([storage.stored_kwh for storage in storages]),
        battery_bus=buses(storages),
        load_bus=buses(equipped.loads),
        pv_bus=buses(equipped.pvs),
        pv_kw=PvInverters.of(equipped.pvs).available_kw(1.0),
        reverse_limit_kw=_constant_limits_kw(feeder, config),
        points=voltage_points(network),
        taps=None,
        capacitor_steps=None,
    )


def _constant_limits_kw(feeder: Feeder, config: BatteryConfig) -> FloatArray:
    """The reverse power of each bus where one number is asked for; Thevenin equivalents follow when regulators are held."""
    limit_kw = config.reverse_limit_kw
    return np.full(len(feeder.buses), 0.0 if isinstance(limit_kw, str) else limit_kw)


def _positions(feeder: Feeder) -> dict[str, int]:
    return {bus.name: k for k, bus in enumerate(feeder.buses)}


def _rated(with_pv: Feeder, feeder: Feeder, share: float) -> tuple[Pv, ...]:
    """PV systems, those beside the loads rated at a share of them."""
    site_pvs = with_pv.pvs[len(feeder.pvs) :]
    rated = []
    for pv, load in zip(site_pvs, site_loads(feeder), strict=True):
        rated_kw = share * load.p_kw
        rated.append(replace(pv, rated_kw=rated_kw, inverter_kva=rated_kw))
    return (*feeder.pvs, *rated)


def _batteries(feeder: Feeder, config: BatteryConfig) -> list[Storage]:
    """A battery beside every load; none if their rating is 0."""
    if config.battery_pct == 0:
        return []
    return [_battery(load, config) for load in site_loads(feeder)]


def _battery(load: Load, config: BatteryConfig) -> Storage:
    rated_kw = config.battery_pct / 100 * load.p_kw
    energy_kwh = config.battery_hours * rated_kw
    efficiency = config.efficiency_pct / 100
    return Storage(
        f"battery_{load.name}",
        load.bus,
        load.nodes,
        load.connection,
        load.kv,
        rated_kw=rated_kw,
        energy_kwh=energy_kwh,
        inverter_kva=rated_kw,
        stored_kwh=config.initial_soc_pct / 100 * energy_kwh,
        reserve_kwh=config.soc_min_pct / 100 * energy_kwh,
        efficiency_charge=efficiency,
        efficiency_discharge=efficiency,
    )
