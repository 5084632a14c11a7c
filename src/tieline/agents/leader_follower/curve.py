"""`LearningCurve`: what the actors of the moment achieve, without exploration and search, in games that no training sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from tieline.agents.leader_follower.policy import ChoicePolicy
from tieline.agents.leader_follower.region import ChoiceRegion, rewards_of
from tieline.agents.training import JUDGE_SEED
from tieline.envs.draws import spread

JUDGED = 200
"""Games that each point of a learning curve is the mean of."""

MILESTONES = 20
"""Points of a learning curve."""


class LearningCurve:
    """Points on the way of all regions and seeds.

    Args:
        regions: where is learned.
        seeds: of the trainings.
    """

    def __init__(self, regions: Sequence[ChoiceRegion], seeds: Sequence[int]):
        self._seeds = seeds
        # drawn once: a curve then shows learning, not the luck of the draw
        game_seeds = spread(JUDGE_SEED, JUDGED)
        self._games = [(region, region.draw(game_seeds)) for region in regions]
        self._rows: list[dict[str, Any]] = []

    def add(
        self, policies: Sequence[Sequence[ChoicePolicy]], n_games: int, wall_s: float
    ) -> None:
        """A point for each region and seed, from policies (seed)(region)."""
        for number, (region, games) in enumerate(self._games, 1):
            for s, seed in enumerate(self._seeds):
                row = {
                    "region": number,
                    "seed": int(seed),
                    "games": n_games,
                    "wall_s": wall_s,
                }
                policy = policies[s][number - 1]
                self._rows.append(row | _judged(policy, region, games))

    @property
    def table(self) -> pd.DataFrame:
        """A row per point."""
        return pd.DataFrame(self._rows)


def is_milestone(k: int, n_rounds: int) -> bool:
    """Whether a point of the curve comes after round `k`; the last one comes at the end."""
    return (k + 1) * MILESTONES // n_rounds > k * MILESTONES // n_rounds


def _judged(policy: ChoicePolicy, region: ChoiceRegion, games: Any) -> dict[str, float]:
    choices, overlaps = policy.most_probable(region, games)
    reward = rewards_of(region, games, choices)
    means = {
        "return_mean": float(reward.sum(axis=1).mean()),
        "overlap_share": float(overlaps.any(axis=1).mean()),
    }
    for k in range(policy.n_agents):
        means[f"reward_agent_{k + 1}"] = float(reward[:, k].mean())
    return means
