"""Who could assist a region: candidates at its worst step, ranked by tree search and by a scan.

Asked are buses below the limit with a battery whose charge lowers the region's highest voltage, by the derivative of the AC power
flow: on a feeder with phases charge on another phase may raise it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.agents.tree_search import Learned, SearchConfig
from tieline.errors import InputError
from tieline.powerflow import Solution
from tieline.powerflow.derivatives.gradients import adjoint_by_der_kw
from tieline.studies.battery.ways.assisting import (
    AssistingConfig,
    Candidates,
    exhaustive_ranking,
    find_candidates,
    learned_ranking,
    rank_correlation,
)
from tieline.studies.battery.world.plant import Plant
from tieline.studies.battery.world.question import Question
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

    @property
    def values_kw(self) -> list[float]:
        """What each of `buses` is worth, as learned [kW]."""
        return self.learned.value[self.learned.ranking].tolist()

    @property
    def correlation(self) -> float:
        """Kendall's tau between the two rankings."""
        return rank_correlation(self.exact, self.learned.ranking)


def rank_assisting(
    question: Question,
    solution_without_batteries: Solution,
    region: tuple[str, ...],
    critical: set[str],
) -> Ranking | None:
    """Candidates at a region's worst step and their ranking.

    Args:
        question: plant, day and limits.
        solution_without_batteries: power flow of the day with idle batteries.
        region: its buses, the entry first.
        critical: buses of any region; they are not asked.

    Returns:
        The ranking; None if no bus can assist.
    """
    plant = question.plant
    config = question.config
    step, point = _worst(plant, solution_without_batteries, region)
    # one more power flow, of that step alone: derivatives and path losses are those of its operating point
    solution = question.only(np.array([step])).replay_idle()
    helpful_kw = _helpful_kw(plant, solution, point).tolist()
    bus_kw = zip(plant.bus_names, helpful_kw, strict=True)
    offered_kw = {bus: kw for bus, kw in bus_kw if bus not in critical}
    settings = AssistingConfig(kappa=config.kappa, limit_pu=config.critical_pu)
    try:
        candidates = find_candidates(
            solution,
            region[0],
            offered_kw,
            settings,
            region,
            paths=plant.paths_from(region[0]),
        )
    except InputError:  # no bus with a battery is below the limit: a remark says so
        return None
    learned = learned_ranking(
        candidates, SearchConfig(episodes=config.episodes), config.seed
    )
    return Ranking(candidates, learned, exhaustive_ranking(candidates))


def _worst(
    plant: Plant, solution: Solution, region: tuple[str, ...]
) -> tuple[int, int]:
    """Step and voltage point of a region's highest voltage; steps without a solution have none."""
    points = plant.points
    is_in_region = np.isin(points.bus, plant.positions(region))
    point_pu = points.magnitude_pu(solution.v_pu)
    # a step without a solution is NaN, which would win every comparison
    region_pu = np.where(is_in_region, np.nan_to_num(point_pu), -np.inf)
    step, point = divmod(int(region_pu.argmax()), len(is_in_region))
    return step, point


def _helpful_kw(plant: Plant, solution: Solution, point: int) -> FloatArray:
    """Rated power of the batteries at each bus, 0 where their charge would not lower the voltage at a point, (bus,) [kW]."""
    fall = fall_by_battery(plant, solution, point)
    bus_fall = plant.bus_total(fall * plant.battery_share)
    return np.where(bus_fall > 0, plant.bus_battery_kw, 0.0)


def fall_by_battery(plant: Plant, solution: Solution, point: int) -> FloatArray:
    """Fall of the voltage at a point per kW that each battery charges, (battery,) [pu/kW]; of the first scenario."""
    incidences = plant.points.across(plant.network.n_nodes)
    incidence = incidences[[point]].toarray()[0]
    voltage = complex(incidence @ solution.v_pu[0])
    # the derivative of |v| points along v
    v_bar = np.zeros(solution.v_pu.shape, dtype=complex)
    v_bar[0] = incidence * voltage / abs(voltage)
    return adjoint_by_der_kw(solution, v_bar, plant.battery_der)[0]
