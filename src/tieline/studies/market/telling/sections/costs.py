"""Section "What it costs": the minutes beside no DERs, the linear program over all DERs, and the AC optimum."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tieline.counted import counted
from tieline.opf.balancing.clear import COST_TOLERANCE
from tieline.reports.clock import HOUR_TITLE, hours_of_day
from tieline.reports.figures import lines_with_band
from tieline.reports.html import Block, Figure, Section, Table, Text
from tieline.settings.currency import in_currency
from tieline.studies.market.config import MarketConfig
from tieline.studies.result import Result

WAYS = {
    "cost_none": "main feeder alone",
    "cost": "chosen DERs (DRL-LP)",
    "cost_full_lp": "linear program over all DERs",
    "cost_ac_opf": "AC optimum over all DERs",
}
"""Columns of the table of minutes without their currency, and what they are called."""

OPTIMA = ("cost_full_lp", "cost_ac_opf")

WHAT = (
    "Cost of what departs from the schedule: offers of the DERs, the balancing price for the remainder, the loss that this adds, "
    "the price of exchange. The bill of the schedule itself is far larger and the same in every way, so ways are held against "
    "the money that can be saved, not against the bill."
)


def costs(result: Result, config: MarketConfig) -> Section:
    """Cost through the day, distance to the optima, and the sums."""
    minutes = result.tables["minutes"]
    blocks: list[Block] = [_course(minutes, config.currency)]
    compared = _compared(minutes, config.currency)
    if len(compared):
        blocks += _gaps(compared, config.currency)
        blocks.append(_sums(compared, config.currency))
    else:
        blocks.append(Text("No minute has an optimum beside it."))
    return Section("What it costs", blocks, WHAT)


def _course(minutes: pd.DataFrame, currency: str) -> Figure:
    """Cost per hour in each way."""
    lines = {}
    for way, words in WAYS.items():
        lines[words] = minutes[in_currency(way, currency)]
    figure = lines_with_band(
        hours_of_day(minutes["minute"]),
        lines,
        x_title=HOUR_TITLE,
        y_title=f"cost [{currency}/h]",
    )
    for words, cost in lines.items():
        if cost.isna().any():
            # worked out in some minutes only: a line would claim to know those between
            figure.update_traces(mode="markers", selector={"name": words})
    return Figure(figure, "Cost per hour in each minute.")


def _compared(minutes: pd.DataFrame, currency: str) -> pd.DataFrame:
    """The minutes in which all ways were worked out, columns named by way."""
    names = {in_currency(way, currency): way for way in WAYS}
    frame = minutes[["minute", *names]].rename(columns=names)
    # an optimum that was never asked for does not take the other one away
    empty = [way for way in OPTIMA if frame[way].isna().all()]
    if len(empty) == len(OPTIMA):
        return frame.head(0)
    return frame.drop(columns=empty).dropna()


def _gaps(compared: pd.DataFrame, currency: str) -> list[Block]:
    """What the chosen DERs cost more than each optimum; of a single minute the table below says it."""
    if len(compared) == 1:
        return []
    lines = {}
    for way in OPTIMA:
        if way in compared:
            lines[f"above the {WAYS[way]}"] = compared["cost"] - compared[way]
    largest = max(gap.abs().max() for gap in lines.values())
    # program and AC agree up to this share of what the demand costs at the main feeder
    if largest <= COST_TOLERANCE * compared["cost_none"].max():
        return [Text("In these minutes the chosen DERs cost the same as the optima.")]
    figure = lines_with_band(
        hours_of_day(compared["minute"]),
        lines,
        x_title=HOUR_TITLE,
        y_title=f"cost above [{currency}/h]",
        limits={"equal": 0.0},
    )
    figure.update_traces(mode="lines+markers", selector={"mode": "lines"})
    figure.update_layout(showlegend=True)
    caption = (
        "How far the chosen DERs are from the optima. Below zero is possible against the linear program: it is no bound, because "
        "it sees the feeder in a linear model and all are judged on AC."
    )
    return [Figure(figure, caption)]


def cost_table(minutes: pd.DataFrame, currency: str) -> Table | None:
    """Mean cost in each way over the minutes in which all were worked out; None if there are none."""
    compared = _compared(minutes, currency)
    if compared.empty:
        return None
    return _sums(compared, currency)


def _sums(compared: pd.DataFrame, currency: str) -> Table:
    """Mean cost in each way, and what share of the possible saving it keeps."""
    rows: list[dict[str, Any]] = []
    none = compared["cost_none"].mean()
    for way, words in WAYS.items():
        if way not in compared:
            continue
        row: dict[str, Any] = {"way": words, "cost": compared[way].mean()}
        for optimum in OPTIMA:
            if optimum in compared:
                saved = none - row["cost"]
                possible = none - compared[optimum].mean()
                row[f"{optimum}_pct"] = 100 * saved / possible if possible else None
        rows.append(row)
    headings = {
        "cost": f"mean cost [{currency}/h]",
        "cost_full_lp_pct": "of the saving of the linear program [%]",
        "cost_ac_opf_pct": "of the saving of the AC optimum [%]",
    }
    caption = f"Means over {counted(len(compared), 'minute')} in which all of them were worked out."
    return Table(pd.DataFrame(rows), caption, headings)
