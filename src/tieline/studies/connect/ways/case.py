"""`Case`: a plant at its place as one way of connecting it has it: its power flows, what the limits say, how much would fit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.powerflow import Solution
from tieline.studies.gauges import Gauge
from tieline.studies.siting.base import Base
from tieline.studies.siting.capacity import find_capacity
from tieline.studies.siting.flows import Way, read_plants, solve_plants
from tieline.studies.siting.setting import Setting
from tieline.typing import BoolArray, FloatArray

SITE = np.zeros(1, dtype=np.int64)
"""The plant's site is the only one of its setting."""


@dataclass(frozen=True, eq=False)
class Flow:
    """The plant in one situation.

    Attributes:
        base: the situation without it.
        solution: the power flow with it, one scenario.
        readings: of each gauge, (place,) each.
    """

    base: Base
    solution: Solution
    readings: tuple[FloatArray, ...]

    @property
    def is_solved(self) -> bool:
        """Whether there is a power flow."""
        return bool(self.solution.converged[0])


@dataclass(frozen=True, eq=False)
class Case:
    """Attributes:
    setting: the feeder with the plant's site, the only one.
    way: how the plant makes its reactive power.
    kw: its size.
    flows: the plant in each situation.
    """

    setting: Setting
    way: Way
    kw: float
    flows: tuple[Flow, ...]

    @property
    def is_solved(self) -> bool:
        """Whether there is a power flow in every situation."""
        return all(flow.is_solved for flow in self.flows)

    @property
    def holds(self) -> bool:
        """Whether every limit holds in every situation."""
        if not self.is_solved:
            return False
        return not any(
            self.breaks(flow, k).any()
            for flow in self.flows
            for k in range(len(self.setting.gauges))
        )

    def breaks(self, flow: Flow, k: int) -> BoolArray:
        """Places at which a gauge's limit breaks, (place,)."""
        return self.excess(flow, k) > self.gauge(k).slack

    def excess(self, flow: Flow, k: int) -> FloatArray:
        """How far each place is beyond its number, (place,) in the unit of the gauge; NaN without a reading."""
        return self.gauge(k).kind.side * (flow.readings[k] - flow.base.bounds[k])

    def gauge(self, k: int) -> Gauge:
        """The gauge of a limit."""
        return self.setting.gauges[k]

    def capacity(self) -> pd.Series:
        """How much fits, a row of `siting.capacity.find_capacity`."""
        # of a single site every limit is worth knowing
        table = find_capacity(self.setting, self.way, self.kw, reach=math.inf)
        return table.iloc[0]


def make_case(setting: Setting, way: Way, kw: float) -> Case:
    """Solve the plant in every situation."""
    size_kw = np.array([kw])
    flows = []
    for base in setting.bases:
        solution = solve_plants(setting, base, SITE, size_kw, way)
        rows = read_plants(setting, base, solution, SITE)
        readings = tuple(values[0] for values in rows)
        flows.append(Flow(base, solution, readings))
    return Case(setting, way, kw, tuple(flows))
