"""`Deciders`: who chooses in each region, made of what is asked, and where trained policies come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from tieline.agents.leader_follower.chooser import ESTIMATED
from tieline.agents.leader_follower.search import CANDIDATES
from tieline.agents.margin_search import MarginRule
from tieline.feeders import Feeder
from tieline.studies.answer import Tell
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.ways.choosers import Chooser, cheapest, every, greedy
from tieline.studies.market.ways.margin import MarginChooser
from tieline.studies.market.ways.models import ChoiceModels, Group
from tieline.studies.market.ways.policies import Learned, find_policies
from tieline.studies.market.world.buyers import buyers
from tieline.studies.market.world.days import MarketDay
from tieline.studies.market.world.plant import Plant

RULES: Mapping[str, Chooser] = {"greedy": greedy, "cheapest": cheapest, "all": every}
"""Choosers that learn nothing and search nothing, by the word that asks for them."""

WORDS: Mapping[str, str] = {
    "greedy": "a greedy rule, agent by agent the best DER on AC",
    "cheapest": "a rule, the lowest cost and loss",
    "all": "nobody: all DERs are called",
}


@dataclass(frozen=True, eq=False)
class Deciders:
    """Who chooses.

    Attributes:
        choosers: of each single region.
        words: who they are, for a reader.
        overlap_share: of agents that would have chosen a leader's DER; None where nothing was learned.
        train_games, train_s: of the policies' training; None where nothing was learned or it is not known.
        learning: its curve.
        searches: of regions whose DERs are found by tree search, by region.
        remarks: what a reader must know of them.
    """

    choosers: Mapping[Group, Chooser]
    words: str
    overlap_share: float | None = None
    train_games: int | None = None
    train_s: float | None = None
    learning: pd.DataFrame | None = None
    searches: Mapping[int, MarginChooser] = field(default_factory=dict)
    remarks: tuple[str, ...] = field(default=())


def make_deciders(
    feeder: Feeder,
    models: ChoiceModels,
    day: MarketDay,
    config: MarketConfig,
    tell: Tell,
) -> Deciders:
    """Who chooses in the regions of a plant.

    Args:
        feeder: as it was read, for a training.
        models: of the regions.
        day: says where each region buys.
        config: who is asked for.
        tell: how far a training is.

    Raises:
        InputError: if policies that were asked for cannot be used.
    """
    if config.choice == "margin-search":
        return _searching(models.plant, day, config)
    if config.choice not in RULES:
        learned = find_policies(feeder, models, config, tell)
        if learned is not None:
            return _learning(learned)
    # nothing fits: the rule that needs no training
    word = config.choice if config.choice in RULES else "greedy"
    groups = [(region,) for region in range(models.plant.microgrids.n_regions)]
    return Deciders(dict.fromkeys(groups, RULES[word]), WORDS[word])


def _searching(plant: Plant, day: MarketDay, config: MarketConfig) -> Deciders:
    rule = MarginRule(config.stability_margin > 0, config.stability_margin)
    searches = {
        region: MarginChooser(buyer, plant.branch_limits, rule, config.seed)
        for region, buyer in enumerate(buyers(plant, day))
    }
    choosers = {(region,): chooser for region, chooser in searches.items()}
    return Deciders(choosers, "a tree search with stability margin", searches=searches)


def _learning(learned: Learned) -> Deciders:
    return Deciders(
        learned.choosers,
        f"{learned.words}, the best on AC of their {CANDIDATES} most probable sets and of the {ESTIMATED} of lowest estimate",
        overlap_share=learned.overlap_share,
        train_games=learned.games,
        train_s=learned.train_s,
        learning=learned.curves if len(learned.curves) else None,
    )
