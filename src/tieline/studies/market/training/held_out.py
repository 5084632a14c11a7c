"""Policies beside rules on games that no training sees: J of every set is known, so the best is the best and no estimate.

policy      a policy alone, and the best by AC of its most probable 4, 8 and 16 sets
estimate    the best by AC of the 16 sets of lowest estimate, without a policy
both        the best by AC of these and of the policy's 16, as the market chooses
greedy      each agent the best DER given its leaders, by AC
cheapest    the lowest c_i + l0 LF_i
constant    the one set with the lowest mean J over other games
random      any set
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tieline.agents.leader_follower.chooser import ESTIMATED, RegionChooser
from tieline.agents.leader_follower.policy import ChoicePolicy
from tieline.agents.leader_follower.region import MarketRegion
from tieline.agents.leader_follower.search import CANDIDATES, best_of, choose
from tieline.envs.draws import spread
from tieline.envs.market import rules
from tieline.envs.market.likely import likely_sets
from tieline.envs.market.prepared import Prepared
from tieline.envs.market.regret import hits, regret
from tieline.typing import FloatArray, IntArray, Progress

AS_MARKET = "both"
"""Who chooses as the market does: a policy, and estimates beside it."""

SEARCHES = (1, 4, 8, CANDIDATES)
"""Candidates of the policies that are held against each other."""

UNSEEN_SEED = 2**31 + 1
"""What the seeds of the games are spread from; those of trainings and of their curves begin with smaller ones."""

OTHER_SEED = 2**31 + 2
OTHER_GAMES = 200
"""Games on which the constant set is found: enough to tell sets apart by a hundredth of the mean."""


@dataclass(frozen=True, eq=False)
class Table:
    """Unseen games of a region with J of all its sets.

    Attributes:
        region: where they are played.
        games: the games.
        of_all: J of every set, (game, set) [currency/h].
        size: DERs of a set.
    """

    region: MarketRegion
    games: Prepared
    of_all: FloatArray
    size: int

    @classmethod
    def of(cls, region: MarketRegion, n_games: int, size: int) -> Table:
        """Draw and solve."""
        games = region.draw(spread(UNSEEN_SEED, n_games))
        of_all, _ = rules.objective_of_all(region.model, games, size)
        return cls(region, games, of_all, size)

    def score(self, sets: IntArray) -> dict[str, float]:
        """Mean regret and share of hits of a set per game, (game, member)."""
        outcomes = self.region.model.evaluate(self.games, sets[:, None])
        regrets = regret(outcomes.objective[:, 0], self.of_all)
        return {
            "regret_pct": 100 * float(regrets.mean()),
            "hit_rate": float(hits(regrets).mean()),
        }

    def rules(self) -> Iterator[tuple[str, IntArray]]:
        """Name and choice of each rule."""
        model = self.region.model
        n_games = len(self.games)
        sets = likely_sets(model, self.games, self.size, ESTIMATED)
        yield "estimate", best_of(self.region, self.games, sets)
        yield "greedy", rules.greedy(model, self.games, self.size)
        yield "cheapest", rules.cheapest(model, self.games, self.size)
        # a constant set is chosen on games of its own, as a policy is: on these it would know the answer
        other_games = self.region.draw(spread(OTHER_SEED, OTHER_GAMES))
        constant = rules.constant(model, other_games, self.size)
        yield "constant", np.broadcast_to(constant, (n_games, self.size))
        yield (
            "random",
            rules.random(model, spread(UNSEEN_SEED, n_games), self.size),
        )


def hold_out(
    regions: Sequence[MarketRegion],
    policies: Sequence[Sequence[ChoicePolicy]],
    n_games: int,
    size: int,
    progress: Progress,
) -> pd.DataFrame:
    """Who stands where.

    Args:
        regions: where games are played.
        policies: one per region for each seed, (seed)(region).
        n_games: unseen games of each region.
        size: DERs of a set.
        progress: called with (done, all, text).

    Returns:
        A row per region and who: `region` (place in `regions`, from 0), `who`, `seed` and `candidates` (-1 where there are none),
        `regret_pct`, `hit_rate`, `overlap_share`.
    """
    rows: list[dict[str, Any]] = []
    for place, region in enumerate(regions):
        progress(place, len(regions), "unseen games")
        table = Table.of(region, n_games, size)
        for of_seed in policies:
            scores = _of_policy(table, of_seed[place])
            rows += [{"region": place, **score} for score in scores]
        for who, sets in table.rules():
            row = {"who": who, "seed": -1, "candidates": -1, "overlap_share": np.nan}
            rows.append({"region": place, **row, **table.score(sets)})
    return pd.DataFrame(rows)


def _of_policy(table: Table, policy: ChoicePolicy) -> Iterator[dict[str, Any]]:
    """A row for each number of candidates, and one for those of the market."""
    _, overlaps = policy.most_probable(table.region, table.games)
    about = {
        "who": "policy",
        "seed": policy.provenance["seed"],
        "overlap_share": float(overlaps.any(axis=1).mean()),
    }
    for candidates in SEARCHES:
        sets = choose(policy, table.region, table.games, candidates)
        yield {**about, "candidates": candidates, **table.score(sets)}
    # the market also judges the best sets by estimate, beside those of the policy
    as_market = RegionChooser(policy)
    sets = as_market.choose(table.region.model, table.games)
    of_market = {**about, "who": AS_MARKET, "candidates": CANDIDATES + ESTIMATED}
    yield {**of_market, **table.score(sets)}
