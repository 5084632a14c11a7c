"""`Records`: what is kept of every step and of every place, while the voltages themselves come and go block by block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.network import Network
from tieline.network.voltage_points import VoltagePoints
from tieline.powerflow import Outcome, Solution
from tieline.powerflow.solution_tables import totals_table
from tieline.studies.gauges import LOADING_OF, Gauge
from tieline.typing import BoolArray, FloatArray, IntArray


class Extremes:
    """Lowest, highest and mean of a row of places over steps, and when; steps without a value are passed over."""

    def __init__(self, n_places: int) -> None:
        self.lowest = np.full(n_places, np.inf)
        self.highest = np.full(n_places, -np.inf)
        self.step_of_lowest = np.zeros(n_places, dtype=np.int64)
        self.step_of_highest = np.zeros(n_places, dtype=np.int64)
        self._total = np.zeros(n_places)
        self._count = np.zeros(n_places, dtype=np.int64)

    def add(self, values: FloatArray, first_step: int) -> None:
        """Take the values of some steps in a row, (step, place)."""
        is_known = np.isfinite(values)
        self._total += np.where(is_known, values, 0.0).sum(axis=0)
        self._count += is_known.sum(axis=0)
        low = np.where(is_known, values, np.inf)
        high = np.where(is_known, values, -np.inf)
        places = np.arange(values.shape[1])
        at_low = low.argmin(axis=0)
        at_high = high.argmax(axis=0)
        is_lower = low[at_low, places] < self.lowest
        is_higher = high[at_high, places] > self.highest
        self.lowest[is_lower] = low[at_low, places][is_lower]
        self.highest[is_higher] = high[at_high, places][is_higher]
        self.step_of_lowest[is_lower] = first_step + at_low[is_lower]
        self.step_of_highest[is_higher] = first_step + at_high[is_higher]

    @property
    def is_known(self) -> BoolArray:
        """Places with a value in any step, (place,)."""
        return self._count > 0

    @property
    def mean(self) -> FloatArray:
        """Mean over the steps, (place,); NaN without a value."""
        means = np.full(len(self._total), np.nan)
        return np.divide(self._total, self._count, out=means, where=self.is_known)


@dataclass(eq=False)
class Breaks:
    """Where and when one limit breaks: steps per place, (place,), the first of them, and places per step, (step,)."""

    gauge: Gauge
    extremes: Extremes
    steps: IntArray
    first_step: IntArray
    places: IntArray

    def add(self, steps: slice, values: FloatArray) -> None:
        """Take the readings of some steps in a row, (step, place)."""
        self.extremes.add(values, steps.start)
        side = self.gauge.kind.side
        # NaN breaks nothing: a place without an answer is not judged
        breaking = side * (values - self.gauge.limit) > 0
        is_new = (self.steps == 0) & breaking.any(axis=0)
        first = steps.start + breaking.argmax(axis=0)
        self.first_step[is_new] = first[is_new]
        self.steps += breaking.sum(axis=0)
        self.places[steps] = breaking.sum(axis=1)


class Records:
    """Everything that outlives a block.

    `totals`: of every step, see `totals_table`. `taps`, `steps_in`: positions at the end of every step. `voltages`, `loadings`:
    extremes of voltage points and of elements. `breaks`: one for each limit. `broken_buses`: buses with a broken voltage limit in
    each step.
    """

    def __init__(
        self,
        network: Network,
        points: VoltagePoints,
        gauges: tuple[Gauge, ...],
        times: pd.DatetimeIndex,
    ) -> None:
        n_steps = len(times)
        self.points = points
        self.times = times
        self.voltages = Extremes(len(points.names))
        self.loadings = Extremes(len(network.elements))
        self.breaks = [_no_breaks(gauge, n_steps) for gauge in gauges]
        self.broken_buses = np.zeros(n_steps, dtype=np.int64)
        self.taps = np.zeros((n_steps, len(network.feeder.regulators)), dtype=np.int64)
        self.steps_in = np.zeros((n_steps, len(network.feeder.capacitors)))
        self.outcome = np.zeros(n_steps, dtype=np.int64)
        self.highest_loading_pct = {
            kind: np.full(n_steps, np.nan) for kind in LOADING_OF.values()
        }
        self._columns = {
            kind: [k for k, (of, _) in enumerate(network.elements) if of == kind]
            for kind in LOADING_OF.values()
        }
        self._totals: list[pd.DataFrame] = []

    @property
    def totals(self) -> pd.DataFrame:
        """Powers and extremes of every step."""
        return pd.concat(self._totals, ignore_index=True)

    @property
    def is_solved(self) -> BoolArray:
        """Steps with an answer, (step,)."""
        return self.outcome == Outcome.CONVERGED

    @property
    def n_dead(self) -> int:
        """Voltage points without supply in all steps that have an answer."""
        if not self.is_solved.any():
            return 0
        return int(np.count_nonzero(~self.voltages.is_known))

    def add(self, steps: slice, solution: Solution) -> None:
        """Take the solution of some steps in a row."""
        point_pu = self.points.magnitude_pu(solution.v_pu)
        # a point without voltage is no low one
        point_pu = np.where(point_pu > 0, point_pu, np.nan)
        self.voltages.add(point_pu, steps.start)
        self.loadings.add(solution.loading_pct, steps.start)
        self.taps[steps] = solution.taps
        self.steps_in[steps] = np.round(solution.capacitor_steps)
        self.outcome[steps] = solution.outcome
        self._totals.append(totals_table(solution).drop(columns="scenario"))
        for kind, columns in self._columns.items():
            if columns:
                of_kind = solution.loading_pct[:, columns]
                self.highest_loading_pct[kind][steps] = np.fmax.reduce(of_kind, axis=1)
        for breaks in self.breaks:
            breaks.add(steps, breaks.gauge.read(solution, point_pu))
        self.broken_buses[steps] = self._count_buses(point_pu)

    def _count_buses(self, point_pu: FloatArray) -> IntArray:
        """Buses with a voltage beyond its limit, (step,)."""
        is_broken = np.zeros_like(point_pu, dtype=bool)
        for breaks in self.breaks:
            kind = breaks.gauge.kind
            if kind.is_voltage:
                is_broken |= kind.side * (point_pu - breaks.gauge.limit) > 0
        # points of a bus stand side by side
        _, starts = np.unique(self.points.bus, return_index=True)
        return np.logical_or.reduceat(is_broken, starts, axis=1).sum(axis=1)


def _no_breaks(gauge: Gauge, n_steps: int) -> Breaks:
    count = len(gauge.names)
    zeros = np.zeros(count, dtype=np.int64)
    places = np.zeros(n_steps, dtype=np.int64)
    return Breaks(gauge, Extremes(count), zeros, zeros.copy(), places)
