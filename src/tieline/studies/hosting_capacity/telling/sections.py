"""The parts of the hosting-capacity report: where it breaks, how sure that is, how voltages spread, what would change it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tieline.feeders import Feeder
from tieline.reports import distributions, figures
from tieline.reports.alike import joined_alike
from tieline.reports.by_bus import texts_by_bus
from tieline.reports.diagram import one_line
from tieline.reports.html import Block, Diagram, Figure, Section, Table, Text
from tieline.reports.numbers import format_number
from tieline.reports.voltage_profile import voltage_profile
from tieline.settings.limits import kind_of
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.judging.buses import most_affected
from tieline.studies.hosting_capacity.judging.levels import shown_level
from tieline.studies.hosting_capacity.telling.bus_distributions import (
    bus_distributions,
)
from tieline.studies.hosting_capacity.telling.capacity import level_words
from tieline.studies.result import Result

NOT_JUDGED = "not judged"

PROBABILITIES = ("probability", "probability_low", "probability_high")
"""Columns of the table of levels: estimate, and its 95 % interval."""

LEVEL_COLUMNS = (
    "level_pct",
    "pv_kw",
    "violating",
    "draws",
    "not_converged",
    *PROBABILITIES,
    "binding_limit",
    "binding_at",
    "v_max_pu",
    "v_min_pu",
    "loss_mean_kw",
)
LEVEL_HEADINGS = {
    "level_pct": "PV level [%]",
    "probability": "probability [%]",
    "probability_low": "from [%]",
    "probability_high": "to [%]",
    "binding_at": "breaks at",
    "loss_mean_kw": "mean loss [kW]",
    "violating": "deployments that violate",
    "binding_limit": "breaks first",
    "draws": "judged",
    "not_converged": "not judged",
}

WHAT_IF_HEADINGS = {
    "text": "case",
    "hosting_capacity_pct": "hosting capacity [%]",
    "hosting_capacity_low_pct": "from [%]",
    "hosting_capacity_high_pct": "to [%]",
    "gain_pct": "gain [points]",
    "gain_low_pct": "gain from [points]",
    "gain_high_pct": "gain to [points]",
    "binding_limit": "breaks first",
    "v_max_before_pv_pu": "highest voltage without PV [pu]",
    "judged_up_to_pct": "judged up to [%]",
    "not_converged": "cases not judged",
}

UNJUDGED_COLUMNS = ("judged_up_to_pct", "not_converged")

BOX = ("v_lowest_pu", "v_q25_pu", "v_median_pu", "v_q75_pu", "v_highest_pu")
"""What a box of the plot is drawn from, from the lower whisker up."""

MOST_AFFECTED = 15
"""Buses in the box plot: what fits beside each other on a printed page."""


def where_it_breaks(
    result: Result, config: HostingCapacityConfig, feeder: Feeder
) -> Section:
    """One-line diagram coloured by the answer, and the most affected buses."""
    level_pct = _shown_level(result)
    buses = _at_level(result.tables["buses"], level_pct)
    elsewhere = _buses_of_places(
        feeder, _at_level(result.tables["deployments"], level_pct)["binding_at"]
    )
    # a bus without voltage has no row
    classes = {bus.name: "dead" for bus in feeder.buses}
    classes |= dict(zip(buses["bus"], _classes(buses), strict=True))
    classes |= dict.fromkeys(elsewhere, "critical")
    drawing = one_line(
        feeder, bus_classes=classes, tooltips=texts_by_bus(buses, _tooltip)
    )
    worst = most_affected(buses, level_pct)
    shares = ["critical_share", "impacted_share"]
    voltages = ["v_mean_pu", "v_std_pu", "v_median_pu", "v_highest_pu", "v_min_pu"]
    table = worst[["bus", *shares, *voltages]].copy()
    table[shares] *= 100
    distinct = joined_alike(table, "bus")
    caption = (
        f"Buses at {format_number(level_pct)} % PV: critical (a limit breaks there, or in the line or transformer that feeds it) "
        f"or impacted (above {config.impacted_above_pu:g} pu) in at least one deployment."
    )
    headings = {
        "critical_share": "critical in [% of deployments]",
        "impacted_share": "impacted in [% of deployments]",
        "v_std_pu": "standard deviation [pu]",
        "v_median_pu": "median of the highest voltage [pu]",
        "v_highest_pu": "highest voltage [pu]",
        "v_min_pu": "lowest voltage [pu]",
    }
    listing = Table(
        distinct,
        "The most affected buses at this level; critical here means a voltage limit.",
        headings,
        most_rows=MOST_AFFECTED,
        rest_in="buses.parquet",
    )
    return Section("Where it breaks first", [Diagram(drawing, caption), listing])


def how_sure(result: Result, config: HostingCapacityConfig) -> Section:
    """Probability of a violation at every level."""
    levels = result.tables["levels"]
    listing = _level_listing(levels)
    if config.is_certain:
        return Section(
            "How sure we are",
            [listing],
            "Nothing is left to chance here: a level violates or not, if it is judged.",
        )
    blocks: list[Block] = [_probability_figure(levels), listing]
    if config.time == "profiles":
        blocks.append(_share_of_steps(levels))
    intro = (
        f"Of {result.metrics['deployments']} deployments at each level, the share of those judged that violates estimates the "
        "probability; the band says how well."
    )
    return Section("How sure we are", blocks, intro)


def _level_listing(levels: pd.DataFrame) -> Table:
    """What each level showed, probabilities in percent."""
    percent = {name: levels[name] * 100 for name in PROBABILITIES}
    listing = levels[[*LEVEL_COLUMNS]].assign(
        **percent, binding_limit=levels["binding_limit"].map(_limit_words)
    )
    listing["probability"] = [
        value if np.isfinite(value) else NOT_JUDGED for value in listing["probability"]
    ]
    caption = (
        "Every penetration level; from and to bound the 95 % interval. Cases that are not judged "
        "have no power-flow solution."
    )
    return Table(listing, caption, LEVEL_HEADINGS, rest_in="levels.parquet")


def _probability_figure(levels: pd.DataFrame) -> Figure:
    share, low, high = (levels[name] * 100 for name in PROBABILITIES)
    figure = figures.lines_with_band(
        levels["level_pct"],
        {"violation": share},
        bands={"violation": (low, high)},
        x_title="PV [% of peak load]",
        y_title="deployments that violate [%]",
    )
    return Figure(
        figure,
        "Probability that a deployment violates a limit, with its 95 % confidence interval (Wilson).",
    )


def _share_of_steps(levels: pd.DataFrame) -> Text:
    """How often the limits break at the highest level that was judged."""
    highest = levels[levels["draws"] > 0].iloc[-1]
    share = format_number(highest["violating_steps_share"] * 100)
    level = format_number(highest["level_pct"])
    return Text(
        f"At {level} % PV, {share} % of the time steps violate, on average over the deployments judged."
    )


def voltages(result: Result, config: HostingCapacityConfig, feeder: Feeder) -> Section:
    """Voltage over the feeder, its spread at the most affected buses, and the distribution of the highest."""
    level_pct = _shown_level(result)
    buses = _at_level(result.tables["buses"], level_pct)
    numbers = config.limit_numbers
    named = {
        "impacted": config.impacted_above_pu,
        "critical": numbers.highest_pu,
        "lowest": numbers.lowest_pu,
    }
    limits = {name: value for name, value in named.items() if value is not None}
    high = {name: value for name, value in limits.items() if name != "lowest"}
    legend = {"v_highest_pu": "highest", "v_median_pu": "median of the highest"}
    if "lowest" in limits:
        legend["v_min_pu"] = "lowest"
    by_bus = buses.set_index("bus")[list(legend)].rename(columns=legend)
    profile = voltage_profile(feeder, by_bus, limits)
    at = f"at {format_number(level_pct)} % PV"
    blocks: list[Block] = [
        Figure(profile, f"Voltage of each bus {at}, over its distance from the source.")
    ]
    if not config.is_certain:
        highest_first = buses.sort_values("v_highest_pu", ascending=False)
        distinct = joined_alike(highest_first[["bus", *BOX]], "bus")
        worst = distinct.head(MOST_AFFECTED)
        boxes = distributions.box_by_bus(
            worst["bus"].tolist(),
            *(worst[name] for name in BOX),
            y_title="highest voltage [pu]",
            limits=high,
        )
        draws = _at_level(result.tables["deployments"], level_pct)["v_max_pu"]
        spread_of_draws = distributions.histogram_and_cdf(
            draws, x_title="highest voltage on the feeder [pu]", limits=high
        )
        blocks += [
            Figure(
                boxes,
                "Spread over the deployments at the most affected buses: quartiles, whiskers to the extremes.",
            ),
            Figure(
                spread_of_draws,
                "Distribution and cumulative share of the highest voltage of each deployment.",
            ),
            *bus_distributions(result, level_pct, high),
        ]
    return Section("How voltages spread", blocks)


def what_if(result: Result, config: HostingCapacityConfig) -> list[Section]:
    """Hosting capacity of every variant beside the configured one."""
    table = result.tables.get("what_if")
    if table is None:
        return []
    listing = _what_if_listing(table)
    risk = ""
    if not config.is_certain:
        risk = f" at a risk of {format_number(config.risk_pct)} %"
    intro = (
        f"The same deployments under the same load and sun, with one thing changed. Hosting capacity{risk}, and the gain is the "
        "difference of two such capacities; from and to bound their 95 % intervals, that of the gain by drawing deployments "
        "again (bootstrap)."
    )
    blocks: list[Block] = [
        Table(listing, "Hosting capacity with one thing changed.", WHAT_IF_HEADINGS)
    ]
    blocks += [Text(text) for text in more_load_lowers(result, config)]
    return [Section("What would change it", blocks, intro)]


def _what_if_listing(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of the report; what was judged has a place only where something was not."""
    columns = [*WHAT_IF_HEADINGS]
    if not table["not_converged"].any():
        columns = [name for name in columns if name not in UNJUDGED_COLUMNS]
    listing = table[columns].assign(
        binding_limit=table["binding_limit"].map(_limit_words)
    )
    # as fine as the search between levels is with the usual steps
    levels = [name for name in columns if name.endswith("_pct")]
    listing[levels] = listing[levels].round(1)
    is_number = np.isfinite(table["hosting_capacity_pct"]) & ~table["is_least"]
    if not is_number.all():
        capacities = [_what_if_capacity(row) for row in table.itertuples()]
        listing["hosting_capacity_pct"] = capacities
    return listing


def _what_if_capacity(row: Any) -> str:
    if not np.isfinite(row.hosting_capacity_pct):
        return NOT_JUDGED
    pct = level_words(row.hosting_capacity_pct)
    if row.is_least:
        return f"at least {pct}"
    return pct


def more_load_lowers(result: Result, config: HostingCapacityConfig) -> list[str]:
    """Why more load lowers the capacity, where it does because controls make up for the load before PV is added."""
    rows = result.tables["what_if"].set_index("variant")
    if "more-load" not in rows.index or config.controls == "off":
        return []
    before_pu = rows["v_max_before_pv_pu"]
    lowers = rows["gain_pct"]["more-load"] < 0
    rises = before_pu["more-load"] > before_pu.iloc[0]
    if not (lowers and rises):
        return []
    return [
        f"More load lowers the capacity here although it takes up PV power: before PV is added the highest voltage is "
        f"{before_pu['more-load']:.4f} pu with it and {before_pu.iloc[0]:.4f} pu without. Regulators and capacitors raise the "
        "voltage to make up for the drop that load causes on the lines, and leave PV less room below the limit."
    ]


def estimates(result: Result) -> list[Section]:
    """The closed-form estimate beside what the draws show."""
    table = result.tables["estimates"]
    if not np.isfinite(table["estimate_kw"]).any():
        return []
    listing = table.sort_values("estimate_kw").head(MOST_AFFECTED)
    headings = {
        "estimate_kw": "estimate, this bus alone [kW]",
        "pv_without_violation_kw": "most PV drawn without violation [kW]",
        "pv_critical_kw": "least PV drawn where it was critical [kW]",
    }
    text = (
        "The estimate P = Vmax (Vmax - V1) / (R + tan(phi) X) + PL (Al-Saffar, eq. 3.3) sees high voltage only, one bus at a "
        "time, with regulators at rest where they are before PV is added. Monte Carlo has PV at many buses at once, so its "
        "figures are usually lower. On single-phase laterals the estimate reads high."
    )
    return [
        Section(
            "A closed-form estimate beside it",
            [
                Text(text),
                Table(listing, "The buses with the lowest estimates.", headings),
            ],
        )
    ]


def _shown_level(result: Result) -> float:
    config = result.config
    assert isinstance(config, HostingCapacityConfig)
    return shown_level(result.tables["levels"], config.risk_pct / 100)


def _classes(buses: pd.DataFrame) -> list[str]:
    is_critical = buses["critical_share"] > 0
    is_impacted = buses["impacted_share"] > 0
    # critical first: it outranks impacted, which such a bus often is as well
    return np.select(
        [is_critical, is_impacted], ["critical", "impacted"], "ok"
    ).tolist()


def _buses_of_places(feeder: Feeder, places: pd.Series) -> set[str]:
    """The bus behind each place that is not a voltage point: of a line or transformer the end away from the source."""
    bus_of: dict[str, str] = {}
    for line in feeder.lines:
        bus_of[f"line {line.name}"] = line.to_bus
    for unit in feeder.transformers:
        bus_of[f"transformer {unit.name}"] = unit.windings[-1].bus
    bus_of |= {bus.name: bus.name for bus in feeder.buses}
    return {bus_of[place] for place in set(places) if place in bus_of}


def _tooltip(row: pd.Series) -> str:
    """Voltages of a row of the bus table."""
    return (
        f"highest voltage {row['v_highest_pu']:.4f} pu, median {row['v_median_pu']:.4f} pu, "
        f"lowest {row['v_min_pu']:.4f} pu"
    )


def _limit_words(name: str) -> str:
    if name == "none":
        return ""
    return kind_of(name).words


def _at_level(table: pd.DataFrame, level_pct: float) -> pd.DataFrame:
    return table[table["level_pct"] == level_pct]
