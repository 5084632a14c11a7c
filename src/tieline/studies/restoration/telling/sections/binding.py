"""Section "What binds": kinds of limits over the steps, several deciders side by side; what the network takes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.reports.heat_map import heat_maps
from tieline.reports.html import Block, Figure, Section, Text
from tieline.reports.numbers import format_number
from tieline.studies.restoration.telling.metrics import rows_of
from tieline.studies.restoration.telling.shown import (
    TIME_TITLE,
    first_draw,
    hours_of,
    main_decider,
    main_scenario,
    played_of,
    words_of,
)
from tieline.studies.restoration.telling.tables.limits import KINDS
from tieline.studies.result import Result
from tieline.typing import FloatArray

PANELS = 3
"""Maps side by side, as many as fit a page."""

SOURCES = ["droop_kw", "turbine_kw", "renewable_kw", "battery_kw"]
"""Columns of the steps that are injected; a battery that charges counts against the others."""

INTRO = (
    "A limit binds where it is reached. Fuel that is used up at the end is no fault: that is what it is for; used up before, "
    "load must go off."
)


def binding(result: Result) -> list[Section]:
    """Map of limits, and what voltages, flows and losses came to; nothing where nobody decided but bounds."""
    name = main_decider(result)
    if name not in played_of(result):
        return []
    blocks: list[Block] = [_map(result), Text(_of_network(result, name))]
    return [Section("What binds", blocks, INTRO)]


def _map(result: Result) -> Figure:
    played_names = played_of(result)
    # beside whom the page is about: the best known model, and the article's
    names = [main_decider(result), "mpc-corrected", "mpc-8", *played_names]
    distinct = dict.fromkeys(name for name in names if name in played_names)
    scenario = main_scenario(result)
    panels = {}
    for name in list(distinct)[:PANELS]:
        panels[words_of(name)] = _grid(result, scenario, name)
    hours = hours_of(result, scenario)
    figure = heat_maps(
        panels,
        x=[f"{hour:g}" for hour in hours],
        y=list(reversed(KINDS)),
        limit=100.0,
        x_title=TIME_TITLE,
        y_title="",
        value_title="of their kind [%]",
    )
    # a name under each quarter of an hour would overlap the next
    whole_hours = [f"{hour:g}" for hour in hours if hour % 1 == 0]
    figure.update_xaxes(tickmode="array", tickvals=whole_hours)
    caption = f"Share of the limits of a kind that bind, {scenario}, first draw; white where none does."
    return Figure(figure, caption)


def _grid(result: Result, scenario: str, name: str) -> FloatArray:
    """Share of the limits that bind, (kind from the bottom, step) [%]; NaN where none does."""
    rows = first_draw(result, "limits", scenario, name)
    # a share of 0 would be coloured like the lowest that binds
    rows = rows[rows["binding"] > 0]
    share_pct = 100 * rows["binding"] / rows["limits"]
    wide = rows.assign(share_pct=share_pct).pivot_table(
        index="kind", columns="step", values="share_pct"
    )
    steps = np.arange(len(hours_of(result, scenario)))
    return wide.reindex(index=list(reversed(KINDS)), columns=steps).to_numpy(
        dtype=float
    )


def _of_network(result: Result, name: str) -> str:
    scenario = main_scenario(result)
    steps = rows_of(result.tables["steps"], scenario, name)
    lost_pct = _lost_pct(first_draw(result, "steps", scenario, name))
    low = format_number(steps["lowest_pu"].min(), "pu")
    high = format_number(steps["highest_pu"].max(), "pu")
    text = f"The network itself: {lost_pct:.2f} % of what is served is lost in lines, voltages stay between {low} and {high} pu"
    # an island may state no rating of any branch
    if "loading_pct" in steps and steps["loading_pct"].notna().any():
        loading_pct = steps["loading_pct"].max()
        text += f", and the most loaded line or transformer carries {loading_pct:.0f} % of its rating"
    return f"{text}."


def _lost_pct(steps: pd.DataFrame) -> float:
    """What is injected and not served, of what is served [%]; 0 where nothing is."""
    served_kw = steps["served_kw"].sum()
    if not served_kw:
        return 0.0
    injected_kw = steps[SOURCES].sum().sum()
    return 100 * (injected_kw - served_kw) / served_kw
