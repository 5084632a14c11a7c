"""The report of an optimal power flow: what to do, what energy is worth where and why, which limits stand in the way."""

from __future__ import annotations

import pandas as pd

from tieline.feeders import Feeder
from tieline.reports import figures
from tieline.reports.by_bus import texts_by_bus, values_by_bus
from tieline.reports.diagram import one_line
from tieline.reports.html import Block, Diagram, Figure, Report, Section, Table, Text
from tieline.reports.numbers import format_number
from tieline.reports.places import place_words
from tieline.studies.broken_before import broken_before_section
from tieline.studies.optimal_power_flow.config import OptimalPowerFlowConfig
from tieline.studies.optimal_power_flow.headline import (
    allowed_words,
    headline,
    is_held_to_before,
    set_points,
)
from tieline.studies.optimal_power_flow.world.asked_ders import ask_ders
from tieline.studies.result import Result

FORMULATIONS = {
    "nlp": "AC equations phase by phase (nonlinear program, Ipopt). The optimum is a local one.",
    "socp": "Branch flow relaxation (second-order cone program, Clarabel). Without a gap its optimum is the global one.",
    "lp": "Programs with a linear network, moved onto the AC power flow round by round (Clarabel).",
}
HELD = {
    "hold": "where they rest before the DERs act",
    "off": "as the feeder states them",
}
MOST_BARS = 15
"""Nodes whose price parts are drawn: as many bars with their names as are read at a glance."""

MOST_NAMED = 12
"""Rows of the long tables; the run folder has all."""

MARKUPS = ("loss", "voltage", "congestion")
READING = {
    "value": "reading",
    "limit": "limit",
    "excess_pct": "beyond by [% of limit]",
}


def report(result: Result) -> Report:
    """What the page about an optimal power flow says."""
    config = result.config
    assert isinstance(config, OptimalPowerFlowConfig)
    feeder = ask_ders(result.feeder, config).feeder
    return Report(
        headline(result),
        sections=[
            _what_to_do(result, config),
            _prices(result, feeder, config),
            _voltages(result, feeder, config),
            _limits(result, config),
            *broken_before_section(result),
            _trust(result, config),
        ],
    )


def _what_to_do(result: Result, config: OptimalPowerFlowConfig) -> Section:
    table = set_points(result, config)
    blocks: list[Block] = []
    if table is not None:
        blocks.append(table)
    blocks.append(
        Table(
            _cost_parts(result, config.currency),
            "Cost of the hour on AC, and what the formulation foresees.",
        )
    )
    if "loads" in result.tables:
        loads = result.tables["loads"].sort_values("served_pct", kind="stable")
        blocks.append(
            Table(
                loads,
                "Loads, least served first.",
                most_rows=MOST_NAMED,
                rest_in="loads.parquet",
            )
        )
    return Section("What the DERs should do", blocks)


def _cost_parts(result: Result, currency: str) -> pd.DataFrame:
    metrics = result.metrics
    rows = [
        ("energy bought at the source", metrics["bought_per_h"]),
        ("energy of the DERs", metrics["ders_per_h"]),
        ("total on AC", metrics["ac_cost_per_h"]),
        ("total as the formulation has it", metrics["cost_per_h"]),
        ("total as the feeder stands", metrics["cost_before_per_h"]),
    ]
    if metrics["shed_kw"] or metrics["served_value_per_h"]:
        rows.insert(
            2,
            (
                "value of load served, which counts against it",
                metrics["served_value_per_h"],
            ),
        )
    return pd.DataFrame(rows, columns=["part", f"cost [{currency}]"])


def _prices(result: Result, feeder: Feeder, config: OptimalPowerFlowConfig) -> Section:
    prices = result.tables["prices"]
    drawing = one_line(
        feeder,
        bus_values=values_by_bus(result.tables["buses"], "price_per_kwh"),
        tooltips=texts_by_bus(_bus_prices(prices), _price_tooltip),
        value_label="price of energy",
        value_unit=f"{config.currency}/kWh",
    )
    markup = prices["price_per_kwh"] - float(result.metrics["source_price"] or 0.0)
    by_markup = prices.assign(size=markup.abs()).sort_values(
        "size", ascending=False, kind="stable"
    )
    nodes = by_markup.head(MOST_BARS)
    names = [f"{row.bus}.{row.phase}" for row in nodes.itertuples()]
    figure = figures.bar(
        [place_words(name, feeder) for name in names],
        {part: nodes[f"{part}_per_kwh"] for part in MARKUPS},
        value_title=f"price above the source's [{config.currency}/kWh]",
        stacked=True,
        horizontal=True,
    )
    headings = {
        f"{part}_per_kwh": f"{part} [{config.currency}/kWh]"
        for part in ("price", "energy", *MARKUPS)
    }
    blocks = [
        Diagram(
            drawing,
            "Price of one kWh more at each bus (mean of its phases); its parts appear under the mouse or finger.",
        ),
        Figure(figure, _bars_caption(len(nodes), len(prices))),
        Table(
            prices,
            "Nodes with the highest price.",
            headings,
            most_rows=MOST_NAMED,
            rest_in="prices.parquet",
        ),
    ]
    intro = (
        "One kWh more taken at a node costs the price at the source, the losses it adds, and what voltage and flow limits that "
        "bind make dearer or cheaper there."
    )
    return Section("What energy is worth", blocks, intro)


def _bars_caption(bars: int, count: int) -> str:
    which = f"the {bars} nodes (of {count}) whose price differs most from it"
    if bars == count:
        which = "every node"
    return f"What losses, voltage limits and flow limits add to the price at the source, at {which}."


def _bus_prices(prices: pd.DataFrame) -> pd.DataFrame:
    """Mean price of the nodes of each bus, and its parts."""
    columns = [f"{part}_per_kwh" for part in ("price", *MARKUPS)]
    return prices.groupby("bus", as_index=False)[columns].mean()


def _price_tooltip(row: pd.Series) -> str:
    parts = [f"{part} {row[f'{part}_per_kwh']:+.4f}" for part in MARKUPS]
    return "\n".join([f"price {row['price_per_kwh']:.4f}", *parts])


def _voltages(
    result: Result, feeder: Feeder, config: OptimalPowerFlowConfig
) -> Section:
    buses = result.tables["buses"]
    drawing = one_line(
        feeder,
        bus_values=values_by_bus(buses, "lowest_pu"),
        tooltips=texts_by_bus(buses, _voltage_tooltip),
        value_label="lowest voltage",
        worst="low",
    )
    caption = (
        f"Lowest voltage of each bus with the set-points, on AC; limits {allowed_words(result)}. The highest, and both before "
        "the DERs act, appear under the mouse or finger."
    )
    return Section("Voltages", [Diagram(drawing, caption)])


def _voltage_tooltip(row: pd.Series) -> str:
    before = _range(row["before_lowest_pu"], row["before_highest_pu"])
    after = _range(row["lowest_pu"], row["highest_pu"])
    return f"voltage {after} pu\nbefore the DERs act {before} pu"


def _range(low: float, high: float) -> str:
    if low != low:
        return "not solved"
    return f"{low:.4f} to {high:.4f}"


def _limits(result: Result, config: OptimalPowerFlowConfig) -> Section:
    headings = READING | {"saves_per_pct": f"1 % more saves [{config.currency}/h]"}
    violations = _with_units(result.tables["violations"])
    binding = _with_units(result.tables["limits"])
    blocks: list[Block] = []
    if len(violations):
        caption = "Limits that the set-points break on AC."
        blocks.append(
            Table(
                violations,
                caption,
                headings,
                most_rows=MOST_NAMED,
                rest_in="violations.parquet",
            )
        )
    else:
        beyond = ""
        if is_held_to_before(result):
            beyond = " beyond those that are broken before"
        text = f"Replayed on the AC power flow, the set-points break no limit{beyond}."
        blocks.append(Text(text))
    if len(binding):
        caption = "Limits that bind, and what the hour would cost less if one gave way by 1 % of itself."
        blocks.append(
            Table(
                binding,
                caption,
                headings,
                most_rows=MOST_NAMED,
                rest_in="limits.parquet",
            )
        )
    else:
        blocks.append(
            Text("No voltage or flow limit binds: a wider one would save nothing.")
        )
    return Section("Limits", blocks)


def _with_units(table: pd.DataFrame) -> pd.DataFrame:
    """Readings and limits of mixed units as text."""
    texts = {name: _column_with_units(table, name) for name in ("value", "limit")}
    return table.assign(**texts).drop(columns="unit")


def _column_with_units(table: pd.DataFrame, name: str) -> list[str]:
    pairs = zip(table[name], table["unit"], strict=True)
    return [f"{format_number(number, unit)} {unit}" for number, unit in pairs]


def _trust(result: Result, config: OptimalPowerFlowConfig) -> Section:
    metrics = result.metrics
    blocks: list[Block] = [
        Text(
            f"{FORMULATIONS[config.formulation]} It ended with '{metrics['solver']}' after {metrics['iterations']} iterations "
            f"and {result.number('solver_s'):.2f} s."
        ),
        Text(
            f"Regulators, capacitors and switches are held {HELD[config.controls]}. Costs are of one hour without change."
        ),
    ]
    if "gaps" in result.tables:
        blocks += _gap_blocks(result)
    return Section("How far to trust it", blocks)


def _gap_blocks(result: Result) -> list[Block]:
    text = (
        f"The relaxation loses {result.metrics['relaxation_gap_kw']:.2g} kW more than the feeder would, over all branches. Where "
        "that is nothing, there are no better set-points."
    )
    gaps = result.tables["gaps"]
    table = Table(
        gaps.assign(gap_kw=[f"{value:.2g}" for value in gaps["gap_kw"]]),
        "Gap by branch, largest first.",
        {"gap_kw": "gap [kW]"},
        most_rows=MOST_NAMED,
        rest_in="gaps.parquet",
    )
    return [Text(text), table]
