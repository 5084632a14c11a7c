"""Choices on unseen games and on minutes of days: policies of several seeds beside rules and chance.

Games, rules and measures are those by which a training judges itself (`studies.market.training.held_out`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tieline.agents.leader_follower.policy import ChoicePolicy
from tieline.agents.leader_follower.policy_file import load_choice_policies
from tieline.agents.leader_follower.region import MarketRegion, ranges_for
from tieline.bench.market.day_games import KIND, day_regions
from tieline.bench.market.options import CASE
from tieline.bench.market.stage import Stage
from tieline.envs.market.draws import RANGES, Kind
from tieline.studies.market.training.held_out import AS_MARKET, hold_out

LEARNED = "policy"


@dataclass(frozen=True)
class Score:
    """One decider on the unseen games of a region.

    Attributes:
        kind: of the games.
        region: counted from 1.
        ders: that can be chosen.
        who: `policy`, `both` (a policy, and estimates beside it), `estimate`, `greedy`, `cheapest`, `constant` or `random`.
        candidates: sets that AC judges for a policy; -1 for who has none.
        seed: of a policy; -1 for who has none.
        regret_pct: mean over the games.
        hits_pct: games with a regret of at most 1 %.
    """

    kind: str
    region: int
    ders: int
    who: str
    candidates: int
    seed: int
    regret_pct: float
    hits_pct: float

    @property
    def is_judged_policy(self) -> bool:
        """Whether it is the policy as the market asks it."""
        return self.who == AS_MARKET

    @property
    def is_learned(self) -> bool:
        """Whether a policy takes part."""
        return self.who in (LEARNED, AS_MARKET)


def market_region(stage: Stage, kind: Kind, *regions: int) -> MarketRegion:
    """A region of the stage, or several that are merged, counted from 0, with games of a kind."""
    model = stage.model(*regions)
    return MarketRegion(model, ranges_for(kind, model, stage.agents))


def judge(
    stage: Stage,
    numbers: Sequence[int],
    n_games: int,
    files: tuple[Path, ...],
    tell: Callable[[str], None],
) -> list[Score]:
    """All deciders in some regions.

    Args:
        stage: feeder, regions, DERs and limits.
        numbers: of the regions, counted from 0.
        n_games: of each region and kind; minutes of days may come twice.
        files: policies, one file per seed.
        tell: is told which region is solved now.

    Raises:
        InputError: if policies do not fit the regions.
    """
    policies = [_policies_of(stage, numbers, file) for file in files]
    regions_of: dict[str, list[MarketRegion]] = {}
    for kind in RANGES:
        regions_of[kind] = [market_region(stage, kind, number) for number in numbers]
    of_days = day_regions(stage, CASE)
    regions_of[KIND] = [of_days[number] for number in numbers]
    scores = []
    for kind, regions in regions_of.items():

        def progress(place: int, count: int, text: str, kind: str = kind) -> None:
            tell(f"{text} of kind {kind}, region {place + 1} of {count}")

        table = hold_out(regions, policies, n_games, stage.agents, progress)
        for row in table.to_dict("records"):
            place = int(row["region"])
            n_ders = regions[place].model.n_ders
            scores.append(_score(kind, numbers[place], n_ders, row))
    return scores


def _policies_of(
    stage: Stage, numbers: Sequence[int], file: Path
) -> list[ChoicePolicy]:
    """The policy of each region in a file."""
    policies = load_choice_policies(file)
    models = [stage.model(number) for number in numbers]
    return [policies.for_region(model, stage.agents).policy for model in models]


def _score(kind: str, number: int, n_ders: int, row: dict[Any, Any]) -> Score:
    return Score(
        kind=kind,
        region=number + 1,
        ders=n_ders,
        who=str(row["who"]),
        candidates=int(row["candidates"]),
        seed=int(row["seed"]),
        regret_pct=float(row["regret_pct"]),
        hits_pct=100 * float(row["hit_rate"]),
    )
