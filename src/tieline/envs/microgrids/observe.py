"""What each microgrid's agent sees before it decides: its own window, its devices, and the voltage at its door.

    load_ahead      own load in each step of the window over nominal
    sun_ahead       own PV in each step over rated, if it has any
    price_ahead     price of each step over the highest of the tariff
    stored_share    of each battery, (E - E_min) / (E_max - E_min)
    last_share      of each generator, the power before over the highest
    day_sine, day_cosine    of the hour at which the window begins
    pcc_voltage     before, (V - middle of the band) / half of the band: the mean of the phases where the meter is

All are of the size of one. Of its neighbours an agent sees what they do to the voltage at its door, nothing else.

Source: the article on networked microgrids, "state", has load and sun alone. An agent that knows neither price nor what it has
stored cannot decide well: one that runs its generator off-peak loses about a tenth of the day's cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tieline.envs.microgrids.microgrids import Microgrid
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.windows import Windows
from tieline.linear.blocks import apply
from tieline.network.voltage_points import VoltagePoints, voltage_points
from tieline.opf.meters import Meters
from tieline.powerflow import Solution
from tieline.typing import FloatArray, IntArray

HOURS_A_DAY = 24.0


@dataclass(frozen=True, eq=False)
class Observer:
    """The eyes of all agents of a plant.

    Attributes:
        plant: what is seen.
        views: which devices each agent sees, (microgrid,).
        points: voltages of the feeder.
        at_pcc: means over the points at each meter, (microgrid, point).
    """

    plant: Plant
    views: tuple[View, ...]
    points: VoltagePoints
    at_pcc: sparse.csr_array

    @classmethod
    def of(cls, plant: Plant) -> Observer:
        """Made once for a plant."""
        points = voltage_points(plant.network)
        views = [View.of(plant, microgrid) for microgrid in plant.microgrids]
        means = _means_at_pccs(plant, points)
        return cls(plant, tuple(views), points, means)

    def pcc_pu(self, solution: Solution) -> FloatArray:
        """Voltage at each meter, mean of its phases, (scenario, microgrid) [pu]; NaN without a solution."""
        v_pu = self.points.magnitude_pu(solution.v_pu)
        return apply(self.at_pcc, v_pu)

    def observe(self, windows: Windows) -> tuple[FloatArray, ...]:
        """What the agent of each microgrid sees, (window, entry) each."""
        plant = self.plant
        before = _devices_before(plant, windows)
        price = windows.price / plant.price_scale
        time = _time_of_day(windows.hour[:, 0])
        at_door = self._at_door(windows.start.pcc_pu)
        observations = []
        for k, view in enumerate(self.views):
            ahead = view.ahead(plant, windows)
            devices = before[:, view.devices]
            voltage = at_door[:, [k]]
            parts = [*ahead, price, devices, time, voltage]
            observations.append(np.hstack(parts))
        return tuple(observations)

    def names(self, n_steps: int) -> tuple[tuple[str, ...], ...]:
        """Names of the entries that each agent sees in windows of so many steps, (microgrid,)."""
        names = []
        for view, microgrid in zip(self.views, self.plant.microgrids, strict=True):
            entries = _names(self.plant, view, microgrid.name, n_steps)
            names.append(tuple(entries))
        return tuple(names)

    def _at_door(self, pcc_pu: FloatArray) -> FloatArray:
        """Voltages as places in the band, -1 at its lower edge and 1 at its upper one, (window, microgrid)."""
        low_pu, high_pu = self.plant.band_pu
        middle = (low_pu + high_pu) / 2
        half = (high_pu - low_pu) / 2
        return (pcc_pu - middle) / half


@dataclass(frozen=True, eq=False)
class View:
    """The devices of one microgrid.

    Attributes:
        loads, pvs: positions among loads and PV systems.
        devices: positions among all batteries, then all generators.
        nominal_kw, rated_kw: of its loads and of its PV together, 1 where that is nothing.
    """

    loads: IntArray
    pvs: IntArray
    devices: IntArray
    nominal_kw: float
    rated_kw: float

    @classmethod
    def of(cls, plant: Plant, microgrid: Microgrid) -> View:
        """What stands in a microgrid."""
        ders = microgrid.ders
        pvs = np.flatnonzero(np.isin(plant.pv_ders, ders))
        devices = np.concatenate([plant.battery_ders, plant.generator_ders])
        load_kw = plant.network.devices.p_kw[microgrid.loads]
        pv_kw = plant.pv.rated_kw[pvs]
        return cls(
            loads=microgrid.loads,
            pvs=pvs,
            devices=np.flatnonzero(np.isin(devices, ders)),
            nominal_kw=_divisor(load_kw.sum()),
            rated_kw=_divisor(pv_kw.sum()),
        )

    def ahead(self, plant: Plant, windows: Windows) -> Iterator[FloatArray]:
        """Load and sun in each step, (window, step) each; a microgrid without PV sees no sun."""
        load_kw = windows.load_kw[:, :, self.loads]
        yield load_kw.sum(axis=2) / self.nominal_kw
        if len(self.pvs) > 0:
            available_kw = plant.pv.available_kw(windows.sun)
            pv_kw = available_kw[:, :, self.pvs]
            yield pv_kw.sum(axis=2) / self.rated_kw


def _divisor(size: float) -> float:
    return float(size) if size > 0 else 1.0


def _devices_before(plant: Plant, windows: Windows) -> FloatArray:
    """Stored energy of all batteries and last power of all generators as shares of their ranges, (window, device)."""
    units = plant.batteries
    range_kwh = units.stored_max_kwh - units.stored_min_kwh
    above_kwh = windows.start.stored_kwh - units.stored_min_kwh
    # a battery held at one energy, a generator that may give nothing: 0
    stored = above_kwh / np.where(range_kwh > 0, range_kwh, np.inf)
    most_kw = plant.generators.p_max_kw
    power = windows.start.last_kw / np.where(most_kw > 0, most_kw, np.inf)
    return np.hstack([stored, power])


def _time_of_day(hour: FloatArray) -> FloatArray:
    """Sine and cosine, (window, 2): midnight has no edge."""
    angle = hour * (2 * np.pi / HOURS_A_DAY)
    return np.column_stack([np.sin(angle), np.cos(angle)])


def _names(plant: Plant, view: View, name: str, n_steps: int) -> Iterator[str]:
    """Entries in the order of `observe`."""
    series = [f"load_ahead of {name}", "price_ahead"]
    if len(view.pvs) > 0:
        series.insert(1, f"sun_ahead of {name}")
    for words in series:
        for step in range(1, n_steps + 1):
            yield f"{words} in step {step}"
    batteries = [f"stored_share of {unit}" for unit in plant.batteries.names]
    generators = [f"last_share of {unit}" for unit in plant.generators.names]
    of_devices = [*batteries, *generators]
    for device in view.devices:
        yield of_devices[device]
    yield "day_sine"
    yield "day_cosine"
    yield f"pcc_voltage of {name}"


def _means_at_pccs(plant: Plant, points: VoltagePoints) -> sparse.csr_array:
    """Means over the points of each meter's bus, (microgrid, point)."""
    network = plant.network
    gather = Meters.at(network, plant.pccs).gather
    # all conductors of a meter end at one bus: the first tells which
    first = gather.indptr[:-1]
    terminal = gather.indices[first]
    node = network.terminals.node[terminal]
    bus = network.node_bus[node]
    is_at_meter = np.equal.outer(bus, points.bus)
    count = is_at_meter.sum(axis=1)
    return sparse.csr_array(is_at_meter / count[:, None])
