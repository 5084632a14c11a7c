"""Who is asked to lend first, and how the search learned it."""

from __future__ import annotations

import pandas as pd

from tieline.reports import figures
from tieline.reports.html import Block, Figure, Section, Table, Text
from tieline.reports.numbers import format_number
from tieline.studies.result import Result


def ranking(result: Result) -> list[Section]:
    """Who should lend first."""
    table = result.tables["ranking"]
    if table.empty:
        return []
    episodes = format_number(result.metrics["mcts_episodes"])
    tau = format_number(result.metrics["mcts_rank_correlation"])
    text = Text(
        f"Tree search changed the first places for the last time in episode {episodes}; its order agrees with the exhaustive "
        f"scan by Kendall's tau {tau}."
    )
    caption = "Assisting buses in the order in which they are asked."
    headings = {
        "capacity_kw": "battery [kW]",
        "path_loss_kw": "path loss [kW]",
        "value_kw": "value [kW]",
        "lent_kwh": "lent [kWh]",
    }
    blocks: list[Block] = [
        text,
        _search_figure(result.tables["search"]),
        Table(table, caption, headings, most_rows=40, rest_in="ranking.parquet"),
    ]
    searches = result.tables["regions"]
    if len(searches) > 1:
        caption = "The regions at risk and their searches."
        blocks.append(Table(searches, caption, rest_in="regions.parquet"))
    return [Section("Who is asked first", blocks)]


def _search_figure(search: pd.DataFrame) -> Figure:
    """What the first buses are believed to be worth, episode by episode, for the largest region."""
    largest = search[search["entry_bus"] == search["entry_bus"].iloc[0]]
    by_bus = largest.pivot(index="episode", columns="bus", values="value_kw")
    lines = {f"bus {bus}": by_bus[bus].to_numpy() for bus in largest["bus"].unique()}
    figure = figures.lines_with_band(
        by_bus.index.to_numpy(dtype=float),
        lines,
        x_title="episode",
        y_title="learned value [kW]",
    )
    caption = (
        f"Learned value of the first {len(lines)} buses; a line begins where the search first "
        "ends there."
    )
    return Figure(figure, caption)
