"""How long a decision takes: the published cases, asked one after the other as the service does, without the way over HTTP.

battery              the steps of the published day, each with the account of the one before
battery, new loan    a step of it that has a loan decided anew for the rest of the day
microgrids           a step in the evening
reserve              a request
restoration          the steps of the published horizon, each from the island that the one before leaves
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any

import numpy as np

from tieline.envs.restoration.world import make_world
from tieline.feeders import load_feeder
from tieline.feeders.islands import read_island
from tieline.opf.restoration.state import first_state
from tieline.service.decisions.ask import decide
from tieline.service.decisions.restoration_state import RestorationReader
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.world.plant import make_plant
from tieline.studies.restoration.config import RestorationConfig

State = Mapping[str, Any]

STEPS_A_DAY = 96
"""Of the published day of batteries: quarter-hours."""

MICROGRIDS = range(1, 6)

EVENING: State = {
    "hour": 18.0,
    "price": [0.1] * 4,
    "load_pu": [0.9] * 4,
    "sun": [0.2] * 4,
    "stored_kwh": {f"mg{k}_battery": 50.0 for k in MICROGRIDS},
    "last_kw": {f"mg{k}_generator": 30.0 for k in MICROGRIDS},
    "pcc_pu": {f"mg{k}": 0.98 for k in MICROGRIDS},
}

REQUEST: State = {
    "capacity_kw": (200.0, 200.0, 150.0, 200.0),
    "bid_cents": (10.0, 12.0, 11.0, 14.0),
    "request_kw": 600.0,
}

AT_LEAST = 3
"""Decisions before those that are timed: the first ones read feeders and policies, and compile."""


@dataclass(frozen=True)
class DecisionTimes:
    """Times of decisions of one kind.

    Attributes:
        what: is decided.
        wall_ms, cpu_ms: of each, (decision,) [ms].
    """

    what: str
    wall_ms: tuple[float, ...]
    cpu_ms: tuple[float, ...]

    @property
    def median_ms(self) -> float:
        """Of the wall times [ms]."""
        return median(self.wall_ms)


def measure_decisions(count: int) -> tuple[DecisionTimes, ...]:
    """Decisions of the published cases, so many of each kind; of batteries as many steps of the day."""
    return (
        _timed("battery", _steps_of_a_day(), count),
        _timed("battery, new loan", _same("battery", _dawn()), count),
        _timed("microgrids", _same("microgrids", EVENING), count),
        _timed("reserve", _same("reserve", REQUEST), count),
        _timed("restoration", _steps_of_an_episode(), count),
    )


def _timed(what: str, decisions: Iterator[None], count: int) -> DecisionTimes:
    for _ in range(AT_LEAST):
        next(decisions)
    wall_ms = []
    cpu_ms = []
    for _ in range(count):
        wall = time.perf_counter()
        cpu = time.process_time()
        next(decisions)
        cpu_ms.append(1000 * (time.process_time() - cpu))
        wall_ms.append(1000 * (time.perf_counter() - wall))
    return DecisionTimes(what, tuple(wall_ms), tuple(cpu_ms))


@cache
def _dawn() -> State:
    """The published case before its first step."""
    config = BatteryConfig()
    plant = make_plant(load_feeder(config.feeder), config)
    names = plant.batteries.names
    return {
        "hour": 0.0,
        "stored_kwh": dict(zip(names, plant.stored_kwh.tolist(), strict=True)),
    }


def _same(study: str, state: State) -> Iterator[None]:
    """The same decision again and again."""
    while True:
        decide(study, state)
        yield


def _steps_of_a_day() -> Iterator[None]:
    """The steps of the published day but the first, which decides the loan; day after day."""
    first = decide("battery", _dawn())
    while True:
        answer = first
        for step in range(1, STEPS_A_DAY):
            account = {k: answer[k] for k in ("stored_kwh", "lent_kwh", "loan")}
            answer = decide("battery", {"hour": 24 * step / STEPS_A_DAY, **account})
            yield


def _steps_of_an_episode() -> Iterator[None]:
    """The steps of the published island, whose sun and wind fall short; one episode after the other."""
    config = RestorationConfig()
    world = make_world(config, read_island(config.feeder))
    start = RestorationReader(world).told(0, first_state(world.plant, 1))
    (actual_kw,) = world.actual_kw("late", np.zeros(1, dtype=np.int64))
    names = world.plant.renewables.names
    while True:
        island = start
        for step in range(config.steps):
            so_far_kw = actual_kw[: step + 1].T.tolist()
            measured_kw = dict(zip(names, so_far_kw, strict=True))
            answer = decide("restoration", {**island, "measured_kw": measured_kw})
            island = answer["after"]
            yield
