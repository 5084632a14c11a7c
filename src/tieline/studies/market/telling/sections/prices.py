"""Section "What energy is worth": prices of bus by time in parts, their daily sums at the buyers' buses, and who is paid."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.reports.clock import clock_times
from tieline.reports.heat_map import heat_maps_around
from tieline.reports.html import Block, Figure, Section, Table, Text
from tieline.reports.numbers import format_number
from tieline.settings.currency import in_currency
from tieline.studies.market.config import MarketConfig
from tieline.studies.result import Result

PARTS = ("loss", "voltage", "congestion")

MAPPED_BUSES = 40
"""Rows of a heat map: as many as can be told apart."""

MAPPED_TIMES = 96
"""Columns of a heat map: quarters of an hour in a day; longer steps are means."""

LEAST_PART = 1e-6
"""A part of a price that is smaller everywhere was zero before rounding [currency/kWh]."""

SIGN = (
    "The loss part here is that of a nodal price: positive where a kilowatt more of demand raises the losses. The published form "
    "has the opposite sign, negative where DERs relieve the feeder, so that the DER that relieves it most would be paid least. "
    "Both stand in the table; payments use the nodal price."
)


def prices(result: Result, config: MarketConfig) -> Section:
    """Heat maps by part, daily sums, payments."""
    blocks = _maps(result, config)
    blocks.append(Text(SIGN))
    blocks.append(_daily(result))
    blocks.append(_payments(result, config))
    return Section("What energy is worth", blocks)


def _maps(result: Result, config: MarketConfig) -> list[Block]:
    """The price around its energy part, and each part that is not zero."""
    table = _thinned(result.tables["prices"])
    unit = f"[{config.currency}/kWh]"
    blocks: list[Block] = []
    energy = float(table["energy"].mean())
    mean = f"{format_number(energy)} {config.currency}/kWh"
    caption = (
        f"Price of each bus, mean of its phases; white is {mean}, the mean energy part."
    )
    if table["bus"].nunique() > MAPPED_BUSES:
        caption += f" The {MAPPED_BUSES} buses that differ most from the others."
    blocks.append(_map(table, "price", energy, f"price {unit}", caption))
    zero = []
    for part in PARTS:
        if table[part].abs().max() < LEAST_PART:
            zero.append(part)
            continue
        caption = f"The {part} part alone."
        blocks.append(_map(table, part, 0.0, f"{part} part {unit}", caption))
    if zero:
        parts = " and ".join(f"the {part} part" for part in zero)
        verb = "is" if len(zero) == 1 else "are"
        blocks.append(Text(f"In this run {parts} {verb} zero everywhere."))
    return blocks


def _thinned(table: pd.DataFrame) -> pd.DataFrame:
    """Means over the phases of a bus and over steps that are long enough for a map."""
    columns = ["energy", *PARTS, "price"]
    minutes = table["minute"].drop_duplicates().sort_values()
    length = int(np.ceil(len(minutes) / MAPPED_TIMES))
    first_of = pd.Series(minutes.to_numpy()[::length].repeat(length)[: len(minutes)])
    start = dict(zip(minutes, first_of, strict=True))
    # the phases first: a bus of one phase then weighs as much as one of three
    by_bus = (
        table.groupby(["minute", "bus"], sort=False, observed=True)[columns]
        .mean()
        .reset_index()
    )
    by_bus["minute"] = by_bus["minute"].map(start)
    return (
        by_bus.groupby(["minute", "bus"], sort=False, observed=True)
        .mean()
        .reset_index()
    )


def _map(
    table: pd.DataFrame, part: str, middle: float, title: str, caption: str
) -> Figure:
    by_bus = table.pivot(index="bus", columns="minute", values=part)
    # a part is told from zero, a price from that of the other buses: energy is dear everywhere at some hours
    usual = by_bus.median() if part == "price" else 0.0
    departure = (by_bus - usual).abs().mean(axis=1)
    largest = departure.sort_values(ascending=False).head(MAPPED_BUSES)
    # a heat map is drawn from below, and the dearest bus stands on top
    upwards = by_bus.loc[largest.index].mean(axis=1).sort_values().index
    figure = heat_maps_around(
        {"": by_bus.loc[upwards].to_numpy()},
        x=clock_times(by_bus.columns.to_series()),
        y=[str(bus) for bus in upwards],
        middle=middle,
        x_title="time of day",
        y_title="bus",
        value_title=title,
    )
    return Figure(figure, caption)


def _daily(result: Result) -> Table:
    headings = {
        "bus": "buyer's bus",
        "congestion_cents": "congestion [cents]",
        "loss_cents": "loss [cents]",
        "loss_published_cents": "loss in the published form [cents]",
    }
    caption = (
        "What a steady kilowatt at each buyer's bus pays for these parts over the run, in hundredths of the currency, as in the "
        "published tables."
    )
    return Table(result.tables["daily_prices"], caption, headings)


def _payments(result: Result, config: MarketConfig) -> Table:
    """Who is paid and who pays; the sum is zero to the cent."""
    amount = in_currency("amount", config.currency)
    payments = result.tables["payments"][["who", amount]]
    largest_first = payments.sort_values(amount, key=abs, ascending=False)
    caption = "Payments of the whole run: above zero is paid out, below zero is paid in. The operator keeps what is left over."
    headings = {amount: f"amount [{config.currency}]"}
    return Table(largest_first, caption, headings, 15, "payments.parquet")
