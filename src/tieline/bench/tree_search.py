"""Tree search measured: episodes per second, how many it takes, and how much of a feeder it looks at.

The case is made the same way on every feeder: load at 5 % of nominal without reactive power, PV at 90 % of nominal load beside
every load, the entry at the bus of highest voltage, batteries of 20 % of the nominal load. No bus is left out for its voltage, so
that feeders with high voltages keep their candidates: what is measured is the search.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tieline.agents.tree_search import NAIVE, SearchConfig
from tieline.feeders import Feeder
from tieline.network import Network
from tieline.network.attach import site_loads, with_pv_sites
from tieline.network.voltage_points import voltage_points
from tieline.powerflow import Solution, solve
from tieline.studies.battery.ways.assisting import (
    AssistingConfig,
    Candidates,
    exhaustive_ranking,
    find_candidates,
    learned_ranking,
    rank_correlation,
)

DEFAULT_FEEDERS = ("ieee33", "ieee123", "case141")
LOAD_SHARE, PV_SHARE, BATTERY_SHARE = 0.05, 0.9, 0.2
NO_LIMIT = AssistingConfig(limit_pu=9.0)

VARIATIONS: tuple[tuple[str, dict[str, object]], ...] = (
    ("default", {}),
    (
        "ends drawn at random, no learning",
        {"selection": "epsilon-greedy", "epsilon": 1, "final_epsilon": 1, "prior_power": 1},
    ),
    ("textbook settings (`NAIVE`)", NAIVE.model_dump(exclude={"episodes"})),
    ("SARSA", {"update": "sarsa"}),
    ("epsilon-greedy, epsilon from 1 to 0.1", {"selection": "epsilon-greedy"}),
    ("learning rate 0.1", {"learning_rate": 0.1}),
    ("unknown actions alike (power 0)", {"prior_power": 0}),
    ("unknown ends alike (power 1)", {"prior_power": 1}),
)
"""What is changed against the defaults, one thing at a time."""


@dataclass(frozen=True)
class Row:
    """One feeder and number of episodes.

    Attributes:
        feeder: its name.
        ends, depth: candidates, and most steps to one.
        episodes, episodes_per_s: of one search, median over seeds.
        tried: candidates that a walk ended at, most over seeds.
        last_change: episode of the last change in the first places, largest over seeds.
        tau: Kendall's tau of the first places against the exhaustive ranking, smallest over seeds.
    """

    feeder: str
    ends: int
    depth: int
    episodes: int
    episodes_per_s: float
    tried: int
    last_change: int
    tau: float


def sunny_state(feeder: Feeder) -> Solution:
    """The feeder at little load and much sun."""
    with_sites = with_pv_sites(feeder)
    der_kw = np.zeros(len(with_sites.ders))
    der_kw[len(feeder.pvs) : len(with_sites.pvs)] = [
        PV_SHARE * load.p_kw for load in site_loads(feeder)
    ]
    load_kw = np.array([LOAD_SHARE * load.p_kw for load in feeder.loads])
    return solve(
        Network.from_feeder(with_sites), load_kw=load_kw, load_kvar=0 * load_kw, der_kw=der_kw
    )


def battery_kw(feeder: Feeder) -> dict[str, float]:
    """Rated power of the battery at each bus with load [kW]."""
    found: defaultdict[str, float] = defaultdict(float)
    for load in site_loads(feeder):
        found[load.bus] += BATTERY_SHARE * load.p_kw
    return dict(found)


def make_case(feeder: Feeder) -> Candidates:
    """The candidates of the case."""
    solution = sunny_state(feeder)
    points = voltage_points(solution.network)
    highest = points.bus[points.magnitude_pu(solution.v_pu)[0].argmax()]
    return find_candidates(solution, feeder.buses[highest].name, battery_kw(feeder), NO_LIMIT)


def measure(feeders: Iterable[Feeder], episodes: Iterable[int], seeds: int) -> list[Row]:
    """Search every feeder with each number of episodes."""
    rows = []
    for feeder in feeders:
        case = make_case(feeder)
        rows += [_row(feeder.name, case, SearchConfig(episodes=count), seeds) for count in episodes]
    return rows


def vary(feeders: Iterable[Feeder], episodes: int, seeds: int) -> dict[str, dict[str, float]]:
    """tau of the first places by variation and feeder, smallest over seeds."""
    cases = {feeder.name: make_case(feeder) for feeder in feeders}
    settings = {
        name: SearchConfig.model_validate({"episodes": episodes, **changes})
        for name, changes in VARIATIONS
    }
    return {
        name: {feeder: _worst_tau(case, config, seeds) for feeder, case in cases.items()}
        for name, config in settings.items()
    }


def _worst_tau(case: Candidates, config: SearchConfig, seeds: int) -> float:
    exact = exhaustive_ranking(case)
    return min(
        rank_correlation(exact, learned_ranking(case, config, seed).ranking, config.top)
        for seed in range(seeds)
    )


def _row(name: str, case: Candidates, config: SearchConfig, seeds: int) -> Row:
    exact = exhaustive_ranking(case)
    learned_ranking(case, config.model_copy(update={"episodes": 1}), 0)  # compiles
    seconds, found = [], []
    for seed in range(seeds):
        before = time.perf_counter()
        found.append(learned_ranking(case, config, seed))
        seconds.append(time.perf_counter() - before)
    return Row(
        feeder=name,
        ends=len(case.tree.ends),
        depth=int(case.tree.depth.max()),
        episodes=config.episodes,
        episodes_per_s=config.episodes / float(np.median(seconds)),
        tried=max(len(one.ranking) for one in found),
        last_change=max(one.last_change for one in found),
        tau=min(rank_correlation(exact, one.ranking, config.top) for one in found),
    )
