"""Which buses should lend battery capacity to a region in trouble: their value, and their ranking, scanned or learned.

    value = (1 - phi) capacity - kappa * path loss          [kW]
    phi   = 0 far from the voltage limit, 1 at the limit and above, rising evenly over the last `margin_pu`

The path runs between the region's entry bus and the bus. A bus at the limit and a bus of the region itself are never chosen, nor
is one without capacity. Eq. 4.25 applies 1 - phi to the whole reward. Here it discounts the capacity alone, because a reward
below zero, where losses outweigh the capacity, would gain by a discount; where phi is 0 the two agree.

Source: M. Al-Saffar, PhD thesis, University of Alberta, section 4.3, eq. 4.25 and table 4.2.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import Field

from tieline.agents.search_tree import SearchTree, grow
from tieline.agents.tree_search import Learned, SearchConfig, search_known
from tieline.errors import InputError, unknown_name_message
from tieline.feeders import Feeder
from tieline.network.topology import Tree, paths_from
from tieline.network.voltage_points import voltage_points
from tieline.powerflow import Solution
from tieline.powerflow.path_loss import path_loss_kw
from tieline.settings import Settings
from tieline.typing import FloatArray, IntArray

if TYPE_CHECKING:
    import pandas as pd


class AssistingConfig(Settings):
    """What a bus is worth."""

    # any kappa from 1.190 to 1.235 ranks the 29 buses of the published table 4.2 as it does
    kappa: float = Field(
        default=1.215,
        ge=0,
        description="Capacity that one kW of path loss outweighs [kW per kW].",
    )
    limit_pu: float = Field(
        default=1.05, gt=0, description="Voltage at which a bus may not lend [pu]."
    )
    # 0: in the published ranking buses keep their full value up to 0.0006 pu below the limit
    margin_pu: float = Field(
        default=0.0,
        ge=0,
        description="Width of the band below the limit in which capacity is discounted [pu].",
    )


@dataclass(frozen=True, eq=False)
class Candidates:
    """The buses that could assist one region, at one operating point.

    Attributes:
        tree: the paths from the entry bus to the candidates, which are its ends.
        capacity_kw: lendable capacity, (state,).
        path_loss_kw: losses on the path from the entry, (state,).
        limit_use: phi, (state,).
        value_kw: what lending is worth, (state,).
    """

    tree: SearchTree[str]
    capacity_kw: FloatArray
    path_loss_kw: FloatArray
    limit_use: FloatArray
    value_kw: FloatArray

    def reward(self, states: IntArray) -> FloatArray:
        """The value of ending at states, for `tree_search.search`, (walk,) [kW]."""
        return self.value_kw[states]


def limit_use(v_pu: FloatArray, limit_pu: float, margin_pu: float) -> FloatArray:
    """phi, how much of the margin below a voltage limit is used up: 0 to 1; with no margin 0 below the limit and 1 from it on."""
    if margin_pu == 0:
        return np.where(v_pu >= limit_pu, 1.0, 0.0)
    return np.clip(1 - (limit_pu - v_pu) / margin_pu, 0.0, 1.0)


def find_candidates(
    solution: Solution,
    entry: str,
    capacity_kw: Mapping[str, float],
    config: AssistingConfig,
    region: Collection[str] = (),
    scenario: int = 0,
    paths: Tree | None = None,
) -> Candidates:
    """Value every bus that could assist.

    Args:
        solution: the present operating point.
        entry: bus where help enters the region, such as the first of `topology.regions`.
        capacity_kw: lendable capacity by bus; a bus that is not named has none.
        config: how to value.
        region: the buses in trouble; the entry is one of them.
        scenario: which scenario of the solution.
        paths: those of `topology.paths_from` the entry; worked out if not given.

    Raises:
        InputError: if a bus is unknown, a capacity is negative or not finite, the scenario has no answer, or no bus can assist.
    """
    feeder = solution.network.feeder
    _require_answer(solution, scenario)
    capacity = _capacity_by_bus(feeder, capacity_kw)
    if paths is None:
        paths = paths_from(feeder, entry)
    loss = path_loss_kw(solution, entry, paths)[scenario]
    v_pu = _highest_voltage_pu(solution, scenario)
    use = limit_use(v_pu, config.limit_pu, config.margin_pu)
    region_buses = {feeder.bus(bus).name for bus in (entry, *region)}
    position = {bus.name: k for k, bus in enumerate(feeder.buses)}
    children = paths.children()

    def can_assist(bus: str) -> bool:
        k = position[bus]
        return bus not in region_buses and capacity[k] > 0 and use[k] < 1

    # a bus that may not lend is still walked through, if one that may stands behind it
    tree = grow(
        paths.order[0],
        actions=lambda bus: children[bus],
        may_end=can_assist,
    )
    at = np.array([position[bus] for bus in tree.states])
    value = (1 - use[at]) * capacity[at] - config.kappa * loss[at]
    return Candidates(tree, capacity[at], loss[at], use[at], value)


def exhaustive_ranking(candidates: Candidates) -> IntArray:
    """All candidates, best first, by looking at every one: states of the tree."""
    ends = candidates.tree.ends
    return ends[np.argsort(-candidates.value_kw[ends], kind="stable")]


def learned_ranking(candidates: Candidates, config: SearchConfig, seed: int) -> Learned:
    """The candidates as tree search ranks them; `Learned.ranking` holds states of the tree."""
    return search_known(candidates.tree, candidates.value_kw, config, seed)


def rank_correlation(
    exact: IntArray, learned: IntArray, first: int | None = None
) -> float:
    """Kendall's tau-b between two rankings of the same states: 1 for the same order, -1 for the reverse.

    Args:
        exact, learned: states, best first. A state that is missing in one ranking shares the last place there.
        first: compare only the states among the first `first` of either ranking.

    Returns:
        tau; 1 if there is only one state to compare.
    """
    from scipy.stats import kendalltau

    compared = np.union1d(exact[:first], learned[:first])
    if len(compared) < 2:
        return 1.0
    # its stubs do not know the fields
    tau: Any = kendalltau(_places(exact, compared), _places(learned, compared))
    if np.isnan(tau.statistic):
        return 0.0  # one ranking puts all at the same place: it says nothing
    # equal rankings give 1 less a rounding error
    return round(float(tau.statistic), 12)


def ranking_table(candidates: Candidates, ranking: IntArray) -> pd.DataFrame:
    """One row per ranked bus, best first: rank, bus, capacity_kw, path_loss_kw, value_kw."""
    import pandas as pd

    columns = {
        "rank": np.arange(1, len(ranking) + 1),
        "bus": [candidates.tree.states[state] for state in ranking],
        "capacity_kw": candidates.capacity_kw[ranking],
        "path_loss_kw": candidates.path_loss_kw[ranking],
        "value_kw": candidates.value_kw[ranking],
    }
    return pd.DataFrame(columns)


def _places(ranking: IntArray, states: IntArray) -> list[int]:
    place = {int(state): k for k, state in enumerate(ranking)}
    return [place.get(int(state), len(ranking)) for state in states]


def _require_answer(solution: Solution, scenario: int) -> None:
    if not 0 <= scenario < solution.n_scenarios:
        raise InputError(
            f"Scenario {scenario} does not exist; the solution has {solution.n_scenarios} (from 0)."
        )
    if not solution.converged[scenario]:
        raise InputError(
            f"Scenario {scenario} has no power flow to rank buses at. Choose another of the solution."
        )


def _capacity_by_bus(feeder: Feeder, capacity_kw: Mapping[str, float]) -> FloatArray:
    """(bus,) [kW], or a message that names everything wrong."""
    position = {bus.name: k for k, bus in enumerate(feeder.buses)}
    where = f"of feeder '{feeder.name}'"
    unknown = [bus for bus in capacity_kw if bus.lower() not in position]
    problems = [unknown_name_message("bus", bus, position, where) for bus in unknown]
    for bus, kw in capacity_kw.items():
        if not 0 <= kw < np.inf:
            problems.append(
                f"The capacity of bus '{bus}' is {kw} kW; it must be 0 or more."
            )
    if problems:
        raise InputError("\n".join(problems))
    # names are free in their case, so one bus may be named twice
    capacity = np.zeros(len(position))
    for bus, kw in capacity_kw.items():
        capacity[position[bus.lower()]] += kw
    return capacity


def _highest_voltage_pu(solution: Solution, scenario: int) -> FloatArray:
    """Highest voltage at any point of each bus, (bus,) [pu]; 0 where there is none."""
    points = voltage_points(solution.network)
    point_pu = points.magnitude_pu(solution.v_pu[[scenario]])[0]
    highest_pu = np.zeros(len(solution.network.feeder.buses))
    np.maximum.at(highest_pu, points.bus, point_pu)
    return highest_pu
