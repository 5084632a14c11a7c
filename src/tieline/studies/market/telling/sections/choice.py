"""Section "How good the choice is": regret and hits against rules on the minutes of the run, and how the policies learned."""

from __future__ import annotations

import pandas as pd

from tieline.reports.figures import bar, lines_with_band
from tieline.reports.html import Block, Figure, Section, Table, Text
from tieline.reports.numbers import format_number
from tieline.studies.market.telling.words import DECIDERS
from tieline.studies.result import Result

SHOWN_DECIMALS = 2
"""Of regrets and hits [%]: below, the power flow's tolerance is read."""

REWARD = "reward_agent_"
"""Columns of the learning curves, with the number of the agent behind."""

NO_MATTER = "Every decider, random choice included, found the best set in every sampled minute: there is nothing to choose."
"""Said in place of tables full of zeros."""

LEARNED = (
    "How the policies learned: what their sets save on unseen games, without search, in parts of what the demand costs at the "
    "balancing price; mean over the seeds."
)

AGENTS = "What each agent adds to it, mean over the regions: the first leads, the others choose what completes its choice."

WHAT = (
    "Regret is what a set of DERs costs above the best set, over what a random set costs above it: 0 % is the best, 100 % is no "
    "better than chance. A hit is a regret of at most 1 %: sets that differ by buses behind one switch tie, so equality is no "
    "measure."
)


def choice(result: Result) -> Section:
    """Regret against the rules; learning curves where policies were trained."""
    blocks: list[Block] = []
    games = result.tables["games"]
    if not len(games):
        blocks.append(Text("No minutes were sampled to judge the choice."))
    elif games["regret_pct"].max() < 10**-SHOWN_DECIMALS:
        blocks.append(Text(NO_MATTER))
    else:
        blocks.append(_regrets(games))
        blocks.append(_judged(games, "regret_pct", "Mean regret of each decider."))
        count = format_number(games["games"].max())
        blocks.append(_judged(games, "hits_pct", f"Hits in {count} minutes."))
    learning = result.tables.get("learning")
    if learning is not None and len(learning):
        blocks += _learning(learning)
    return Section("How good the choice is", blocks, WHAT)


def _regrets(games: pd.DataFrame) -> Figure:
    by_region = games.pivot(index="region", columns="who", values="regret_pct")
    # chance would be the scale of the figure, and all else lie on its axis
    deciders = [who for who in DECIDERS if who in by_region and who != "random"]
    figure = bar(
        [f"region {region}" for region in by_region.index],
        {DECIDERS[who]: by_region[who] for who in deciders},
        value_title="mean regret [%]",
    )
    return Figure(figure, "Mean regret on the sampled minutes; lower is better.")


def _judged(games: pd.DataFrame, column: str, caption: str) -> Table:
    """A row per region, a column per decider."""
    by_region = games.pivot(index="region", columns="who", values=column)
    headings = {who: f"{DECIDERS[who]} [%]" for who in DECIDERS if who in by_region}
    in_order = by_region[list(headings)]
    rows = in_order.round(SHOWN_DECIMALS).reset_index()
    return Table(rows, caption, headings, rest_in="games.parquet")


def _learning(learning: pd.DataFrame) -> list[Block]:
    """What the sets save, and what each agent adds to it, through the training."""
    saved = learning.pivot_table("return_mean", "games", "region")
    by_region = lines_with_band(
        saved.index,
        {f"region {region}": saved[region] for region in saved.columns},
        x_title="games of each region",
        y_title="saved by the set [parts of 1]",
    )
    agents = [name for name in learning.columns if name.startswith(REWARD)]
    reward = learning.groupby("games")[agents].mean()
    by_agent = lines_with_band(
        reward.index,
        {f"agent {name.removeprefix(REWARD)}": reward[name] for name in agents},
        x_title="games of each region",
        y_title="saved by the agent [parts of 1]",
    )
    return [Figure(by_region, LEARNED), Figure(by_agent, AGENTS)]
