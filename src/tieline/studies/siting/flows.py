"""Power flows of plants of any size at any site in any situation, and how far they are from each limit.

A plant's reactive power follows its `Way`: a power factor, or a volt-var curve. The voltage step is that from the plant at work
to the plant tripped, with regulators and capacitors where they are with it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numba import get_num_threads

from tieline.powerflow import Solution, solve
from tieline.powerflow.feeder_inputs import FEEDER_INPUTS
from tieline.studies.inverters import KVA_PER_KW
from tieline.studies.siting.base import Base
from tieline.studies.siting.config import SitingConfig
from tieline.studies.siting.readings import read
from tieline.studies.siting.setting import Setting
from tieline.typing import BoolArray, FloatArray, IntArray

AT_ONCE = 1_000_000
"""Numbers of the largest array of power flows that are solved together, (row, node) or (row, site): 16 MB where complex, which
takes less time than larger ones, for the next step finds it in the cache.
"""


MOST_ITERATIONS = 40
"""Ten times what a power flow takes; one that takes more is at the edge of having none, and a search meets many of those."""


@dataclass(frozen=True)
class Way:
    """How a plant makes its reactive power: `power_factor` as in `SitingConfig`, or `volt_var` in its place."""

    power_factor: float = 1.0
    volt_var: bool = False

    @classmethod
    def of(cls, config: SitingConfig) -> Way:
        """As configured."""
        return cls(config.power_factor, config.inverter == "volt-var")

    @property
    def tangent(self) -> float:
        """Q over P."""
        return math.copysign(
            math.tan(math.acos(abs(self.power_factor))), self.power_factor
        )


@dataclass(frozen=True, eq=False)
class Cases:
    """Plants to be judged: index of site and situation, size [kW], (row,) each."""

    site: IntArray
    situation: IntArray
    kw: FloatArray

    def __len__(self) -> int:
        return len(self.kw)


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What limits say of cases, (row, gauge): `excess` beyond the number of the worst place, in the unit of the gauge, NaN
    without a solution; `place`, the index of the worst place.
    """

    excess: FloatArray
    place: IntArray

    @property
    def unsolved(self) -> BoolArray:
        """Rows without a power flow, (row,)."""
        return np.asarray(np.isnan(self.excess).any(axis=1))


def judge(setting: Setting, cases: Cases, way: Way) -> Verdicts:
    """Solve cases and read the limits."""
    shape = (len(cases), len(setting.gauges))
    excess = np.full(shape, np.nan)
    place = np.zeros(shape, dtype=np.int64)

    def judge_part(part: tuple[Base, IntArray]) -> None:
        base, rows = part
        site = cases.site[rows]
        verdicts = _judge_rows(setting, base, site, cases.kw[rows], way)
        excess[rows] = verdicts.excess
        place[rows] = verdicts.place

    parts = list(_parts(setting, cases))
    # the power flow has threads of its own; these are for reading the limits, which takes as long
    with ThreadPoolExecutor(min(get_num_threads(), max(len(parts), 1))) as pool:
        list(pool.map(judge_part, parts))
    return Verdicts(excess, place)


def _parts(setting: Setting, cases: Cases) -> Iterator[tuple[Base, IntArray]]:
    """Rows of one situation each that are solved together."""
    width = max(setting.network.n_nodes, len(setting.places))
    length = max(1, AT_ONCE // width)
    for k, base in enumerate(setting.bases):
        rows = np.flatnonzero(cases.situation == k)
        for first in range(0, len(rows), length):
            yield base, rows[first : first + length]


def solve_plants(
    setting: Setting, base: Base, site: IntArray, kw: FloatArray, way: Way
) -> Solution:
    """Power flows of one situation, a row for each plant."""
    controls = "off"
    if setting.acts:
        controls = "feeder"
    return _solve_from(setting, base, base.solution, site, kw, way, controls)


def _solve_from(
    setting: Setting,
    base: Base,
    positions: Solution,
    site: IntArray,
    kw: FloatArray,
    way: Way,
    controls: Literal["feeder", "off"],
) -> Solution:
    """The same with controls that stand, or start, where they are in `positions`, (1 or row); inverters follow their curves."""
    p_kw = base.situation.direction * kw
    network = setting.network
    q_kvar = way.tangent * p_kw
    if way.volt_var:
        network = setting.plant.with_curves
        q_kvar = np.zeros(len(kw))
    return solve(
        network,
        load_kw=base.load_kw,
        load_kvar=base.load_kvar,
        der_kw=_with_plants(setting, base.own_kw, site, p_kw),
        der_kvar=_with_plants(setting, base.own_kvar, site, q_kvar),
        der_kva=_ratings(setting, site, kw, way),
        inverters="feeder",
        taps=_one_or_all(positions.taps),
        capacitor_steps=_one_or_all(positions.capacitor_steps),
        # the plant is small beside the feeder: voltages without it are near
        start_pu=base.solution.v_pu[0],
        controls=controls,
        max_iterations=MOST_ITERATIONS,
    )


def _ratings(
    setting: Setting, site: IntArray, kw: FloatArray, way: Way
) -> FloatArray | None:
    """Ratings of the inverters that follow a curve, (row, der) [kVA]; None where the plants follow none."""
    if not way.volt_var:
        return None
    ratings = FEEDER_INPUTS["der_kva"].values(setting.network)
    return _with_plants(setting, ratings, site, KVA_PER_KW * kw)


def _one_or_all(rows: np.ndarray) -> np.ndarray:
    """A single row without its axis: it then holds for any number of scenarios."""
    if len(rows) == 1:
        return rows[0]
    return rows


def _with_plants(
    setting: Setting, of_ders: FloatArray, site: IntArray, of_plant: FloatArray
) -> FloatArray:
    """A number of every DER, that of the plant of each row at its site, (row, der)."""
    rows = np.tile(of_ders, (len(site), 1))
    column = setting.plant.sites.start + site
    rows[np.arange(len(site)), column] = of_plant
    return rows


def read_plants(
    setting: Setting, base: Base, solution: Solution, site: IntArray
) -> tuple[FloatArray, ...]:
    """Reading of each gauge in power flows of `solve_plants`, (row, place) each."""
    without_pu = _tripped_pu(setting, base, solution, site)
    return read(setting.gauges, setting.points, solution, without_pu)


def _tripped_pu(
    setting: Setting, base: Base, solution: Solution, site: IntArray
) -> FloatArray:
    """Voltages once the plants have tripped, (row or 1, point) [pu]."""
    if not setting.acts:
        return base.point_pu[None]
    nothing_kw = np.zeros(len(site))
    after = _solve_from(setting, base, solution, site, nothing_kw, Way(), "off")
    return setting.points.magnitude_pu(after.v_pu)


def _judge_rows(
    setting: Setting, base: Base, site: IntArray, kw: FloatArray, way: Way
) -> Verdicts:
    """Verdicts of plants in one situation."""
    solution = solve_plants(setting, base, site, kw, way)
    readings = read_plants(setting, base, solution, site)
    rows = np.arange(len(site))
    excess = []
    places = []
    for gauge, reading, bounds in zip(
        setting.gauges, readings, base.bounds, strict=True
    ):
        beyond = gauge.kind.side * (reading - bounds)
        # of a row without a solution any place is the first of its NaN
        worst = beyond.argmax(axis=1)
        excess.append(beyond[rows, worst])
        places.append(worst)
    return Verdicts(np.column_stack(excess), np.column_stack(places))
