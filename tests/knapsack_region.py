"""A region without a feeder: DERs of random size and cost cover a demand; the rest costs twice. J of every set is arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from tieline.agents.leader_follower.region_key import RegionKey
from tieline.envs.draws import uniform
from tieline.envs.market.fill import NONE, fill, is_counted
from tieline.envs.market.tokens import Seen

DEAREST = 2.0
"""Cost of a kW that no DER covers."""


@dataclass(frozen=True, eq=False)
class Knapsacks:
    """Games: cost and size of each DER, (game, der), and the demand, (game,)."""

    cost: np.ndarray
    size: np.ndarray
    demand: np.ndarray

    def __len__(self) -> int:
        return len(self.demand)

    def take(self, rows: Any) -> Knapsacks:
        return Knapsacks(*(getattr(self, field.name)[rows] for field in fields(self)))


class KnapsackRegion:
    """A `ChoiceRegion` of `n_ders` DERs."""

    def __init__(self, n_ders: int = 6):
        self.n_ders = n_ders
        ders = tuple(f"d{k}" for k in range(n_ders))
        self.key = RegionKey(
            feeder="none",
            buses=ders,
            ders=ders,
            rated_kw=(1.0,) * n_ders,
            tokens=("cost", "size", "taken"),
            features=("left",),
        )

    def draw(self, seeds: np.ndarray) -> Knapsacks:
        draw = uniform(seeds, 2 * self.n_ders + 1)
        cost, size = draw[:, : self.n_ders], draw[:, self.n_ders : -1]
        # every DER is away at times
        return Knapsacks(cost, np.where(size < 0.1, 0.0, size), 0.5 + draw[:, -1])

    def see(self, games: Knapsacks, choices: np.ndarray, n_agents: int) -> Seen:
        del n_agents
        taken = np.zeros(games.cost.shape, dtype=bool)
        game, member = np.nonzero(choices != NONE)
        taken[game, choices[game, member]] = True
        covered = self._power(games, choices[:, None])[:, 0].sum(axis=1)
        left = np.minimum(games.size, (games.demand - covered)[:, None])
        tokens = np.stack([games.cost, left, taken], axis=2)
        return Seen(tokens, (games.demand - covered)[:, None], ~taken)

    def is_there(self, games: Knapsacks) -> np.ndarray:
        return games.size > 0

    def objective(self, games: Knapsacks, sets: np.ndarray) -> np.ndarray:
        power = self._power(games, sets)
        game = np.arange(len(games))[:, None, None]
        covered = power.sum(axis=-1)
        paid = (games.cost[game, sets] * power).sum(axis=-1)
        return paid + DEAREST * (games.demand[:, None] - covered)

    def idle_objective(self, games: Knapsacks) -> np.ndarray:
        return self.worth(games)

    def worth(self, games: Knapsacks) -> np.ndarray:
        return DEAREST * games.demand

    def _power(self, games: Knapsacks, sets: np.ndarray) -> np.ndarray:
        game = np.arange(len(games))[:, None, None]
        size = np.where(is_counted(sets), games.size[game, sets], 0.0)
        return fill(games.cost[game, sets], size, games.demand[:, None])
