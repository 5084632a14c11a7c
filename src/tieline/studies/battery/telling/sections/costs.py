"""What each case costs and breaks, and the bill by region."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tieline.reports import figures
from tieline.reports.html import Figure, Section, Table
from tieline.settings.currency import in_currency
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.telling.sections.case_words import CASE_WORDS
from tieline.studies.result import Result

COST_COLUMNS = (
    ("v_max_pu", "v_max_pu", "highest voltage [pu]"),
    ("v_min_pu", "v_min_pu", "lowest voltage [pu]"),
    ("violations", "violations", "violations [bus-steps]"),
    ("unjudged", "steps_unjudged", "steps not judged"),
    (
        "reverse_risk_kwh",
        "reverse_kwh_critical",
        "reverse energy of critical buses, hours at risk [kWh]",
    ),
    ("reverse_day_kwh", "reverse_kwh_day", "whole day [kWh]"),
)
"""Of the table of costs, after the cost itself: column, the metric it shows by case, heading."""

REGION_WORDS = {
    "impacted": "buses at risk",
    "assisting": "buses that lend",
    "other": "other buses",
    "losses": "losses",
}


def costs(result: Result, config: BatteryConfig) -> Section:
    """What each case costs and breaks."""
    table = cost_table(result, config)
    cost = in_currency("cost", config.currency)
    bars = figures.bar(
        table.frame["case"].tolist(),
        {"cost": table.frame[cost]},
        value_title=table.headings[cost],
        horizontal=True,
    )
    caption = "Energy bought at the source less energy fed back, at the pool price."
    return Section(
        "What it costs", [table, Figure(bars, caption), _split(result, config)]
    )


def _split(result: Result, config: BatteryConfig) -> Table:
    """The bill by region, and by what the grid and what the batteries have part in."""
    split = result.tables["costs"]
    by_region = split.assign(
        case=split["case"].map(CASE_WORDS), region=split["region"].map(REGION_WORDS)
    )
    headings = {
        in_currency("grid_cost", config.currency): f"load less PV [{config.currency}]",
        in_currency(
            "battery_cost", config.currency
        ): f"batteries, charge less discharge [{config.currency}]",
    }
    caption = (
        "The bill of the first day by region. The rows of a case add up to its cost."
    )
    return Table(by_region, caption, headings, rest_in="costs.parquet")


def cost_table(result: Result, config: BatteryConfig) -> Table:
    """A row for each case."""
    cost = in_currency("cost", config.currency)
    names = [name for name in CASE_WORDS if f"{cost}_{name}" in result.metrics]
    columns: dict[str, list[Any]] = {"case": [CASE_WORDS[name] for name in names]}
    headings = {}
    quantities = ((cost, cost, f"cost [{config.currency}]"), *COST_COLUMNS)
    for column, quantity, heading in quantities:
        columns[column] = [result.metrics[f"{quantity}_{name}"] for name in names]
        headings[column] = heading
    caption = "All cases on the same days; costs are means over the days."
    return Table(pd.DataFrame(columns), caption, headings)
