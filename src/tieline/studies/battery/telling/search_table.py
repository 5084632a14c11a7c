"""The table `search`: the learned value Q of the first buses over the episodes of the tree search.

Source: M. Al-Saffar, PhD thesis, University of Alberta, figure 4.9.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.agents.tree_search import SearchConfig, value_course
from tieline.studies.battery.ways.cases import DayAnswer
from tieline.studies.battery.ways.ranking import Ranking

WATCHED = 5
"""First buses of a ranking whose values are told: as many curves as can be told apart."""


def search_table(answer: DayAnswer) -> pd.DataFrame:
    """A row for each region, episode and bus, of the decision with the largest need: entry_bus, episode, bus, value_kw."""
    parts = [
        _course(region.ranking, answer).assign(entry_bus=region.buses[0])
        for region in answer.csocc.largest_decision.regions
        if region.ranking is not None
    ]
    columns = ["entry_bus", "episode", "bus", "value_kw"]
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True)[columns]


def _course(ranking: Ranking, answer: DayAnswer) -> pd.DataFrame:
    """The same search again, watched: it draws the same walks from the same seed."""
    config = answer.question.config
    candidates = ranking.candidates
    watched = ranking.learned.ranking[:WATCHED]
    value_kw = value_course(
        candidates.tree,
        candidates.reward,
        SearchConfig(episodes=config.episodes),
        config.seed,
        watched,
    )
    episode = np.arange(1, len(value_kw) + 1)
    buses = [candidates.tree.states[state] for state in watched.tolist()]
    return pd.DataFrame(
        {
            "episode": np.repeat(episode, len(watched)),
            "bus": np.tile(np.array(buses, dtype=object), len(episode)),
            "value_kw": value_kw.ravel(),
        }
    )
