"""`train_choice`: policies for regions from settings and seeds, with learning curves; the same arguments give the same policies.

All regions and seeds learn side by side in one call. The learning curve is what the actors of the moment, without exploration and
without search, achieve in games that no training sees: the reward of each agent, which sum to what the set saves.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

from tieline.agents.leader_follower.config import LeaderFollowerConfig
from tieline.agents.leader_follower.learner import (
    LeaderFollower,
    Learner,
    make_learner,
)
from tieline.agents.leader_follower.losses import Pressure
from tieline.agents.leader_follower.play import Table, look_around
from tieline.agents.leader_follower.policy import ChoicePolicy
from tieline.agents.leader_follower.region import ChoiceRegion, rewards_of
from tieline.agents.leader_follower.scale import Scale
from tieline.agents.leader_follower.seats import Seats
from tieline.agents.policy import Plain
from tieline.agents.training import JUDGE_SEED, check_seeds
from tieline.envs.draws import spread
from tieline.errors import InputError
from tieline.typing import IntArray, Progress

JUDGED = 200
"""Games that each point of a learning curve is the mean of."""

MILESTONES = 20
"""Points of a learning curve."""


@dataclass(frozen=True, eq=False)
class ChoiceTraining:
    """What a training leaves behind.

    Attributes:
        policies: one per region for each seed, (seed)(region).
        curve: a row per region, seed and milestone: `region` (from 1), `seed`, `games`, `wall_s`, `return_mean`,
            `overlap_share` and `reward_agent_1`, `reward_agent_2`, ..., in parts of what there is to save.
        train_s: wall time [s].
    """

    policies: tuple[tuple[ChoicePolicy, ...], ...]
    curve: pd.DataFrame
    train_s: float

    def final_return(self, region: int, seed: int) -> float:
        """Mean return at the end, on games that are neither trained nor reported on; regions count from 1."""
        is_region = self.curve["region"] == region
        rows = self.curve[is_region & (self.curve["seed"] == seed)]
        return float(rows["return_mean"].iloc[-1])


def train_choice(
    regions: Sequence[ChoiceRegion],
    config: LeaderFollowerConfig,
    seeds: Sequence[int],
    games: int,
    *,
    provenance: Mapping[str, Plain] | None = None,
    progress: Progress | None = None,
) -> ChoiceTraining:
    """Train a policy for each region and seed, all in one call.

    Args:
        regions: with the same tokens and features.
        config: settings of the method.
        seeds: whole numbers from 0 to 2**31 - 1, each once.
        games: of each region and seed; whole rounds are played, at least one.
        provenance: goes into every policy beside algorithm, seed and settings.
        progress: called with (done, all, text).

    Raises:
        InputError: if a seed is out of range or stands twice, or a region has fewer DERs than there are agents.
    """
    check_seeds(seeds)
    require_enough(regions, config.agents)
    began = time.perf_counter()
    round_games = min(config.round_games, games)
    n_rounds = max(games // round_games, 1)
    seats = Seats(len(regions), len(seeds), config.shared)
    key = regions[0].key
    n_inputs = len(key.tokens) + len(key.features)
    learner = make_learner(config, n_inputs)
    learners = _start(learner, seats, seeds)
    looked_at = _game_seeds(seeds, 0, round_games)
    scale = look_around(regions, looked_at, config.agents, seats)
    table = Table(regions, learner, seats, scale)
    judge = _Judge(regions, seats, seeds)
    about = {"algorithm": "mlfacc", **_plain(config), **(provenance or {})}
    rows = []
    for k in range(n_rounds):
        learners, played = table.play(learners, _game_seeds(seeds, k, round_games))
        learners = learner.learn(learners, played, _pressure(config, k / n_rounds))
        is_milestone = (k + 1) * MILESTONES // n_rounds > k * MILESTONES // n_rounds
        if is_milestone:
            so_far = {
                "games": (k + 1) * round_games,
                "wall_s": time.perf_counter() - began,
            }
            policies = _policies(regions, learners, scale, seats, seeds, about | so_far)
            rows += [so_far | row for row in judge.rows(policies)]
        if progress is not None:
            progress(k + 1, n_rounds, "training")
    train_s = time.perf_counter() - began
    about |= {"games": n_rounds * round_games, "train_s": train_s}
    policies = _policies(regions, learners, scale, seats, seeds, about)
    return ChoiceTraining(policies, pd.DataFrame(rows), train_s)


def require_enough(regions: Sequence[ChoiceRegion], n_agents: int) -> None:
    """Raise `InputError` that names all regions with fewer DERs than agents."""
    small = [
        f"{number} ({len(region.key.ders)})"
        for number, region in enumerate(regions, 1)
        if len(region.key.ders) < n_agents
    ]
    if small or not regions:
        raise InputError(
            f"{n_agents} agents choose a DER each, but fewer stand in regions: {', '.join(small) or 'none'}. "
            "Ask for fewer agents, or attach DERs there."
        )


def _start(learner: LeaderFollower, seats: Seats, seeds: Sequence[int]) -> Learner:
    """Random networks of all learners, in the order of their seats."""
    of_seed = jax.vmap(jax.random.key)(jnp.asarray(seeds))
    if seats.is_shared:
        return jax.vmap(learner.start)(of_seed)
    fold = jax.vmap(jax.random.fold_in, in_axes=(0, None))
    of_region = [fold(of_seed, region) for region in range(seats.n_regions)]
    return jax.vmap(learner.start)(jnp.concatenate(of_region))


def _game_seeds(seeds: Sequence[int], k: int, count: int) -> IntArray:
    """Seeds of the games of a round, (seed, game); those of a training depend on its own seed only."""
    first = 1 + k * count
    return np.stack([spread(int(seed), count, first=first) for seed in seeds])


def _pressure(config: LeaderFollowerConfig, share: float) -> Pressure:
    """What weighs at a part of the games."""
    # the rate falls as a cosine: the last policy is the one that is kept, so it must have come to rest
    lowest = config.final_rate_share
    of_rate = lowest + (1.0 - lowest) * (1.0 + np.cos(np.pi * share)) / 2.0
    of_entropy = max(1.0 - share / config.entropy_until, 0.0)
    of_tracing = min(share / config.tracing_until, 1.0)
    return Pressure(
        rate=config.rate * float(of_rate),
        entropy=config.entropy * of_entropy,
        psi=of_tracing * float(np.log(config.tracing_floor)),
    )


def _plain(config: LeaderFollowerConfig) -> dict[str, Plain]:
    """Settings as provenance, which holds plain values only."""
    settings = config.model_dump(mode="json")
    return {
        name: str(value) if isinstance(value, list) else value
        for name, value in settings.items()
    }


def _policies(
    regions: Sequence[ChoiceRegion],
    learners: Learner,
    scale: Scale,
    seats: Seats,
    seeds: Sequence[int],
    about: Mapping[str, Plain],
) -> tuple[tuple[ChoicePolicy, ...], ...]:
    actors = jax.tree.map(np.asarray, learners.networks.actors)
    policies = []
    for s, seed in enumerate(seeds):
        of_seed = []
        for r, region in enumerate(regions):
            learner = seats.learner_of(r, s)
            first, *deeper = jax.tree.map(itemgetter(learner), actors)
            layers = (scale.folded(first, learner), *deeper)
            provenance = {**about, "seed": int(seed)}
            of_seed.append(ChoicePolicy(region.key, layers, provenance))
        policies.append(tuple(of_seed))
    return tuple(policies)


class _Judge:
    """The games of the learning curve, drawn once: a curve then shows learning, not the luck of the draw."""

    def __init__(
        self, regions: Sequence[ChoiceRegion], seats: Seats, seeds: Sequence[int]
    ):
        self._seats = seats
        self._seeds = seeds
        game_seeds = spread(JUDGE_SEED, JUDGED)
        self._games = [(region, region.draw(game_seeds)) for region in regions]

    def rows(
        self, policies: tuple[tuple[ChoicePolicy, ...], ...]
    ) -> Iterator[dict[str, Any]]:
        """A row per region and seed."""
        for r, (region, games) in enumerate(self._games):
            for s, seed in enumerate(self._seeds):
                yield {
                    "region": r + 1,
                    "seed": int(seed),
                    **_judged(policies[s][r], region, games),
                }


def _judged(policy: ChoicePolicy, region: ChoiceRegion, games: Any) -> dict[str, float]:
    choices, overlaps = policy.most_probable(region, games)
    reward = rewards_of(region, games, choices)
    columns = {
        f"reward_agent_{k + 1}": float(reward[:, k].mean())
        for k in range(policy.n_agents)
    }
    return {
        "return_mean": float(reward.sum(axis=1).mean()),
        "overlap_share": float(overlaps.any(axis=1).mean()),
        **columns,
    }
