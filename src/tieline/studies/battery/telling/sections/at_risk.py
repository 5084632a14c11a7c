"""Who is at risk and who assists, on the one-line diagram, and the voltages of the worst buses over the day."""

from __future__ import annotations

import pandas as pd

from tieline.feeders import Feeder
from tieline.reports.by_bus import texts_by_bus
from tieline.reports.clock import HOUR_TITLE, clock_times
from tieline.reports.diagram import one_line
from tieline.reports.heat_map import heat_maps
from tieline.reports.html import Diagram, Figure, Section, Table
from tieline.reports.numbers import brief
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.telling.sections.case_words import CASE_WORDS
from tieline.studies.result import Result

NEED_HEADINGS = {
    "required_kwh": "to absorb beyond its own battery [kWh]",
    "deployed_pct": "batteries as deployed [%]",
    "needed_pct": "batteries as needed [%]",
}

MAPPED_BUSES = 40
"""Buses in the heat maps: as many rows as can be told apart."""


def regions(result: Result, feeder: Feeder, config: BatteryConfig) -> Section:
    """One-line diagram with the impacted and the assisting region."""
    buses = result.tables["buses"]
    roles = dict(zip(buses["bus"], buses["role"], strict=True))
    drawing = one_line(
        feeder, bus_classes=roles, tooltips=texts_by_bus(buses, _tooltip)
    )
    diagram = Diagram(
        drawing,
        f"Critical: above {config.critical_pu:g} pu without batteries (the impacted region). Assisting: lends capacity. "
        "Voltages and lent energy appear under the mouse or finger.",
    )
    headings = {
        f"v_max_pu_{name}": f"{words} [pu]" for name, words in CASE_WORDS.items()
    }
    # the bound is not always asked for
    columns = ["bus", "battery_kw", *(column for column in headings if column in buses)]
    critical = buses[buses["role"] == "critical"]
    critical = critical.sort_values("v_max_pu_none", ascending=False)
    table = Table(
        critical[columns],
        "Highest voltage of the critical buses in each case, the worst first.",
        headings,
        rest_in="buses.parquet",
    )
    needs = Table(
        critical[["bus", *NEED_HEADINGS]],
        "What the critical buses need: batteries as deployed and as needed are power per full load of the bus.",
        NEED_HEADINGS,
        rest_in="buses.parquet",
    )
    return Section("Who is at risk, who assists", [diagram, table, needs])


def _tooltip(row: pd.Series) -> str:
    """What stands under the mouse at a bus, from its row of the table."""
    lines = [
        "highest voltage",
        f"without batteries {row['v_max_pu_none']:.4f} pu",
        f"with batteries alone {row['v_max_pu_mpc']:.4f} pu",
        f"with cooperation {row['v_max_pu_csocc']:.4f} pu",
        f"lends {brief(row['lent_kwh'])} kWh",
    ]
    return "\n".join(lines)


def voltages(result: Result, config: BatteryConfig) -> Section:
    """Heat maps of bus by time, the most affected buses."""
    by_voltage = result.tables["buses"].sort_values("v_max_pu_none", ascending=False)
    worst_buses = by_voltage["bus"].head(MAPPED_BUSES).tolist()
    # a heat map is drawn from below, and the worst bus stands on top
    upwards = worst_buses[::-1]
    table = result.tables["voltages"]
    table = table[table["bus"].isin(worst_buses)]
    maps = {}
    for name in ("none", "mpc", "csocc"):
        case = table[table["case"] == name]
        by_bus = case.pivot(index="bus", columns="time", values="v_pu")
        maps[CASE_WORDS[name]] = by_bus.loc[upwards].to_numpy()
    figure = heat_maps(
        maps,
        x=clock_times(table["time"]),
        y=upwards,
        limit=config.critical_pu,
        x_title=HOUR_TITLE,
        y_title="bus",
        value_title="highest voltage [pu]",
    )
    caption = (
        f"Red: above {config.critical_pu:g} pu. The {len(worst_buses)} buses with the highest voltages, the worst on top. "
        "Steps left empty have no power-flow solution."
    )
    return Section("Voltages over the day", [Figure(figure, caption)])
