"""What each step of the method brings: short trainings that differ in one thing each, judged on the same unseen games.

credit           one error for all agents, the own part of each, what every DER would have been worth by AC
representation   all that agents see, and without what the slopes of the region tell of limits, and of losses
candidates       the policy alone, and the best by AC of more and more sets
length           the same training with fewer games

All in the region of the fewest DERs: the steps are told apart there in minutes. `open` games.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tieline.agents.leader_follower.chooser import ESTIMATED
from tieline.agents.leader_follower.config import LeaderFollowerConfig
from tieline.agents.leader_follower.policy import ChoicePolicy
from tieline.agents.leader_follower.region import MarketRegion, ranges_for
from tieline.agents.leader_follower.search import (
    CANDIDATES,
    best_of,
    choose,
    probable_sets,
)
from tieline.bench.market.stage import Stage
from tieline.envs.market.likely import likely_sets
from tieline.envs.market.prepared import Prepared
from tieline.envs.market.tokens import TOKEN_NAMES, Seen
from tieline.studies.market.training.held_out import Table
from tieline.typing import IntArray

SEEDS = (0, 1)
"""Two tell a step from luck; a training of the shipped policies has five."""

UNSEEN = 200
"""Games on which all are judged: enough for regrets to a tenth of a percent."""

OF_LIMITS = ("room", "overload", "behind", "gain")
"""What the slopes of the region tell of limits, and of the money that a DER saves with them."""

OF_LOSSES = ("own_loss", "coupling")
"""What they tell of losses beside the loss factor."""

AS_MARKET = f"{CANDIDATES} and {ESTIMATED} by estimate"


@dataclass(frozen=True)
class Step:
    """A training that departs from the usual one.

    Attributes:
        part: of the method.
        words: what is different.
        settings: fields of the method's settings.
        hidden: tokens that agents do not see.
        games_share: part of the games that is played.
    """

    part: str
    words: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    games_share: float = 1.0


USUAL = Step("usual", "as the policies that are shipped")

STEPS = (
    Step("credit", "one error for all agents", {"credit": "joint"}),
    Step("credit", "each its own part", {"credit": "each"}),
    Step("representation", "no slopes", hidden=(*OF_LIMITS, *OF_LOSSES)),
    Step("representation", "slopes of losses only", hidden=OF_LIMITS),
    Step("length", "a quarter of the games", games_share=0.25),
    Step("length", "half of the games", games_share=0.5),
)


@dataclass(frozen=True)
class Brought:
    """How a step stands on the unseen games.

    Attributes:
        part, words: of the step.
        games: that were played; 0 where nothing was learned.
        judged: which sets AC judged.
        regret_pct, hits_pct: mean over the games, a number for each seed.
    """

    part: str
    words: str
    games: int
    judged: str
    regret_pct: tuple[float, ...]
    hits_pct: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class VeiledRegion(MarketRegion):
    """A region whose agents do not see some of the tokens; these are 0 for all DERs."""

    hidden: tuple[str, ...] = ()

    def see(self, games: Prepared, choices: IntArray, n_agents: int) -> Seen:
        """What is seen of the region, without what is hidden."""
        sight = super().see(games, choices, n_agents)
        tokens = sight.tokens.copy()
        columns = [TOKEN_NAMES.index(name) for name in self.hidden]
        tokens[..., columns] = 0.0
        return replace(sight, tokens=tokens)


def compare_steps(
    stage: Stage, n_games: int, tell: Callable[[str], None]
) -> list[Brought]:
    """Train and judge all steps.

    Args:
        stage: feeder, regions, DERs and limits.
        n_games: of the usual training.
        tell: is told which step is trained now.

    Raises:
        InputError: if the region has fewer DERs than agents.
    """
    models = [stage.model(region) for region in range(stage.n_regions)]
    model = min(models, key=lambda model: model.n_ders)
    region = VeiledRegion(model, ranges_for("open", model, stage.agents))
    table = Table.of(region, UNSEEN, stage.agents)
    rows = [*_without_policy(table)]
    for step in (USUAL, *STEPS):
        tell(f"what {step.words} brings")
        veiled = replace(region, hidden=step.hidden)
        games = max(int(n_games * step.games_share), 1)
        policies = _train(veiled, step, stage.agents, games)
        rows += _judged(replace(table, region=veiled), step, policies)
    return rows


def _train(
    region: MarketRegion, step: Step, n_agents: int, games: int
) -> list[ChoicePolicy]:
    """The policy of each seed."""
    # here and not above: it needs JAX, and the rest of the benchmark does not
    from tieline.agents.leader_follower.training import train_choice

    config = LeaderFollowerConfig(agents=n_agents, **step.settings)
    training = train_choice([region], config, SEEDS, games)
    return [policies[0] for policies in training.policies]


def _without_policy(table: Table) -> Iterator[Brought]:
    """The greedy rule, and estimates alone."""
    candidates = {"greedy": "", "estimate": f"{ESTIMATED} by estimate"}
    for who, sets in table.rules():
        if who not in candidates:
            continue
        score = table.score(sets)
        yield Brought(
            part="no policy",
            words=who,
            games=0,
            judged=candidates[who],
            regret_pct=(score["regret_pct"],),
            hits_pct=(100 * score["hit_rate"],),
        )


def _judged(
    table: Table, step: Step, policies: list[ChoicePolicy]
) -> Iterator[Brought]:
    """A row for each way in which AC looks at candidates: all of them for the usual training, the ends for the others."""
    region = table.region
    counts = [1, CANDIDATES]
    if step is USUAL:
        counts = [1, 4, CANDIDATES]
    for count in counts:
        sets = [choose(policy, region, table.games, count) for policy in policies]
        yield _row(table, step, policies, f"{count}", sets)
    estimated = likely_sets(region.model, table.games, table.size, ESTIMATED)
    sets = []
    for policy in policies:
        probable = probable_sets(policy, region, table.games, CANDIDATES)
        candidates = np.concatenate([probable, estimated], axis=1)
        sets.append(best_of(region, table.games, candidates))
    yield _row(table, step, policies, AS_MARKET, sets)


def _row(
    table: Table,
    step: Step,
    policies: list[ChoicePolicy],
    candidates: str,
    sets: list[IntArray],
) -> Brought:
    scores = [table.score(of_seed) for of_seed in sets]
    games = policies[0].provenance["games"]
    assert isinstance(games, int)  # a training writes it
    return Brought(
        part=step.part,
        words=step.words,
        games=games,
        judged=candidates,
        regret_pct=tuple(score["regret_pct"] for score in scores),
        hits_pct=tuple(100 * score["hit_rate"] for score in scores),
    )
