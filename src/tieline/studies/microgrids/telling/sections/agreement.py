"""Section "How agents agree": multipliers of each agent over the rounds of one update; nothing where none was asked."""

from __future__ import annotations

import pandas as pd

from tieline.reports.figures import lines_with_band
from tieline.reports.html import Block, Figure, Section, Text
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.result import Result

INTRO = (
    "Agents find the step of an update among themselves. Each knows its own slopes; what passes between neighbours are "
    "multipliers, one for each shared limit, and a flag that one may stop. Where all hold the same multipliers, the step is that "
    "of a centre who knows everything."
)

LEAST_PCT = 0.001
"""A hundredth of how near agents shall come to the central step."""

SHOWN = 2
"""Limits with a figure, those that press most."""


def agreement(result: Result, config: MicrogridsConfig) -> list[Section]:
    """Rounds, distance to the central step, and multipliers (the article's figure 8), in the rounds that made the step."""
    table = result.tables.get("agreement")
    if table is None:
        return []
    blocks: list[Block] = [Text(_words(result, config))]
    highest = table.groupby("constraint")["multiplier"].max()
    for name in highest.sort_values(ascending=False).index[:SHOWN]:
        rows = table[table["constraint"] == name]
        blocks.append(_multipliers(rows, str(name)))
    return [Section("How agents agree", blocks, INTRO)]


def _words(result: Result, config: MicrogridsConfig) -> str:
    rounds = int(result.number("consensus_rounds"))
    gap_pct = 100 * result.number("consensus_vs_central")
    miss_pct = 100 * result.number("consensus_violation")
    # agents who miss a limit by a little gain more than a centre that does not
    beside = "less" if gap_pct >= 0 else "more"
    return (
        f"One update of these policies on the graph '{config.graph}': {rounds} rounds, those to see whether any step obeys all "
        f"limits too. The agents' step gains {_pct(abs(gap_pct))} {beside} than the central one, and misses a limit by "
        f"{_pct(miss_pct)} of what agents can change it by."
    )


def _pct(share_pct: float) -> str:
    """To the digit that anybody would look at."""
    if share_pct < LEAST_PCT:
        return f"less than {LEAST_PCT:g} %"
    return f"{share_pct:.3f} %"


def _multipliers(rows: pd.DataFrame, name: str) -> Figure:
    by_agent = rows.pivot_table(index="round", columns="agent", values="multiplier")
    figure = lines_with_band(
        by_agent.index,
        {str(agent): by_agent[agent] for agent in by_agent},
        x_title="round",
        y_title="multiplier",
    )
    caption = f"Multiplier of '{name}' as each agent holds it (the article's figure 8), in the rounds that made the step."
    return Figure(figure, caption)
