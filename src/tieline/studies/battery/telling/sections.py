"""The parts of the battery report: the feeder with its regions, voltages over bus and time, stored energy, ranking, costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tieline.feeders import Feeder
from tieline.profiles.told import tell_loads, tell_prices, tell_sun
from tieline.reports import figures
from tieline.reports.by_bus import texts_by_bus
from tieline.reports.clock import (
    HOUR_TITLE,
    clock_times,
    hours_of_day,
)
from tieline.reports.diagram import one_line
from tieline.reports.heat_map import heat_maps
from tieline.reports.html import Block, Diagram, Figure, Section, Table, Text
from tieline.reports.numbers import brief, format_number
from tieline.settings.currency import in_currency
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.world.days import is_stretched
from tieline.studies.result import Result
from tieline.typing import FloatArray

CASE_WORDS = {
    "none": "no battery",
    "conventional": "conventional rule",
    "mpc": "batteries alone (MPC)",
    "csocc": "cooperation (CSOCC)",
    "bound": "central optimum (bound)",
}
STORED_CASES = ("conventional", "mpc", "csocc")
"""Cases whose stored energy is drawn."""

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

NEED_HEADINGS = {
    "required_kwh": "to absorb beyond its own battery [kWh]",
    "deployed_pct": "batteries as deployed [%]",
    "needed_pct": "batteries as needed [%]",
}

REGION_WORDS = {
    "impacted": "buses at risk",
    "assisting": "buses that lend",
    "other": "other buses",
    "losses": "losses",
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


def energy(result: Result, config: BatteryConfig) -> Section:
    """Stored energy of critical and assisting buses, with the lent part marked, and what the critical buses feed back."""
    captions = {
        "critical": "Stored energy of the critical buses.",
        "assisting": _lent_caption(result),
    }
    schedules = result.tables["schedules"]
    roles = schedules["bus"].map(result.tables["buses"].set_index("bus")["role"])
    blocks: list[Block] = [Text(_reverse_text(result, config))]
    for role, caption in captions.items():
        of_role = schedules[roles == role]
        if len(of_role):
            blocks.append(Figure(_stored_figure(of_role, role), caption))
    blocks.append(_price_figure(result.tables["steps"], config.currency))
    return Section("Stored and lent energy", blocks)


def _reverse_text(result: Result, config: BatteryConfig) -> str:
    """What the critical buses feed back while they are at risk."""
    at_risk_h = brief(result.metrics["at_risk_h"])
    idle, alone, csocc = (
        brief(result.metrics[f"reverse_kwh_critical_{name}"])
        for name in ("none", "mpc", "csocc")
    )
    return (
        f"In the {at_risk_h} h at risk the critical buses feed back {idle} kWh above {config.theta_words} without "
        f"batteries, {alone} kWh with batteries alone and {csocc} kWh with cooperation, net of what others took over."
    )


def _lent_caption(result: Result) -> str:
    lent_kwh = brief(result.metrics["lent_energy_kwh"])
    return f"Stored energy of the assisting buses; the band is what they hold for the critical region, {lent_kwh} kWh in all."


def _price_figure(steps: pd.DataFrame, currency: str) -> Figure:
    """The price over the day."""
    figure = figures.lines_with_band(
        hours_of_day(steps["time"]),
        {"price": steps["price_per_mwh"]},
        x_title=HOUR_TITLE,
        y_title=f"price [{currency}/MWh]",
    )
    return Figure(
        figure,
        "Price of energy: batteries charge where it is low and discharge where it is high.",
    )


def _stored_figure(schedules: pd.DataFrame, role: str) -> figures.Figure:
    """What the batteries of some buses store together in each case; of assisting buses with what is lent of it."""
    by_step = schedules.groupby(["case", "time"], sort=False)
    totals = by_step[["stored_kwh", "lent_kw", "discharge_kw"]].sum()
    cases = [
        name for name in STORED_CASES if name in totals.index.get_level_values("case")
    ]
    hours = hours_of_day(totals.loc[cases[0]].index.to_series())
    bands = {}
    if role == "assisting":
        csocc = totals.loc["csocc"]
        step_h = float(hours[1] - hours[0])
        lent_kwh = np.cumsum(csocc["lent_kw"].to_numpy()) * step_h
        lowest_kwh = float(totals["stored_kwh"].min())
        bands[CASE_WORDS["csocc"]] = _lent_band(
            csocc["stored_kwh"].to_numpy(), lent_kwh, lowest_kwh
        )
    lines = {
        CASE_WORDS[name]: totals.loc[name]["stored_kwh"].to_numpy() for name in cases
    }
    return figures.lines_with_band(
        hours, lines, bands=bands, x_title=HOUR_TITLE, y_title="stored energy [kWh]"
    )


def _lent_band(
    stored_kwh: FloatArray, lent_kwh: FloatArray, lowest_kwh: float
) -> tuple[FloatArray, FloatArray]:
    """Stored energy without and with what is held for others, (step,) each [kWh]; `lent_kwh` is what was lent by then."""
    # what was lent is gone again once the batteries were emptied below it
    still_stored_kwh = np.minimum(lent_kwh, stored_kwh - lowest_kwh)
    return stored_kwh - still_stored_kwh, stored_kwh


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


def sweep(result: Result) -> list[Section]:
    """Other battery energies, if asked for."""
    table = result.tables.get("sweep")
    if table is None:
        return []
    names = [name for name in CASE_WORDS if f"violations_{name}" in table]
    figure = figures.bar(
        [f"{hours:g} h" for hours in table["battery_hours"]],
        {CASE_WORDS[name]: table[f"violations_{name}"] for name in names},
        value_title="violations [bus-steps]",
        label_title="energy of the batteries at rated power",
    )
    voltage_headings = {
        f"v_max_pu_{name}": f"highest voltage, {CASE_WORDS[name]} [pu]"
        for name in names
    }
    energies = ["required_energy_kwh", "lent_energy_kwh", "missing_energy_kwh"]
    rows = Table(
        table[["battery_hours", *voltage_headings, *energies]],
        "Batteries of other energies on the same days.",
        voltage_headings
        | {
            "battery_hours": "battery energy [h]",
            "required_energy_kwh": "to borrow [kWh]",
        },
        rest_in="sweep.parquet",
    )
    blocks = [Figure(figure, "Violations by battery energy."), rows]
    return [Section("How large batteries must be", blocks)]


def assumed(config: BatteryConfig, feeder: Feeder) -> Section:
    """The assumptions behind the numbers."""
    texts = [
        *_series_texts(config, feeder),
        f"Batteries: state of charge {config.soc_min_pct:g} to {config.soc_max_pct:g} %, at the start and at least at the end "
        f"{config.initial_soc_pct:g} %; efficiency {config.efficiency_pct:g} % each way. Batteries of the feeder itself "
        "keep their ratings.",
        f"Every battery plans {config.horizon_h:g} h ahead: first it keeps the reverse power of its bus within "
        f"{config.theta_words} as far as it can, then it lowers the bill. No battery discharges past that limit.",
        f"An assisting bus lends up to {config.alpha_a_pct:g} % of power and energy of its batteries.",
        "The bound is one optimum over the feeder and the whole day with the same batteries and the voltage limit; it need not "
        "absorb any surplus.",
    ]
    if feeder.origin:
        texts.append(f"Figures of the feeder: {feeder.origin}.")
    return Section("What was assumed", [Text(text) for text in texts])


def _series_texts(config: BatteryConfig, feeder: Feeder) -> list[str]:
    """Where loads, sun and prices come from."""
    profiles = config.drawn_profiles
    return [
        tell_loads(feeder, profiles, config.load_table),
        *_stretched_text(config, feeder),
        tell_sun(feeder, profiles, config.sun_table),
        tell_prices(profiles, config.price_table, config.currency),
    ]


def _stretched_text(config: BatteryConfig, feeder: Feeder) -> list[str]:
    """What is made of drawn loads."""
    if not is_stretched(feeder, config):
        return []
    return [
        f"One load curve for all buses: that of the drawn homes, stretched to {config.light_load_pct:g} % under the highest "
        f"sun and {config.peak_load_pct:g} % at its peak; reactive load {config.reactive_pct:g} % of nominal."
    ]
