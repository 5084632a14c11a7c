"""The exact solution of a step, with relief where droop units would leave their range.

A unit above its range: load is dropped, of least weight first, until it is at the end of the range. Below it: injections are cut,
renewables first and then all others, as inverters do by themselves when frequency is high (IEEE 1547-2018, 6.5.2). How much is
found step by step: units share a change by the inverse of their slopes, and what losses change is found in the next solution.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tieline.devices import DroopSettings
from tieline.envs.restoration.classes import share_taken
from tieline.envs.restoration.plant import IslandPlant
from tieline.powerflow.island import Island, IslandSolution, solve_island
from tieline.typing import BoolArray, FloatArray

TOLERANCE_KW = 1e-6
"""A unit this close to the end of its range is at the end: far below what a meter tells, far above rounding."""

MOST_ROUNDS = 30
"""Each round leaves of the miss what losses change by, a few percent; beyond this many, load and loss grow together."""


class PowerRange(NamedTuple):
    """Lowest and highest P of each droop unit, (scenario, unit) [kW]."""

    low: FloatArray
    high: FloatArray


@dataclass(frozen=True)
class Relieved:
    """What is on after relief, and the solution with it.

    Attributes:
        solution: the island at what is on.
        served: share of each load, (scenario, load).
        der_kw: injections, (scenario, der) [kW].
        fits: all droop units are within their range, (scenario,).
    """

    solution: IslandSolution
    served: FloatArray
    der_kw: FloatArray
    fits: BoolArray


@dataclass
class _Relief:
    """Load to drop and injection to cut, (scenario,) [kW]."""

    dropped_kw: FloatArray
    cut_kw: FloatArray

    def correct(self, over_kw: FloatArray, under_kw: FloatArray) -> None:
        """Take what the last solution missed; a slip too far is given back."""
        self.dropped_kw = np.maximum(self.dropped_kw + over_kw, 0.0)
        self.cut_kw = np.maximum(self.cut_kw + under_kw, 0.0)


def relieve(
    plant: IslandPlant,
    island: Island,
    limits: PowerRange,
    served: FloatArray,
    injection: tuple[FloatArray, FloatArray],
) -> Relieved:
    """Solve an island, dropping load or cutting injections where its droop units would leave their range.

    Args:
        plant: loads and their weights.
        island: held by the units that run.
        limits: range of these units.
        served: share of each load that is asked for, (scenario, load).
        injection: P and Q of all DERs, (scenario, der) [kW, kvar].
    """
    der_kw, der_kvar = injection
    load_kw = served * plant.load_kw
    shares = change_shares(island.units.settings)
    # what no unit can deliver is dropped before the first solution, which might have no voltages otherwise
    net_kw = load_kw.sum(axis=1) - der_kw.sum(axis=1)
    beyond_kw = net_kw - limits.high.sum(axis=1)
    relief = _Relief(np.maximum(beyond_kw, 0.0), np.zeros(len(served)))
    rank = _cut_rank(plant)
    for _ in range(MOST_ROUNDS):
        on = served * (1 - share_taken(relief.dropped_kw, load_kw, plant.load_weight))
        injected_kw = der_kw * (1 - share_taken(relief.cut_kw, der_kw, rank))
        solution = solve_island(
            island,
            load_kw=on * plant.load_kw,
            load_kvar=on * plant.load_kvar,
            der_kw=injected_kw,
            der_kvar=der_kvar,
        )
        over_kw = _miss(solution.p_kw - limits.high, shares)
        under_kw = _miss(limits.low - solution.p_kw, shares)
        is_exact = _is_settled(over_kw, relief.dropped_kw, load_kw)
        is_exact &= _is_settled(under_kw, relief.cut_kw, der_kw)
        if is_exact.all():
            break
        # settled ones stay: they must not move while others are searched
        over_kw[is_exact] = 0.0
        under_kw[is_exact] = 0.0
        relief.correct(over_kw, under_kw)
    fits = (over_kw <= TOLERANCE_KW) & (under_kw <= TOLERANCE_KW)
    return Relieved(solution, on, injected_kw, fits & solution.converged)


def change_shares(settings: DroopSettings) -> FloatArray:
    """Share of a change of load that each unit takes, (unit,): by the inverse of its slope, or all on one that is stiff."""
    slope = settings.f_droop_hz_per_mw
    is_stiff = slope == 0
    if is_stiff.any():
        return is_stiff.astype(float)
    return (1 / slope) / (1 / slope).sum()


def _miss(beyond_kw: FloatArray, shares: FloatArray) -> FloatArray:
    """Change of load that brings the unit farthest outside its range to its end, (scenario,) [kW]; 0 without a solution."""
    moves = shares > 0
    by_unit = beyond_kw[:, moves] / shares[moves]
    return np.nan_to_num(by_unit.max(axis=1))


def _is_settled(
    miss_kw: FloatArray, relief_kw: FloatArray, size_kw: FloatArray
) -> BoolArray:
    """Whether a relief is as large as needed and no larger, or can grow no more."""
    whole_kw = np.maximum(size_kw, 0.0).sum(axis=1)
    is_spent = (relief_kw >= whole_kw) & (miss_kw > 0)
    is_idle = (relief_kw == 0) & (miss_kw <= TOLERANCE_KW)
    return is_spent | is_idle | (np.abs(miss_kw) <= TOLERANCE_KW)


def _cut_rank(plant: IslandPlant) -> FloatArray:
    """Renewables are cut first, (der,): their power costs no fuel that could be saved, yet nothing else is lost."""
    rank = np.ones(len(plant.q_max_kvar))
    rank[plant.renewable_ders] = 0.0
    return rank
