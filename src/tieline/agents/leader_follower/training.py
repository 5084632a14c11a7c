"""`train_choice`: policies for regions from settings and seeds, with learning curves; the same arguments give the same policies.

All regions and seeds learn side by side in one call: games go through batched power flows, learners through one compiled update.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

from tieline.agents.leader_follower.config import LeaderFollowerConfig
from tieline.agents.leader_follower.curve import LearningCurve, is_milestone
from tieline.agents.leader_follower.learner import (
    LeaderFollower,
    Learner,
    make_learner,
)
from tieline.agents.leader_follower.play import Table, look_around
from tieline.agents.leader_follower.policy import ChoicePolicy
from tieline.agents.leader_follower.region import ChoiceRegion
from tieline.agents.leader_follower.scale import Scale
from tieline.agents.leader_follower.schedule import pressure_at
from tieline.agents.leader_follower.seats import Seats
from tieline.agents.policy import Plain
from tieline.agents.training import check_seeds
from tieline.envs.draws import spread
from tieline.errors import InputError
from tieline.typing import IntArray, Progress


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
    school = _School(regions, config, seeds, games, provenance or {})
    curve = LearningCurve(regions, seeds)
    if progress is not None:
        # the first round compiles the learners, which takes longer than many rounds
        progress(0, school.n_rounds, "compiling the learners, and the first round")
    learners = school.start()
    for k in range(school.n_rounds):
        learners = school.round(learners, k)
        if is_milestone(k, school.n_rounds):
            wall_s = time.perf_counter() - began
            policies = school.policies(learners, wall_s)
            curve.add(policies, school.games_after(k), wall_s)
        if progress is not None:
            progress(k + 1, school.n_rounds, "training")
    train_s = time.perf_counter() - began
    policies = school.policies(learners, train_s)
    return ChoiceTraining(policies, curve.table, train_s)


def require_enough(regions: Sequence[ChoiceRegion], n_agents: int) -> None:
    """Raise `InputError` that names all regions with fewer DERs than agents."""
    small = []
    for number, region in enumerate(regions, 1):
        n_ders = len(region.key.ders)
        if n_ders < n_agents:
            small.append(f"{number} ({n_ders})")
    if small or not regions:
        listed = ", ".join(small) or "none"
        raise InputError(
            f"{n_agents} agents choose a DER each, but fewer stand in regions: {listed}. "
            "Ask for fewer agents, or attach DERs there."
        )


@dataclass(frozen=True, eq=False)
class _School:
    """What stays the same while all learn; arguments as of `train_choice`."""

    regions: Sequence[ChoiceRegion]
    config: LeaderFollowerConfig
    seeds: Sequence[int]
    games: int
    provenance: Mapping[str, Plain]
    seats: Seats = field(init=False)

    def __post_init__(self) -> None:
        seats = Seats(
            len(self.regions),
            len(self.seeds),
            self.config.shared,
        )
        object.__setattr__(self, "seats", seats)

    @property
    def round_games(self) -> int:
        """Games of a region and seed in a round."""
        return min(self.config.round_games, self.games)

    @property
    def n_rounds(self) -> int:
        """Whole rounds."""
        return max(self.games // self.round_games, 1)

    def games_after(self, k: int) -> int:
        """Games of a region and seed up to round `k`, itself included."""
        return (k + 1) * self.round_games

    @cached_property
    def functions(self) -> LeaderFollower:
        """Choices and updates, compiled."""
        key = self.regions[0].key
        n_inputs = len(key.tokens) + len(key.features)
        # frozen models have a hash, which a type checker cannot see
        return make_learner(self.config, n_inputs)  # pyright: ignore[reportArgumentType]

    @cached_property
    def scale(self) -> Scale:
        """The measure in which learners see."""
        seeds = self.game_seeds(0)
        return look_around(self.regions, seeds, self.config.agents, self.seats)

    @cached_property
    def table(self) -> Table:
        """Where they play."""
        return Table(self.regions, self.functions, self.seats, self.scale)

    def start(self) -> Learner:
        """Random networks of all learners, in the order of their seats."""
        seeds = jnp.asarray(self.seeds)
        seed_keys = jax.vmap(jax.random.key)(seeds)
        start = jax.vmap(self.functions.start)
        if self.seats.is_shared:
            return start(seed_keys)
        # regions fold their place in: with the key of the seed alone all of them would start alike
        fold = jax.vmap(jax.random.fold_in, in_axes=(0, None))
        n_regions = len(self.regions)
        region_keys = [fold(seed_keys, region) for region in range(n_regions)]
        keys = jnp.concatenate(region_keys)
        return start(keys)

    def round(self, learners: Learner, k: int) -> Learner:
        """Play a round and learn from it."""
        seeds = self.game_seeds(k)
        learners, games = self.table.play(learners, seeds)
        # one pressure for the whole round: its games were all played by the same actors
        share = k / self.n_rounds
        pressure = pressure_at(self.config, share)
        return self.functions.learn(learners, games, pressure)

    def game_seeds(self, k: int) -> IntArray:
        """Seeds of the games of a round, (seed, game); those of a training depend on its own seed only."""
        count = self.round_games
        first = 1 + k * count
        by_seed = [spread(int(seed), count, first=first) for seed in self.seeds]
        return np.stack(by_seed)

    def policies(
        self, learners: Learner, wall_s: float
    ) -> tuple[tuple[ChoicePolicy, ...], ...]:
        """What they would do now, (seed)(region)."""
        actors = jax.tree.map(np.asarray, learners.networks.actors)
        about = self._about(wall_s)
        policies = []
        for place, seed in enumerate(self.seeds):
            of_seed = []
            for number, region in enumerate(self.regions):
                learner = self.seats.learner_of(number, place)
                first, *deeper = jax.tree.map(itemgetter(learner), actors)
                # a policy sees tokens as they are: the learners' measure goes into its first layer
                folded = self.scale.folded(first, learner)
                layers = (folded, *deeper)
                provenance = {**about, "seed": int(seed)}
                of_seed.append(ChoicePolicy(region.key, layers, provenance))
            policies.append(tuple(of_seed))
        return tuple(policies)

    def _about(self, wall_s: float) -> dict[str, Plain]:
        about: dict[str, Plain] = {"algorithm": "mlfacc"}
        settings = self.config.model_dump(mode="json")
        for name, value in settings.items():
            # provenance holds plain values only
            about[name] = str(value) if isinstance(value, list) else value
        about["games"] = self.n_rounds * self.round_games
        about["train_s"] = wall_s
        return about | dict(self.provenance)
