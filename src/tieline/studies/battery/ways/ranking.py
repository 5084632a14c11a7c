"""Who could assist a region: candidates at its worst step, ranked by tree search and by a scan.

Asked are buses below the limit with a battery whose charge lowers the region's highest voltage; on a feeder with phases charge on
another phase may raise it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.agents.tree_search import Learned, SearchConfig
from tieline.errors import InputError
from tieline.powerflow import Solution
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.ways.assisting import (
    AssistingConfig,
    Candidates,
    exhaustive_ranking,
    find_candidates,
    learned_ranking,
)
from tieline.studies.battery.ways.influence import fall_by_battery
from tieline.studies.battery.world.days import Day
from tieline.studies.battery.world.plant import Plant
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Ranking:
    """The candidates, as tree search ranks them (`learned`) and as a scan does (`exact`)."""

    candidates: Candidates
    learned: Learned
    exact: IntArray

    @property
    def buses(self) -> list[str]:
        """Names of the candidates, best first as learned."""
        return [self.candidates.tree.states[state] for state in self.learned.ranking]


def rank_assisting(
    plant: Plant,
    day: Day,
    without: Solution,
    config: BatteryConfig,
    region: tuple[str, ...],
    critical: set[str],
) -> Ranking | None:
    """Candidates at the region's worst step and their ranking; None if no bus can assist. Critical buses are not asked."""
    step, point = _worst(plant, without, region)
    here = plant.replay(day.only(np.array([step])), np.zeros((1, len(plant.battery_bus))))
    capacity_kw = _helpful_kw(plant, here, point)
    offered = {
        bus.name: float(kw)
        for bus, kw in zip(plant.own.buses, capacity_kw, strict=True)
        if bus.name not in critical
    }
    settings = AssistingConfig(kappa=config.kappa, limit_pu=config.critical_pu)
    try:
        candidates = find_candidates(here, region[0], offered, settings, region)
    except InputError:  # no bus with a battery is below the limit: a remark says so
        return None
    learned = learned_ranking(candidates, SearchConfig(episodes=config.episodes), config.seed)
    return Ranking(candidates, learned, exhaustive_ranking(candidates))


def _worst(plant: Plant, without: Solution, region: tuple[str, ...]) -> tuple[int, int]:
    """Step and voltage point of a region's highest voltage; steps without a solution have none."""
    mine = np.flatnonzero(np.isin(plant.points.bus, plant.positions(region)))
    v_pu = np.nan_to_num(plant.points.magnitude_pu(without.v_pu)[:, mine])
    step, at = np.unravel_index(v_pu.argmax(), v_pu.shape)
    return int(step), int(mine[at])


def _helpful_kw(plant: Plant, here: Solution, point: int) -> FloatArray:
    """Rated power of the batteries at each bus, 0 where their charge would not lower the voltage at a point, (bus,) [kW]."""
    fall = fall_by_battery(plant, here, point) * plant.battery_share
    of_bus = plant.by_bus(np.stack([fall, plant.batteries.charge_max_kw]))
    return np.where(of_bus[0] > 0, of_bus[1], 0.0)
