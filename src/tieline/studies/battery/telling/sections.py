"""The parts of the battery report: the feeder with its regions, voltages over bus and time, stored energy, ranking, costs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.feeders import Feeder
from tieline.reports import figures
from tieline.reports.diagram import one_line_svg
from tieline.reports.heat_map import heat_maps
from tieline.reports.html import Block, Diagram, Figure, Section, Table, Text
from tieline.reports.numbers import format_number
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.result import Result

CASE_WORDS = {
    "none": "no battery",
    "conventional": "conventional rule",
    "mpc": "batteries alone (MPC)",
    "csocc": "cooperation (CSOCC)",
    "bound": "central optimum (bound)",
}
MAPPED_BUSES = 40
"""Buses in the heat maps: as many rows as can be told apart."""


def regions(result: Result, feeder: Feeder, config: BatteryConfig) -> Section:
    """One-line diagram with the impacted and the assisting region."""
    buses = result.tables["buses"]
    has_bound = "v_max_pu_bound" in buses
    tooltips = {
        str(
            row.bus
        ): f"highest voltage {row.v_max_pu_none:.4f} pu without batteries, {row.v_max_pu_mpc:.4f} pu with batteries "
        f"alone, {row.v_max_pu_csocc:.4f} pu with CSOCC; lends {row.lent_kwh:.1f} kWh"
        for row in buses.itertuples()
    }
    svg = one_line_svg(
        feeder, bus_classes=dict(zip(buses["bus"], buses["role"], strict=True)), tooltips=tooltips
    )
    critical = buses[buses["role"] == "critical"]
    columns = [
        "bus",
        "battery_kw",
        *(f"v_max_pu_{name}" for name in CASE_WORDS if name != "bound" or has_bound),
    ]
    headings = {f"v_max_pu_{name}": f"{words} [pu]" for name, words in CASE_WORDS.items()}
    blocks: list[Block] = [
        Diagram(
            svg,
            f"Critical: above {config.critical_pu:g} pu without batteries (the impacted region). Assisting: lends capacity. "
            "Voltages and lent energy appear under the mouse.",
        ),
        Table(
            critical[columns],
            "Highest voltage of the critical buses in each case.",
            headings,
            rest_in="buses.parquet",
        ),
    ]
    return Section("Who is at risk, who assists", blocks)


def voltages(result: Result, config: BatteryConfig) -> Section:
    """Heat maps of bus by time, the most affected buses."""
    buses = (
        result.tables["buses"]
        .sort_values("v_max_pu_none", ascending=False)["bus"]
        .head(MAPPED_BUSES)
        .tolist()
    )
    table = result.tables["voltages"]
    table = table[table["bus"].isin(buses)]
    shown = [name for name in ("none", "mpc", "csocc") if name in set(table["case"])]
    maps = {
        CASE_WORDS[name]: table[table["case"] == name]
        .pivot(index="bus", columns="time", values="v_pu")
        .loc[buses[::-1]]
        for name in shown
    }
    times = pd.to_datetime(table["time"].unique())
    figure = heat_maps(
        {name: frame.to_numpy() for name, frame in maps.items()},
        x=[f"{time:%H:%M}" for time in times]
        if len({time.date() for time in times}) == 1
        else [f"{time:%d %H:%M}" for time in times],
        y=buses[::-1],
        limit=config.critical_pu,
        x_title="time of day",
        y_title="bus",
        value_title="highest voltage [pu]",
    )
    caption = (
        f"Red: above {config.critical_pu:g} pu. The {len(buses)} buses with the highest voltages, the worst on top. Steps left "
        "empty have no power-flow solution."
    )
    return Section("Voltages over the day", [Figure(figure, caption)])


def energy(result: Result, config: BatteryConfig) -> Section:
    """Stored energy of critical and assisting buses, with the lent part marked, and what the critical buses feed back."""
    schedules, role = result.tables["schedules"], result.tables["buses"].set_index("bus")["role"]
    blocks: list[Block] = []
    for kind, text in (
        ("critical", "Stored energy of the critical buses."),
        ("assisting", _lent_caption(result)),
    ):
        some = schedules[schedules["bus"].map(role) == kind]
        if len(some):
            blocks.append(Figure(_stored_figure(some, kind), text))
    steps = result.tables["steps"]
    price = figures.lines_with_band(
        _hours(steps["time"]),
        {"price": steps["price_per_mwh"]},
        x_title="hour",
        y_title="price [USD/MWh]",
    )
    blocks.append(
        Figure(
            price,
            "Price of energy: batteries charge where it is low and discharge where it is high.",
        )
    )
    metrics = result.metrics
    text = (
        f"In the {format_number(metrics['at_risk_h'])} h at risk the critical buses feed back "
        f"{format_number(metrics['reverse_kwh_critical_none'])} kWh above {config.reverse_limit_kw:g} kW without batteries, "
        f"{format_number(metrics['reverse_kwh_critical_mpc'])} kWh with batteries alone and "
        f"{format_number(metrics['reverse_kwh_critical_csocc'])} kWh with cooperation, net of what others took over."
    )
    return Section("Stored and lent energy", [Text(text), *blocks])


def _lent_caption(result: Result) -> str:
    lent = format_number(result.metrics["lent_energy_kwh"])
    return f"Stored energy of the assisting buses; the band is what they hold for the critical region, {lent} kWh in all."


def _stored_figure(some: pd.DataFrame, kind: str) -> figures.Figure:
    total = some.groupby(["case", "time"], sort=False)[
        ["stored_kwh", "lent_kw", "discharge_kw"]
    ].sum()
    names = [
        name for name in ("conventional", "mpc", "csocc") if name in total.index.get_level_values(0)
    ]
    hours = _hours(total.loc[names[0]].index.to_series())
    bands = {}
    if kind == "assisting":
        own = total.loc["csocc"]
        step_h = float(hours[1] - hours[0])
        floor = float(total["stored_kwh"].min())
        held = np.minimum(
            np.cumsum(own["lent_kw"].to_numpy()) * step_h, own["stored_kwh"].to_numpy() - floor
        )
        bands[CASE_WORDS["csocc"]] = (
            own["stored_kwh"].to_numpy() - held,
            own["stored_kwh"].to_numpy(),
        )
    lines = {CASE_WORDS[name]: total.loc[name]["stored_kwh"].to_numpy() for name in names}
    return figures.lines_with_band(
        hours, lines, bands=bands, x_title="hour", y_title="stored energy [kWh]"
    )


def _hours(times: pd.Series) -> np.ndarray:
    """Hours since the first step."""
    stamps = pd.to_datetime(times)
    return ((stamps - stamps.iloc[0]) / pd.Timedelta(hours=1)).to_numpy(dtype=float)


def ranking(result: Result) -> list[Section]:
    """Who should lend first."""
    table = result.tables["ranking"]
    if table.empty:
        return []
    headings = {
        "capacity_kw": "battery [kW]",
        "path_loss_kw": "path loss [kW]",
        "value_kw": "value [kW]",
        "lent_kwh": "lent [kWh]",
    }
    found = result.tables["regions"]
    text = (
        "Tree search changed the first places for the last time in episode "
        f"{format_number(result.metrics['mcts_episodes'])}; its order agrees with the exhaustive scan by Kendall's tau "
        f"{format_number(result.metrics['mcts_rank_correlation'])}."
    )
    blocks: list[Block] = [
        Table(
            table,
            "Assisting buses in the order in which they are asked.",
            headings,
            most_rows=40,
            rest_in="ranking.parquet",
        )
    ]
    if len(found) > 1:
        blocks.append(
            Table(found, "The regions at risk and their searches.", rest_in="regions.parquet")
        )
    return [Section("Who is asked first", [Text(text), *blocks])]


def costs(result: Result) -> Section:
    """What each case costs and breaks."""
    names = [name for name in CASE_WORDS if f"cost_usd_{name}" in result.metrics]
    columns = {
        "case": [CASE_WORDS[name] for name in names],
        **{
            heading: [result.metrics[f"{quantity}_{name}"] for name in names]
            for heading, quantity in (
                ("cost_usd", "cost_usd"),
                ("v_max_pu", "v_max_pu"),
                ("v_min_pu", "v_min_pu"),
                ("violations", "violations"),
                ("unjudged", "steps_unjudged"),
                ("reverse_risk_kwh", "reverse_kwh_critical"),
                ("reverse_day_kwh", "reverse_kwh_day"),
            )
        },
    }
    headings = {
        "cost_usd": "cost [USD]",
        "v_max_pu": "highest voltage [pu]",
        "v_min_pu": "lowest voltage [pu]",
        "violations": "violations [bus-steps]",
        "unjudged": "steps not judged",
        "reverse_risk_kwh": "reverse energy of critical buses, hours at risk [kWh]",
        "reverse_day_kwh": "whole day [kWh]",
    }
    figure = figures.bar(
        columns["case"], {"cost": columns["cost_usd"]}, value_title="cost [USD]", horizontal=True
    )
    return Section(
        "What it costs",
        [
            Table(
                pd.DataFrame(columns),
                "All cases on the same days; costs are means over the days.",
                headings,
            ),
            Figure(figure, "Energy bought at the source less energy fed back, at the pool price."),
        ],
    )


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
    columns = [
        "battery_hours",
        *(f"v_max_pu_{name}" for name in names),
        "required_energy_kwh",
        "lent_energy_kwh",
        "missing_energy_kwh",
    ]
    headings = {f"v_max_pu_{name}": f"highest voltage, {CASE_WORDS[name]} [pu]" for name in names}
    headings |= {"battery_hours": "battery energy [h]", "required_energy_kwh": "to borrow [kWh]"}
    shown = Table(
        table[columns],
        "Batteries of other energies on the same days.",
        headings,
        rest_in="sweep.parquet",
    )
    return [
        Section(
            "How large batteries must be", [Figure(figure, "Violations by battery energy."), shown]
        )
    ]


def assumed(config: BatteryConfig, feeder: Feeder) -> Section:
    """The assumptions behind the numbers."""
    loads = (
        "Loads follow their table."
        if config.load_table
        else "Loads are as drawn."
        if isinstance(config.light_load_pct, str)
        else f"One load curve for all buses: that of the drawn homes, stretched to {config.light_load_pct:g} % under the highest "
        f"sun and {config.peak_load_pct:g} % at its peak; reactive load {config.reactive_pct:g} % of nominal."
    )
    texts = [
        loads,
        f"Batteries: state of charge {config.soc_min_pct:g} to {config.soc_max_pct:g} %, at the start and at least at the end "
        f"{config.initial_soc_pct:g} %; efficiency {config.efficiency_pct:g} % each way. Batteries of the feeder itself "
        "keep their ratings.",
        f"Every battery plans {config.horizon_h:g} h ahead: first it keeps the reverse power of its bus within "
        f"{config.reverse_limit_kw:g} kW as far as it can, then it lowers the bill. No battery discharges past that limit.",
        f"An assisting bus lends up to {config.alpha_a_pct:g} % of power and energy of its batteries.",
        "The bound is one optimum over the feeder and the whole day with the same batteries and the voltage limit; it need not "
        "absorb any surplus.",
    ]
    if feeder.origin:
        texts.append(f"Figures of the feeder: {feeder.origin}.")
    return Section("What was assumed", [Text(text) for text in texts])
