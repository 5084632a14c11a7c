"""The report of a training for the market study: learning curves, and where policies stand beside rules in unseen games."""

from __future__ import annotations

import pandas as pd

from tieline.reports import figures
from tieline.reports.html import Figure, Report, Section, Table, Text
from tieline.studies.learning_curves import learning_curve_figure
from tieline.studies.market.training.config import MarketTrainingConfig
from tieline.studies.market.training.headline import (
    by_who,
    headline,
    who_table,
)
from tieline.studies.result import Result

GAMES = "games of each region and seed"
"""Axis of the learning curves."""


def report(result: Result) -> Report:
    """What the page about a training says."""
    config = result.config
    assert isinstance(config, MarketTrainingConfig)
    curves = result.tables["curves"]
    held_out = result.tables["held_out"]
    return Report(
        headline(result),
        sections=[
            Section("Learning", [*_learning(curves)]),
            Section(
                "Unseen games",
                [
                    Text(
                        "J of every set of every game is solved on AC. Regret is measured from the best set to the mean of all; "
                        "a hit is a regret of at most 1 %. A policy names its most probable sets, and of those tried AC "
                        "takes the best; with one the policy is alone."
                    ),
                    by_who(held_out),
                    _by_region(held_out),
                ],
            ),
            Section(
                "What to do with it",
                [
                    Text(
                        "Give the folder of this run to tieline run market --policy FOLDER."
                    )
                ],
            ),
        ],
        facts={"settings": config.settings.model_dump(mode="json")},
    )


def _learning(curves: pd.DataFrame) -> list[Figure]:
    """The return of all agents, and the part of each."""
    by_seed = curves.groupby(["seed", "games"], as_index=False).mean(numeric_only=True)
    # a game is one choice of all agents: its steps are games
    in_games = by_seed.rename(columns={"games": "step"})
    all_agents = learning_curve_figure(in_games, x_title=GAMES)
    by_games = curves.groupby("games").mean(numeric_only=True)
    of_agents = {
        f"agent {name.rpartition('_')[2]}": by_games[name].to_numpy()
        for name in by_games.columns
        if name.startswith("reward_agent_")
    }
    parts = figures.lines_with_band(
        by_games.index,
        of_agents,
        x_title=GAMES,
        y_title="mean reward on unseen games",
    )
    caption = "Reward of each agent, in parts of what there is to save."
    return [all_agents, Figure(parts, caption)]


def _by_region(held_out: pd.DataFrame) -> Table:
    grouped = held_out.groupby(["region", "who", "candidates"], sort=False)
    means = grouped[["regret_pct", "hit_rate"]].mean().reset_index()
    return who_table(means, "Each region, policies in the mean of seeds.")
