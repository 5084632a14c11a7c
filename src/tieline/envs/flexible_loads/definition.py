"""`Definition`: the feeder, the zones and the devices of a task, from its TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from tieline.devices.rebound_load import ReboundLoads, equal_parts
from tieline.feeders import Feeder, load_feeder
from tieline.feeders.elements import Load

FOLDER = Path(__file__).parent

EVERY_BUS = "*"
"""Among the buses of a zone: all that no zone before it has."""


class Devices(BaseModel):
    """Flexible loads: the cap at each bus, for curtailing and again for shifting [kW], and steps over which a shift returns."""

    model_config = ConfigDict(frozen=True)

    rebound_steps: int
    cap_kw: Mapping[str, float]


class Definition(BaseModel):
    """What a task of flexible loads plays on.

    Attributes:
        feeder: name of the feeder whose loads are changed.
        source_pu: voltage of its source.
        lowest_pu, highest_pu: limits of every voltage.
        load_factor: of all loads.
        bus_factor: of the loads at some buses, before each zone is brought back to its sum.
        zone_buses: buses of each zone; every bus with a load is in one.
        devices: the flexible loads.
    """

    model_config = ConfigDict(frozen=True)

    feeder: str
    source_pu: float
    lowest_pu: float
    highest_pu: float
    load_factor: float
    bus_factor: Mapping[str, float]
    zone_buses: Mapping[str, tuple[str, ...]]
    devices: Devices

    def make_feeder(self) -> Feeder:
        """The feeder with its loads as defined, which stand for their mean over time."""
        case = load_feeder(self.feeder)
        sources = tuple(replace(one, v_pu=self.source_pu) for one in case.sources)
        loads = {}
        for number in range(len(self.zone_buses)):
            before = [load for load in case.loads if self.zone_of(load.bus) == number]
            for load in _with_sum_of(self._scaled(before), before, self.load_factor):
                loads[load.name] = load
        in_order = tuple(loads[load.name] for load in case.loads)
        return case.replace(sources=sources, loads=in_order)

    def zone_of(self, bus: str) -> int:
        """Number of the zone of a bus."""
        is_in = [
            bus in buses or EVERY_BUS in buses for buses in self.zone_buses.values()
        ]
        return is_in.index(True)

    def make_devices(self, *, within_load: bool) -> ReboundLoads:
        """The flexible loads, named by their buses; `within_load` as in `ReboundLoads`."""
        cap_kw = list(self.devices.cap_kw.values())
        return ReboundLoads.make(
            list(self.devices.cap_kw),
            cap_kw,
            cap_kw,
            equal_parts(self.devices.rebound_steps),
            within_load=within_load,
        )

    def _scaled(self, loads: Sequence[Load]) -> list[Load]:
        """Loads times the factors of their buses."""
        scaled = []
        for load in loads:
            factor = self.bus_factor.get(load.bus, 1.0)
            scaled.append(_times(load, factor, factor))
        return scaled


@cache
def dso33() -> Definition:
    """The definition of the task on 33 buses."""
    return _read("dso33.toml")


@cache
def dso123() -> Definition:
    """The definition of the task on 123 nodes."""
    return _read("dso123.toml")


def _read(name: str) -> Definition:
    text = (FOLDER / name).read_text(encoding="utf-8")
    return Definition.model_validate(tomllib.loads(text))


def _with_sum_of(
    loads: Sequence[Load], before: Sequence[Load], factor: float
) -> list[Load]:
    """Loads times one number for P and one for Q, so that their sums are `factor` times those of `before`."""
    p_factor = factor * _sum_kw(before) / _sum_kw(loads)
    q_factor = factor * _sum_kvar(before) / _sum_kvar(loads)
    return [_times(load, p_factor, q_factor) for load in loads]


def _times(load: Load, p_factor: float, q_factor: float) -> Load:
    return replace(load, p_kw=p_factor * load.p_kw, q_kvar=q_factor * load.q_kvar)


def _sum_kw(loads: Sequence[Load]) -> float:
    return sum(load.p_kw for load in loads)


def _sum_kvar(loads: Sequence[Load]) -> float:
    return sum(load.q_kvar for load in loads)
