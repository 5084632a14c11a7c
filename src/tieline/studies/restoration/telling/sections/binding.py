"""Section "What binds": kinds of limits over the steps, several deciders side by side; what the network takes."""

from __future__ import annotations

import numpy as np

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
    names = [main_decider(result), "mpc-corrected", "mpc-8", *played_of(result)]
    distinct = dict.fromkeys(name for name in names if name in played_of(result))
    scenario = main_scenario(result)
    panels = {}
    for name in list(distinct)[:PANELS]:
        panels[words_of(name)] = _grid(result, scenario, name)
    figure = heat_maps(
        panels,
        x=[f"{hour:g}" for hour in hours_of(result, scenario)],
        y=list(reversed(KINDS)),
        limit=100.0,
        x_title=TIME_TITLE,
        y_title="",
        value_title="of their kind [%]",
    )
    whole_hours = [f"{hour:g}" for hour in hours_of(result, scenario) if hour % 1 == 0]
    figure.update_xaxes(tickmode="array", tickvals=whole_hours)
    caption = f"Share of the limits of a kind that bind, {scenario}, first draw; white where none does."
    return Figure(figure, caption)


def _grid(result: Result, scenario: str, name: str) -> FloatArray:
    """Share of the limits that bind, (kind from the bottom, step) [%]; NaN where none does."""
    rows = first_draw(result, "limits", scenario, name)
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
    one = first_draw(result, "steps", scenario, name)
    injected_kw = one[["droop_kw", "turbine_kw", "renewable_kw", "battery_kw"]].sum()
    served_kw = one["served_kw"].sum()
    lost_pct = 100 * (injected_kw.sum() - served_kw) / served_kw if served_kw else 0.0
    low = format_number(steps["lowest_pu"].min(), "pu")
    high = format_number(steps["highest_pu"].max(), "pu")
    text = f"The network itself: {lost_pct:.2f} % of what is served is lost in lines, voltages stay between {low} and {high} pu"
    if "loading_pct" in steps and steps["loading_pct"].notna().any():
        text += f", and the most loaded line or transformer carries {steps['loading_pct'].max():.0f} % of its rating"
    return f"{text}."
