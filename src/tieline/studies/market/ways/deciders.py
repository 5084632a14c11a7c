"""`Deciders`: who chooses in each region, made of what is asked, and where trained policies come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from tieline.agents.margin_search import MarginRule
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.ways.choosers import Chooser, cheapest, every, greedy
from tieline.studies.market.ways.margin import MarginChooser
from tieline.studies.market.ways.models import Group
from tieline.studies.market.world.buyers import buyers
from tieline.studies.market.world.days import MarketDay
from tieline.studies.market.world.plant import Plant

RULES: Mapping[str, Chooser] = {"greedy": greedy, "cheapest": cheapest, "all": every}
"""Choosers that learn nothing and search nothing, by the word that asks for them."""


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


def make_deciders(plant: Plant, day: MarketDay, config: MarketConfig) -> Deciders:
    """Who chooses in the regions of a plant."""
    regions = range(plant.microgrids.n_regions)
    if config.choice == "margin-search":
        rule = MarginRule(config.stability_margin > 0, config.stability_margin)
        searches = {
            region: MarginChooser(buyer, plant.branch_limits, rule, config.seed)
            for region, buyer in enumerate(buyers(plant, day))
        }
        choosers = {(region,): chooser for region, chooser in searches.items()}
        return Deciders(
            choosers, "tree search with stability margin", searches=searches
        )
    word = "greedy" if config.choice == "auto" else config.choice
    groups = [(region,) for region in regions]
    return Deciders(dict.fromkeys(groups, RULES[word]), word)
