"""The exact solution of a step, with relief where droop units would leave their range.

A unit above its range: load is dropped, of least weight first, until it is at the end of the range. Below it: injections are cut,
renewables first and then all others, as inverters with frequency-droop (IEEE 1547-2018) do by themselves at high frequency. How
much is found step by step: units share a change by the inverse of their slopes, and what losses change is found in the next
solution.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from tieline.devices import DroopSettings
from tieline.envs.restoration.step.classes import share_taken
from tieline.opf.restoration.plant import IslandPlant
from tieline.powerflow.island import Island, IslandSolution, solve_island
from tieline.typing import BoolArray, FloatArray, IntArray

TOLERANCE_KW = 1e-3
"""A unit this close to the end of its range is at the end: a watt is far below what a meter tells, and above what the error of a
power flow makes of a stiff connection.
"""

MOST_ROUNDS = 30
"""Each round leaves of the miss what losses change by, a few percent; beyond this many, load and loss grow together."""


class PowerRange(NamedTuple):
    """Lowest and highest P of each droop unit, (scenario, unit) [kW]."""

    low: FloatArray
    high: FloatArray


class Relief(NamedTuple):
    """Load to drop and injection to cut, (scenario,) [kW]."""

    dropped_kw: FloatArray
    cut_kw: FloatArray


@dataclass(frozen=True)
class Demand:
    """What is asked of an island before relief.

    Attributes:
        plant: loads, their weights, and which DERs are renewables.
        island: held by the units that run.
        settings: their droop laws, (scenario, unit).
        limits: their range.
        served: share of each load, (scenario, load).
        der_kw, der_kvar: injections, (scenario, der) [kW, kvar].
    """

    plant: IslandPlant
    island: Island
    settings: DroopSettings
    limits: PowerRange
    served: FloatArray
    der_kw: FloatArray
    der_kvar: FloatArray

    def of_scenarios(self, rows: IntArray) -> Demand:
        """Some of the scenarios."""
        return replace(
            self,
            settings=DroopSettings(*(column[rows] for column in self.settings)),
            limits=PowerRange(self.limits.low[rows], self.limits.high[rows]),
            served=self.served[rows],
            der_kw=self.der_kw[rows],
            der_kvar=self.der_kvar[rows],
        )

    @property
    def load_kw(self) -> FloatArray:
        """What each load asks for, (scenario, load) [kW]."""
        return self.served * self.plant.load_kw

    def solved(self, relief: Relief) -> Relieved:
        """The island with that much load dropped and injection cut."""
        plant = self.plant
        dropped = share_taken(relief.dropped_kw, self.load_kw, plant.load_weight)
        cut = share_taken(relief.cut_kw, self.der_kw, _cut_rank(plant))
        served = self.served * (1 - dropped)
        der_kw = self.der_kw * (1 - cut)
        solution = solve_island(
            self.island,
            load_kw=served * plant.load_kw,
            load_kvar=served * plant.load_kvar,
            der_kw=der_kw,
            der_kvar=self.der_kvar,
            **self.settings._asdict(),
        )
        return Relieved(self, relief, solution, served, der_kw)


@dataclass(frozen=True)
class Relieved:
    """A demand after relief, and the solution with what is on.

    Attributes:
        demand, relief: what was asked, and how much of it is not on.
        solution: the island.
        served: share of each load that is on, (scenario, load).
        der_kw: injections, (scenario, der) [kW].
    """

    demand: Demand
    relief: Relief
    solution: IslandSolution
    served: FloatArray
    der_kw: FloatArray

    @property
    def over_kw(self) -> FloatArray:
        """Load to drop beyond what is, or, below 0, to give back, (scenario,) [kW]."""
        return self._miss(self.solution.p_kw - self.demand.limits.high)

    @property
    def under_kw(self) -> FloatArray:
        """The same of injections to cut."""
        return self._miss(self.demand.limits.low - self.solution.p_kw)

    @property
    def fits(self) -> BoolArray:
        """All droop units are within their range, (scenario,)."""
        is_inside = np.maximum(self.over_kw, self.under_kw) <= TOLERANCE_KW
        return is_inside & self.solution.converged

    @property
    def is_settled(self) -> BoolArray:
        """Relief is as large as needed and no larger, or can grow no more, (scenario,)."""
        demand = self.demand
        dropped_kw, cut_kw = self.relief
        is_dropped = _is_settled(self.over_kw, dropped_kw, demand.load_kw)
        is_cut = _is_settled(self.under_kw, cut_kw, demand.der_kw)
        return is_dropped & is_cut

    def next_relief(self) -> Relief:
        """Relief corrected by what it missed; what went too far is given back."""
        dropped_kw, cut_kw = self.relief
        return Relief(
            np.maximum(dropped_kw + self.over_kw, 0.0),
            np.maximum(cut_kw + self.under_kw, 0.0),
        )

    def _miss(self, beyond_kw: FloatArray) -> FloatArray:
        """Change of load that brings the unit farthest outside its range to its end; 0 where there is no solution."""
        shares = change_shares(self.demand.island.units.settings)
        # no change of load moves a unit beside a stiff one
        units = np.flatnonzero(shares > 0)
        by_unit = beyond_kw[:, units] / shares[units]
        largest = by_unit.max(axis=1)
        return np.nan_to_num(largest)


def relieve(demand: Demand) -> Relieved:
    """Solve an island, dropping load or cutting injections where its droop units would leave their range."""
    # what no unit can deliver is dropped before the first solution, which might have no voltages otherwise
    net_kw = demand.load_kw.sum(axis=1) - demand.der_kw.sum(axis=1)
    beyond_kw = net_kw - demand.limits.high.sum(axis=1)
    relief = Relief(np.maximum(beyond_kw, 0.0), np.zeros(len(net_kw)))
    relieved = demand.solved(relief)
    rows = np.flatnonzero(~relieved.is_settled)
    if not rows.size:
        return relieved
    # most scenarios fit at once, and need not be solved again and again with those that do not
    part = relieved.next_relief()
    start = Relief(part.dropped_kw[rows], part.cut_kw[rows])
    few = _searched(demand.of_scenarios(rows), start)
    relief.dropped_kw[rows] = few.dropped_kw
    relief.cut_kw[rows] = few.cut_kw
    return demand.solved(relief)


def _searched(demand: Demand, relief: Relief) -> Relief:
    """The relief at which every scenario is settled, or the last one tried."""
    for _ in range(MOST_ROUNDS):
        relieved = demand.solved(relief)
        is_settled = relieved.is_settled
        if is_settled.all():
            break
        corrected = relieved.next_relief()
        # settled ones stay while others are searched
        relief = Relief(
            np.where(is_settled, relief.dropped_kw, corrected.dropped_kw),
            np.where(is_settled, relief.cut_kw, corrected.cut_kw),
        )
    return relief


def change_shares(settings: DroopSettings) -> FloatArray:
    """Share of a change of load that each unit takes, (unit,): by the inverse of its slope, or all on one that is stiff."""
    slope = settings.f_droop_hz_per_mw
    is_stiff = slope == 0
    if is_stiff.any():
        return is_stiff.astype(float)
    inverse = 1 / slope
    return inverse / inverse.sum()


def _is_settled(
    miss_kw: FloatArray, relief_kw: FloatArray, size_kw: FloatArray
) -> BoolArray:
    size_kw = np.maximum(size_kw, 0.0)
    is_exact = np.abs(miss_kw) <= TOLERANCE_KW
    # below its range's end a unit needs no relief, and none can be given back
    is_idle = relief_kw == 0
    is_idle &= miss_kw <= TOLERANCE_KW
    is_spent = relief_kw >= size_kw.sum(axis=1)
    is_spent &= miss_kw > 0
    return is_exact | is_idle | is_spent


def _cut_rank(plant: IslandPlant) -> FloatArray:
    """Renewables are cut first, (der,): the fuel and the stored energy of others would be wanted later."""
    rank = np.ones(len(plant.q_max_kvar))
    # nothing is saved by keeping what the next hour brings anyway
    rank[plant.renewable_ders] = 0.0
    return rank
