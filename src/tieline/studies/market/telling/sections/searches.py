"""Section "With and without a stability margin": what the tree search buys if it keeps lines free, and if it does not."""

from __future__ import annotations

import pandas as pd

from tieline.reports.clock import HOUR_TITLE, hours_of_day
from tieline.reports.figures import lines_with_band
from tieline.reports.html import Figure, Section, Table
from tieline.settings.currency import in_currency
from tieline.studies.market.config import MarketConfig
from tieline.studies.result import Result
from tieline.typing import FloatArray

WHAT = (
    "The search walks from the buyer's bus to DERs that sell. With a margin a DER sells no more than leaves the lines room; "
    "without one the cheapest sells all it can, whatever the lines carry. These are the search's own purchases, before the "
    "linear program."
)

MARGINS = {True: "with margin", False: "without margin"}


def searches(result: Result, config: MarketConfig) -> list[Section]:
    """The section, where the search chose."""
    table = result.tables.get("searches")
    if table is None or table.empty:
        return []
    return [
        Section("With and without a stability margin", _blocks(result, config), WHAT)
    ]


def _blocks(result: Result, config: MarketConfig) -> list[Figure | Table]:
    table = result.tables["searches"]
    stands_for_h = result.tables["minutes"].set_index("minute")["stands_for_h"]
    cost = in_currency("cost", config.currency)
    by_minute = table.groupby(["margin", "minute"])[[cost, "overloaded"]].sum()
    minutes = table["minute"].drop_duplicates()
    hours = hours_of_day(minutes)
    overloaded: dict[str, FloatArray] = {}
    rows = []
    for margin, words in MARGINS.items():
        of_way = table[table["margin"] == margin]
        sums = by_minute.loc[margin]
        overloaded[words] = sums["overloaded"].to_numpy(dtype=float)
        left_kwh = of_way["left_kw"] * of_way["minute"].map(stands_for_h)
        row = {
            "way": words,
            "cost": sums[cost].mean(),
            "ders": of_way["ders"].mean(),
            "left_kwh": left_kwh.sum(),
            "overloaded": int((sums["overloaded"] > 0).sum()),
        }
        rows.append(row)
    figure = lines_with_band(
        hours, overloaded, x_title=HOUR_TITLE, y_title="overloaded lines"
    )
    headings = {
        "cost": f"mean cost [{config.currency}/h]",
        "ders": "DERs, mean",
        "left_kwh": "left uncovered [kWh]",
        "overloaded": "minutes with an overloaded line",
    }
    caption = "What the search buys in each way."
    return [
        Figure(figure, "Lines above their limit, on AC."),
        Table(pd.DataFrame(rows), caption, headings),
    ]
