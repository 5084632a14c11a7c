"""Choices on unseen games: policies of several seeds beside greedy, cheapest, the best constant set and chance.

Every set of every game is solved on AC, so the best is known and not estimated. Chance needs no draws: it is the mean over all
sets. The constant set is the best of other games of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from tieline.envs.market import rules
from tieline.envs.market.draws import RANGES, Kind, draw_games, seeds_from
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.prepared import Prepared
from tieline.envs.market.regret import hits, regret
from tieline.typing import FloatArray, IntArray

FIRST_SEED = 1_000_000_000
"""Games from here on are never trained on: a training counts its games from 0 and plays a few millions."""

CONSTANT_SEED = 1_500_000_000
CONSTANT_GAMES = 200
"""Other games, on which the constant set is found."""

LEARNED = "policy"
CHANCE = "random"


@dataclass(frozen=True)
class Score:
    """One decider on the unseen games of a region.

    Attributes:
        kind: of the games.
        region: counted from 1.
        who: `policy`, `greedy`, `cheapest`, `constant` or `random`.
        seed: of a policy; None for what has no chance in it.
        games, sets: how many, and how many sets there are in each.
        regret_pct: mean over the games.
        hits_pct: games with a regret of at most 1 %.
    """

    kind: str
    region: int
    who: str
    seed: int | None
    games: int
    sets: int
    regret_pct: float
    hits_pct: float


@dataclass(frozen=True, eq=False)
class Table:
    """The unseen games of a region of a kind, with J of every set.

    Attributes:
        model: the region.
        kind: of the games.
        prepared: the games.
        of_all: J of every set, (game, set) [currency/h].
        sets: as numbers of the model's DERs, (set, member).
    """

    model: ChoiceModel
    kind: Kind
    prepared: Prepared
    of_all: FloatArray
    sets: IntArray

    @property
    def size(self) -> int:
        """DERs of a set."""
        return self.sets.shape[1]

    @cached_property
    def constant(self) -> IntArray:
        """The best set of other games, (member,)."""
        others = prepare(self.model, self.kind, CONSTANT_SEED, CONSTANT_GAMES)
        return rules.constant(self.model, others, self.size)


def prepare(model: ChoiceModel, kind: Kind, first_seed: int, n_games: int) -> Prepared:
    """Games of a kind, one for each seed from the first on."""
    games = draw_games(model, seeds_from(first_seed, n_games), RANGES[kind])
    return model.prepare(games)


def solve_all(model: ChoiceModel, kind: Kind, n_games: int, size: int) -> Table:
    """Every set of so many DERs in unseen games."""
    prepared = prepare(model, kind, FIRST_SEED, n_games)
    of_all, sets = rules.objective_of_all(model, prepared, size)
    return Table(model, kind, prepared, of_all, sets)


def judge(table: Table, region: int, policies: tuple[Path, ...]) -> list[Score]:
    """All deciders on the unseen games of a region.

    Args:
        table: the games.
        region: counted from 1.
        policies: files, one per seed.
    """
    scores = []
    for seed, file in enumerate(policies):
        chosen = _policy_sets(table, file)
        scores.append(_score(table, region, LEARNED, seed, _regrets(table, chosen)))
    for who, chosen in _rules(table).items():
        scores.append(_score(table, region, who, None, _regrets(table, chosen)))
    scores.append(_score(table, region, CHANCE, None, _regrets_of_all(table)))
    return scores


def _policy_sets(table: Table, file: Path) -> IntArray:
    """What a policy chooses, (game, member)."""
    # only who judges policies needs what reads them
    from tieline.agents.leader_follower.policy_file import load_choice_policies

    policy = load_choice_policies(file).for_region(table.model, table.size)
    return policy.choose(table.model, table.prepared)


def _rules(table: Table) -> dict[str, IntArray]:
    """What each rule chooses, (game, member)."""
    model, prepared = table.model, table.prepared
    shape = len(prepared.games), table.size
    return {
        "greedy": rules.greedy(model, prepared, table.size),
        "cheapest": rules.cheapest(model, prepared, table.size),
        "constant": np.broadcast_to(table.constant, shape),
    }


def _regrets(table: Table, chosen: IntArray) -> FloatArray:
    """Regret of a choice in each game, (game,)."""
    outcomes = table.model.evaluate(table.prepared, chosen[:, None, :])
    return regret(outcomes.objective[:, 0], table.of_all)


def _regrets_of_all(table: Table) -> FloatArray:
    """Regret of every set in each game, (game, set)."""
    columns = [regret(of_set, table.of_all) for of_set in table.of_all.T]
    return np.stack(columns, axis=1)


def _score(
    table: Table, region: int, who: str, seed: int | None, regrets: FloatArray
) -> Score:
    # a set without a power flow has no finite regret: it is no hit, and no part of a mean
    finite = regrets[np.isfinite(regrets)]
    return Score(
        kind=table.kind,
        region=region,
        who=who,
        seed=seed,
        games=len(table.of_all),
        sets=len(table.sets),
        regret_pct=100 * float(finite.mean()),
        hits_pct=100 * float(hits(regrets).mean()),
    )
