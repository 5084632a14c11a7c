"""The hosting-capacity report: where the feeder breaks first, how sure that is, how voltages spread, and what was assumed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tieline.feeders import Feeder, load_feeder
from tieline.network.topology import distance_km, tree_from_source
from tieline.reports import figures
from tieline.reports.diagram import one_line_svg
from tieline.reports.html import Block, Diagram, Figure, Section, Table, Text
from tieline.reports.html import write_report as write_html
from tieline.reports.numbers import format_number
from tieline.studies.hosting_capacity.answer import LOWER_LIMIT_PU
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.result import Result

MOST_AFFECTED = 15
"""Buses in the box plot: what fits beside each other on a printed page."""


def write_report(result: Result, path: Path) -> None:
    """Write the report of a hosting-capacity result to one HTML file."""
    config = result.config
    assert isinstance(config, HostingCapacityConfig)
    feeder = load_feeder(config.feeder)
    level_pct = _shown_level(result)
    write_html(
        path,
        title=f"Hosting capacity of {feeder.name}: {_headline(result)}",
        subtitle=_question(feeder, config),
        summary=_summary(result),
        sections=[
            _where(result, config, feeder, level_pct),
            _how_sure(result, config),
            _voltages(result, config, feeder, level_pct),
            _assumptions(config, feeder),
        ],
        provenance=_provenance(result, feeder),
        warnings=[*_violations(result), *result.warnings],
    )


def _shown_level(result: Result) -> float:
    """The level that is drawn: the first with a violation, or the highest."""
    first = result.metrics["first_violation_pct"]
    return float(first) if first is not None else float(result.tables["levels"]["level_pct"].max())


def _headline(result: Result) -> str:
    metrics = result.metrics
    if metrics["hosting_capacity_pct"] is None:
        return "none, the base case already violates"
    least = "at least " if metrics["first_violation_pct"] is None else ""
    return f"{least}{format_number(metrics['hosting_capacity_pct'])} % of peak load"


def _question(feeder: Feeder, config: HostingCapacityConfig) -> str:
    draws = "uniform placement" if config.placement == "uniform" else f"{config.deployments} random deployments per level"
    return (
        f"How much PV fits on {feeder.name} ({len(feeder.buses)} buses, {format_number(feeder.peak_load_kw)} kW peak load) "
        f"before a voltage limit breaks: {draws}, load at {format_number(config.light_load_pct)} % of nominal."
    )


def _summary(result: Result) -> list[tuple[str, object]]:
    metrics = result.metrics
    capacity_kw, first_pct = metrics["hosting_capacity_kw"], metrics["first_violation_pct"]
    rows: list[tuple[str, object]] = [
        ("Hosting capacity", _headline(result).removesuffix(" of peak load").partition(",")[0]),
        ("PV at that level", "-" if capacity_kw is None else f"{format_number(capacity_kw)} kW"),
        ("First violation", "none found" if first_pct is None else f"{format_number(first_pct)} %"),
        ("Binding limit", "-" if first_pct is None else str(metrics["binding_limit"]).replace("voltage-", "voltage, ")),
        ("Binding at", metrics["binding_at"] or "-"),
    ]
    return rows


def _violations(result: Result) -> list[str]:
    """The first level that violates, in a sentence."""
    levels = result.tables["levels"]
    breaking = levels[levels["violating"] > 0]
    if breaking.empty:
        return []
    first = breaking.iloc[0]
    limit = str(first["binding_limit"]).replace("voltage-high", "high voltage").replace("voltage-low", "low voltage")
    return [
        f"At {format_number(first['level_pct'])} % PV, {first['violating']} of {first['draws']} deployments violate a limit: "
        f"{limit}, most often at {first['binding_at']}."
    ]


def _where(result: Result, config: HostingCapacityConfig, feeder: Feeder, level_pct: float) -> Section:
    buses = _at_level(result.tables["buses"], level_pct)
    tooltips = {
        str(row.bus): f"highest voltage {row.v_highest_pu:.4f} pu, median {row.v_median_pu:.4f} pu" for row in buses.itertuples()
    }
    classes = dict.fromkeys((bus.name for bus in feeder.buses), "dead") | dict(zip(buses["bus"], _classes(buses), strict=True))
    svg = one_line_svg(feeder, bus_classes=classes, tooltips=tooltips)
    worst = buses.sort_values(["critical_share", "v_highest_pu"], ascending=False).head(MOST_AFFECTED)
    table = worst[["bus", "critical_share", "impacted_share", "v_median_pu", "v_highest_pu"]].assign(
        critical_share=worst["critical_share"] * 100, impacted_share=worst["impacted_share"] * 100
    )
    caption = (
        f"Buses at {format_number(level_pct)} % PV: critical (a limit breaks) or impacted (above {config.impacted_pu:g} pu) in "
        "at least one deployment."
    )
    headings = {"critical_share": "critical in [% of deployments]", "impacted_share": "impacted in [% of deployments]"}
    return Section(
        "Where it breaks first", [Diagram(svg, caption), Table(table, "The most affected buses at this level.", headings)]
    )


def _classes(buses: pd.DataFrame) -> list[str]:
    return np.where(buses["critical_share"] > 0, "critical", np.where(buses["impacted_share"] > 0, "impacted", "ok")).tolist()


def _how_sure(result: Result, config: HostingCapacityConfig) -> Section:
    levels = result.tables["levels"]
    columns = ["level_pct", "pv_kw", "violating", "draws", "probability", "v_max_median_pu", "v_max_pu", "v_min_pu", "binding_at"]
    shown = levels[columns].assign(probability=levels["probability"] * 100)
    headings = {"level_pct": "PV level [%]", "probability": "probability [%]", "binding_at": "breaks at"}
    blocks: list[Block] = [Table(shown, "Every penetration level.", headings, rest_in="levels.parquet")]
    intro = "Uniform placement leaves nothing to chance: a level violates or it does not."
    if config.placement == "random":
        band = (levels["probability_low"] * 100, levels["probability_high"] * 100)
        figure = figures.lines_with_band(
            levels["level_pct"],
            {"violation": levels["probability"] * 100},
            bands={"violation": band},
            x_title="PV [% of peak load]",
            y_title="deployments that violate [%]",
        )
        blocks.insert(
            0,
            Figure(figure, "Probability that a random deployment violates a limit, with its 95 % confidence interval (Wilson)."),
        )
        intro = (
            f"Of {config.deployments} random deployments at each level, the share that violates estimates the probability; the "
            "band says how well."
        )
    return Section("How sure we are", blocks, intro)


def _voltages(result: Result, config: HostingCapacityConfig, feeder: Feeder, level_pct: float) -> Section:
    buses = _at_level(result.tables["buses"], level_pct)
    limits = {"impacted": config.impacted_pu, "critical": config.critical_pu}
    profile = _profile(feeder, buses, limits)
    blocks: list[Block] = [Figure(profile, f"Highest voltage of each bus at {format_number(level_pct)} % PV, over the feeder.")]
    if config.placement == "random":
        worst = buses.sort_values("v_highest_pu", ascending=False).head(MOST_AFFECTED)
        spread = [worst[name] for name in ("v_lowest_pu", "v_q25_pu", "v_median_pu", "v_q75_pu", "v_highest_pu")]
        boxes = figures.box_by_bus(worst["bus"].tolist(), *spread, y_title="highest voltage [pu]", limits=limits)
        draws = _at_level(result.tables["deployments"], level_pct)["v_max_pu"]
        spread_of_draws = figures.histogram_and_cdf(draws, x_title="highest voltage on the feeder [pu]", limits=limits)
        blocks += [
            Figure(boxes, "Spread over the deployments at the most affected buses: quartiles, whiskers to the extremes."),
            Figure(spread_of_draws, "Distribution and cumulative share of the highest voltage of each deployment."),
        ]
    return Section("How voltages spread", blocks)


def _profile(feeder: Feeder, buses: pd.DataFrame, limits: dict[str, float]) -> figures.Figure:
    """Median and highest voltage of each bus over its distance from the source."""
    known_km, tree = distance_km(feeder), tree_from_source(feeder)
    placed = buses[buses["bus"].map(known_km) < np.inf]
    position = {bus: k for k, bus in enumerate(placed["bus"])}
    parents = [position.get(tree.parent.get(bus) or "", -1) for bus in placed["bus"]]
    return figures.voltage_profile_vs_distance(
        [known_km[bus] for bus in placed["bus"]],
        {"highest": placed["v_highest_pu"], "median": placed["v_median_pu"]},
        parent=parents,
        buses=placed["bus"].tolist(),
        limits=limits,
        y_title="highest voltage of the bus [pu]",
    )


def _assumptions(config: HostingCapacityConfig, feeder: Feeder) -> Section:
    controls = {
        "feeder": "Regulators and switched capacitors act in every case until they rest.",
        "no-pv": "Regulators and capacitors stay where they rest without PV.",
        "off": "Regulators and capacitors stay as the feeder states them.",
    }
    lower = LOWER_LIMIT_PU[config.limits]
    limits = f"at most {config.critical_pu:g} pu" + (f" and at least {lower:g} pu" if lower > 0 else "")
    texts = [
        "One snapshot: every PV system delivers its rated power at unity power factor while the load is light. "
        f"Voltage limits: {limits} at every node (between phases on a section without connection to ground).",
        controls[config.controls],
        *(
            ["PV, storage and generators that the feeder has of its own run as stated and do not count as penetration."]
            * bool(feeder.ders)
        ),
        "Not looked at: line and transformer loading, unbalance, reverse power, time of day.",
    ]
    blocks: list[Block] = [Text(text) for text in texts]
    if config.placement == "random":
        classes = pd.DataFrame([customer.model_dump() for customer in config.customer_classes])
        headings = {"name": "customer", "up_to_load_kw": "load up to [kW]"}
        blocks.append(
            Table(
                classes,
                "PV sizes drawn at a site, by its nominal load; an assumption to be replaced by the utility's records.",
                headings,
            )
        )
    if feeder.origin:
        blocks.append(Text(f"Figures of the feeder: {feeder.origin}."))
    return Section("What was assumed", blocks)


def _provenance(result: Result, feeder: Feeder) -> dict[str, object]:
    raw = result.to_json()
    config = {name: value for name, value in raw["config"].items() if value is not None and name != "customer_classes"}
    return {
        "study": result.study,
        "power flows": result.metrics["n_power_flows"],
        "feeder": feeder.title or feeder.name,
        "tieline": result.version,
        "machine": result.machine,
        "wall time": f"{result.wall_s:.1f} s",
        "configuration": config,
    }


def _at_level(table: pd.DataFrame, level_pct: float) -> pd.DataFrame:
    return table[table["level_pct"] == level_pct]
