"""`Plant`: the feeder with PV and a battery beside every load, and which bus each belongs to.

A battery acts for its bus: batteries at one bus share its surplus by their rated power. Batteries and PV that the feeder has of
its own are kept; what they do under the sun stands in `studies.feeder_ders`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tieline.devices import Batteries, PvInverters
from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.feeders.elements import Load, Pv, Storage
from tieline.network import Network
from tieline.network.attach import site_loads, with_pv_sites
from tieline.network.devices import der_rows
from tieline.network.scatter import sum_columns
from tieline.network.voltage_points import VoltagePoints, voltage_points
from tieline.powerflow import Solution, solve
from tieline.powerflow.solve import Controls
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.world.days import Day
from tieline.studies.feeder_ders import ders_over_time
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Plant:
    """What every case shares.

    Attributes:
        own: the feeder as it was given.
        network: the feeder with PV and batteries.
        batteries: ratings, in the order of the network's storages.
        stored_kwh: at the start, (battery,) [kWh].
        battery_bus, load_bus, pv_bus: position in `own.buses`, (battery,), (load,), (pv,).
        pv_kw: peak power, (pv,) [kW].
        points: voltages that limits apply to.
        taps, capacitor_steps: positions held, (regulator,), (capacitor,); None stands for those that the feeder states.
    """

    own: Feeder
    network: Network
    batteries: Batteries
    stored_kwh: FloatArray
    battery_bus: IntArray
    load_bus: IntArray
    pv_bus: IntArray
    pv_kw: FloatArray
    points: VoltagePoints
    taps: IntArray | None
    capacitor_steps: FloatArray | None

    @property
    def n_buses(self) -> int:
        """Number of buses."""
        return len(self.own.buses)

    @property
    def battery_share(self) -> FloatArray:
        """Part of its bus' battery power that each battery has, (battery,)."""
        power = self.batteries.charge_max_kw
        at_bus = np.bincount(self.battery_bus, power, self.n_buses)[self.battery_bus]
        return np.divide(power, at_bus, out=np.zeros(len(power)), where=at_bus > 0)

    def positions(self, buses: Sequence[str]) -> IntArray:
        """Where buses stand in `own.buses`, (bus,)."""
        index = {bus.name: k for k, bus in enumerate(self.own.buses)}
        return np.array([index[bus] for bus in buses], dtype=np.int64)

    @property
    def battery_der(self) -> IntArray:
        """Where the batteries stand among the network's DERs, (battery,)."""
        return len(self.pv_kw) + np.arange(len(self.battery_bus))

    def by_bus(self, of_batteries: FloatArray) -> FloatArray:
        """Sum of the batteries at each bus, (step, battery) -> (step, bus)."""
        return sum_columns(of_batteries, self.battery_bus, self.n_buses)

    def surplus_kw(self, day: Day) -> FloatArray:
        """PV less load of every bus, (step, bus) [kW]."""
        pv = sum_columns(day.sun_pu[:, None] * self.pv_kw, self.pv_bus, self.n_buses)
        return pv - sum_columns(day.load_kw, self.load_bus, self.n_buses)

    def ders(self, day: Day, injection_kw: FloatArray) -> tuple[FloatArray, FloatArray]:
        """P and Q of every DER, (step, der) each [kW, kvar]; `injection_kw` is that of the batteries, (step, battery)."""
        der_kw, der_kvar = ders_over_time(self.network.feeder, day.sun_pu)
        return der_rows(der_kw, self.battery_der, injection_kw), der_kvar

    def replay(self, day: Day, injection_kw: FloatArray, controls: Controls = "off") -> Solution:
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

    def rest(self, day: Day) -> Solution:
        """The sunniest step with idle batteries, regulators and capacitors at rest."""
        sunniest = day.only(np.array([np.argmax(day.sun_pu)]))
        return self.replay(sunniest, np.zeros((1, len(self.battery_bus))), controls="feeder")

    def held_at(self, rest: Solution) -> Plant:
        """The plant with regulators and capacitors held where a solution has them."""
        return replace(self, taps=rest.taps[0], capacitor_steps=rest.capacitor_steps[0])

    def bus_voltage_pu(self, solution: Solution) -> FloatArray:
        """Highest voltage at any point of each bus, (step, bus) [pu]; 0 where there is none, NaN in steps without a solution."""
        at_points = self.points.magnitude_pu(solution.v_pu)
        highest = np.zeros((self.n_buses, len(at_points)))
        np.maximum.at(highest, self.points.bus, at_points.T)
        return highest.T.copy()

    def lowest_voltage_pu(self, solution: Solution) -> FloatArray:
        """Lowest voltage at any point that has one, (step,) [pu]; NaN in steps without a solution."""
        at_points = self.points.magnitude_pu(solution.v_pu)
        return np.where(at_points == 0, np.inf, at_points).min(axis=1)


def make_plant(own: Feeder, config: BatteryConfig) -> Plant:
    """The feeder with PV and batteries as configured.

    Raises:
        InputError: if there is no battery anywhere, or no load to size PV by.
    """
    with_pv = with_pv_sites(own)
    storages = (
        *own.storages,
        *(_battery(load, config) for load in site_loads(own) if config.battery_pct > 0),
    )
    if not storages:
        raise InputError(
            f"There is no battery anywhere on feeder '{own.name}': it has none of its own and --battery-pct is 0. Give "
            "--battery-pct, or a feeder with storages."
        )
    feeder = with_pv.replace(pvs=_rated(with_pv, own, config.pv_pct / 100), storages=storages)
    network, index = Network.from_feeder(feeder), {bus.name: k for k, bus in enumerate(own.buses)}

    def buses(elements: tuple) -> IntArray:
        return np.array([index[element.bus] for element in elements], dtype=np.int64)

    return Plant(
        own=own,
        network=network,
        batteries=Batteries.of(storages, config.soc_max_pct / 100),
        stored_kwh=np.array([storage.stored_kwh for storage in storages]),
        battery_bus=buses(storages),
        load_bus=buses(feeder.loads),
        pv_bus=buses(feeder.pvs),
        pv_kw=PvInverters.of(feeder.pvs).available_kw(1.0),
        points=voltage_points(network),
        taps=None,
        capacitor_steps=None,
    )


def _rated(with_pv: Feeder, own: Feeder, share: float) -> tuple[Pv, ...]:
    """PV systems, those beside the loads rated at a share of them."""
    sites = zip(with_pv.pvs[len(own.pvs) :], site_loads(own), strict=True)
    return (
        *own.pvs,
        *(
            replace(pv, rated_kw=share * load.p_kw, inverter_kva=share * load.p_kw)
            for pv, load in sites
        ),
    )


def _battery(load: Load, config: BatteryConfig) -> Storage:
    """The battery beside a load."""
    rated_kw = config.battery_pct / 100 * load.p_kw
    energy_kwh, efficiency = config.battery_hours * rated_kw, config.efficiency_pct / 100
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
