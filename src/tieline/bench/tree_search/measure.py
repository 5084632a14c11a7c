"""Tree search measured: episodes per second, how many it takes, and how much of a feeder it looks at.

The case is made the same way on every feeder: load at 5 % of nominal without reactive power, PV at 90 % of nominal load beside
every load, the entry at the bus of highest voltage, batteries of 20 % of the nominal load. No bus is left out for its voltage:
feeders with high voltages would lose their candidates, and what is measured is the search.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from tieline.agents.tree_search import NAIVE, SearchConfig
from tieline.bench.tree_search.options import Options
from tieline.feeders import Feeder, load_feeder
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

LOAD_SHARE = 0.05
PV_SHARE = 0.9
BATTERY_SHARE = 0.2
"""Load, PV and batteries, of nominal load: little load and much sun, when voltage is high and batteries matter."""

NO_LIMIT = AssistingConfig(limit_pu=9.0)

VARIATIONS: tuple[tuple[str, dict[str, object]], ...] = (
    ("default", {}),
    (
        "ends drawn at random, no learning",
        {
            "selection": "epsilon-greedy",
            "epsilon": 1,
            "final_epsilon": 1,
            "prior_power": 1,
        },
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
class SearchRow:
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


@dataclass(frozen=True)
class TreeSearches:
    """One run.

    Attributes:
        seeds: searches per feeder.
        rows: one per feeder.
        variations: tau of the first places by variation and feeder, smallest over seeds; only the page needs them.
    """

    seeds: int
    rows: tuple[SearchRow, ...]
    variations: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists."""
        return asdict(self)


def measure(
    options: Options, tell: Callable[[str], None] = lambda _: None
) -> TreeSearches:
    """Search every feeder.

    Args:
        options: feeders, episodes of a search, searches per feeder.
        tell: is told what is measured now.

    Raises:
        InputError: if a feeder is not known.
    """
    feeders = [load_feeder(name) for name in options.feeders]
    config = SearchConfig(episodes=options.episodes)
    rows = []
    for feeder in feeders:
        tell(feeder.name)
        rows.append(
            measure_search(feeder.name, make_case(feeder), config, options.seeds)
        )
    return TreeSearches(options.seeds, tuple(rows))


def complete(
    searches: TreeSearches, options: Options, tell: Callable[[str], None]
) -> TreeSearches:
    """The same with the variations of the search."""
    tell("other settings of the search")
    cases = {}
    for name in options.feeders:
        feeder = load_feeder(name)
        cases[feeder.name] = make_case(feeder)
    return replace(searches, variations=vary(cases, options.episodes, options.seeds))


def vary(
    cases: Mapping[str, Candidates], episodes: int, seeds: int
) -> dict[str, dict[str, float]]:
    """tau of the first places by variation and feeder, smallest over seeds."""
    taus = {}
    for name, changes in VARIATIONS:
        config = SearchConfig.model_validate({"episodes": episodes, **changes})
        taus[name] = {
            feeder: _worst_tau(case, config, seeds) for feeder, case in cases.items()
        }
    return taus


def _worst_tau(case: Candidates, config: SearchConfig, seeds: int) -> float:
    exact = exhaustive_ranking(case)
    taus = []
    for seed in range(seeds):
        search = learned_ranking(case, config, seed)
        taus.append(rank_correlation(exact, search.ranking, config.top))
    # the worst: a user runs one seed, and may meet it
    return min(taus)


def measure_search(
    name: str, case: Candidates, config: SearchConfig, seeds: int
) -> SearchRow:
    """Search one case with several seeds; the first search, of one episode, compiles and is not counted."""
    exact = exhaustive_ranking(case)
    one_episode = config.model_copy(update={"episodes": 1})
    learned_ranking(case, one_episode, 0)
    seconds = []
    searches = []
    for seed in range(seeds):
        start_s = time.perf_counter()
        searches.append(learned_ranking(case, config, seed))
        seconds.append(time.perf_counter() - start_s)
    tree = case.tree
    return SearchRow(
        feeder=name,
        ends=len(tree.ends),
        depth=int(tree.depth.max()),
        episodes=config.episodes,
        episodes_per_s=config.episodes / float(np.median(seconds)),
        tried=max(len(search.ranking) for search in searches),
        last_change=max(search.last_change for search in searches),
        tau=min(
            rank_correlation(exact, search.ranking, config.top) for search in searches
        ),
    )


def make_case(feeder: Feeder) -> Candidates:
    """The candidates of the case."""
    solution = sunny_state(feeder)
    points = voltage_points(solution.network)
    voltage_pu = points.magnitude_pu(solution.v_pu)[0]
    highest = voltage_pu.argmax()
    # where a search would begin in earnest: at the bus that needs help most
    entry = feeder.buses[points.bus[highest]]
    return find_candidates(solution, entry.name, battery_kw(feeder), NO_LIMIT)


def sunny_state(feeder: Feeder) -> Solution:
    """The feeder at little load and much sun."""
    with_sites = with_pv_sites(feeder)
    network = Network.from_feeder(with_sites)
    load_kw = LOAD_SHARE * np.array([load.p_kw for load in feeder.loads])
    load_kvar = np.zeros_like(load_kw)
    sites = slice(len(feeder.pvs), len(with_sites.pvs))  # behind the PV that is there
    der_kw = np.zeros(len(with_sites.ders))
    der_kw[sites] = [PV_SHARE * load.p_kw for load in site_loads(feeder)]
    return solve(network, load_kw=load_kw, load_kvar=load_kvar, der_kw=der_kw)


def battery_kw(feeder: Feeder) -> dict[str, float]:
    """Rated power of the battery at each bus with load [kW]."""
    rated_kw: defaultdict[str, float] = defaultdict(float)
    for load in site_loads(feeder):
        rated_kw[load.bus] += BATTERY_SHARE * load.p_kw
    return dict(rated_kw)
