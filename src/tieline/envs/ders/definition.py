"""`Definition`: the feeder and the devices of a task, from `ders141.toml`, which is published, or `ders123.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from tieline.devices.rebound_load import ReboundLoads, equal_parts
from tieline.feeders import Feeder, load_feeder
from tieline.feeders.elements import Load
from tieline.network.attach import with_loads_at, with_pv_at


class BatteryRatings(BaseModel):
    """Batteries that are all alike; `efficiency` each way, states of charge as shares of the energy."""

    model_config = ConfigDict(frozen=True)

    buses: tuple[str, ...]
    rated_kw: float
    energy_kwh: float
    inverter_kva: float
    efficiency: float
    soc_min: float
    soc_max: float
    soc_first: float


class PvRatings(BaseModel):
    """PV systems that are all alike."""

    model_config = ConfigDict(frozen=True)

    buses: tuple[str, ...]
    rated_kw: float
    inverter_kva: float


class FlexibleRatings(BaseModel):
    """Flexible loads that are all alike: the cap, for curtailing and again for shifting, and steps over which a shift returns."""

    model_config = ConfigDict(frozen=True)

    buses: tuple[str, ...]
    cap_kw: float
    rebound_steps: int


class Definition(BaseModel):
    """What the task plays on; `lowest_pu` and `highest_pu` are limits of every voltage."""

    model_config = ConfigDict(frozen=True)

    feeder: str
    lowest_pu: float
    highest_pu: float
    batteries: BatteryRatings
    pvs: PvRatings
    flexible_loads: FlexibleRatings

    def make_feeder(
        self, *, kva_as_kw: bool, pv_factor: float, kva_factor: float
    ) -> Feeder:
        """The feeder with its devices.

        Args:
            kva_as_kw: read the apparent power of every load as its active power, and none as reactive, as published.
            pv_factor, kva_factor: of the ratings of panels and of their inverters.
        """
        feeder = load_feeder(self.feeder)
        if kva_as_kw:
            feeder = feeder.replace(loads=tuple(_misread(one) for one in feeder.loads))
        feeder = _with_empty_loads(feeder, self.flexible_loads.buses)
        pvs = self.pvs
        count = len(pvs.buses)
        rated_kw = [pv_factor * pvs.rated_kw] * count
        inverter_kva = [kva_factor * pvs.inverter_kva] * count
        feeder = with_pv_at(feeder, pvs.buses, rated_kw, inverter_kva)
        units = self.batteries
        for bus in units.buses:
            feeder = feeder.with_battery(
                bus,
                units.rated_kw,
                units.energy_kwh,
                kva=units.inverter_kva,
                stored_kwh=units.soc_first * units.energy_kwh,
                reserve_kwh=units.soc_min * units.energy_kwh,
                efficiency_charge=units.efficiency,
                efficiency_discharge=units.efficiency,
            )
        return feeder

    def make_flexible_loads(self, *, within_load: bool) -> ReboundLoads:
        """The flexible loads, named by their buses; `within_load` as in `ReboundLoads`."""
        ratings = self.flexible_loads
        kernel = equal_parts(ratings.rebound_steps)
        return ReboundLoads.make(
            ratings.buses,
            ratings.cap_kw,
            ratings.cap_kw,
            kernel,
            within_load=within_load,
        )


@cache
def ders141() -> Definition:
    """The definition of the task on 141 buses."""
    return _read("ders141.toml")


@cache
def ders123() -> Definition:
    """The definition of the task on 123 nodes."""
    return _read("ders123.toml")


def _read(name: str) -> Definition:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return Definition.model_validate(tomllib.loads(text))


def _misread(load: Load) -> Load:
    return replace(load, p_kw=float(np.hypot(load.p_kw, load.q_kvar)), q_kvar=0.0)


def _with_empty_loads(feeder: Feeder, buses: tuple[str, ...]) -> Feeder:
    """The feeder with a load of nothing at those buses that have none: a flexible load stands at a load."""
    loaded = {load.bus for load in feeder.loads}
    empty = [bus for bus in buses if bus not in loaded]
    no_kw = [0.0] * len(empty)
    return with_loads_at(feeder, empty, no_kw, no_kw)
