"""The reserve report: who gives how much, what that costs, how far from the best it is, and what it does to voltages."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pandas as pd

from tieline.feeders import Feeder
from tieline.network.attach import with_generators_at
from tieline.reports import figures
from tieline.reports.by_bus import texts_by_bus, values_by_bus
from tieline.reports.diagram import one_line
from tieline.reports.html import Block, Diagram, Figure, Report, Section, Table, Text
from tieline.studies.learning_curves import learning_curve_figure
from tieline.studies.reserve.config import ReserveCase, ReserveConfig
from tieline.studies.reserve.headline import WORDS, headline, objective_table
from tieline.studies.result import Result
from tieline.studies.seed_words import seed_words


def report(result: Result) -> Report:
    """What the page about a reserve result says."""
    config = result.config
    assert isinstance(config, ReserveConfig)
    capacities_kw = [config.largest_capacity_kw] * len(config.ders)
    feeder = with_generators_at(result.feeder, config.ders, capacities_kw, "reserve")
    sections = [
        *(_case(result, config, case) for case in config.asked),
        _voltages(result, feeder, config.asked[0]),
    ]
    if "held_out" in result.tables:
        sections.append(_held_out(result, config))
    if len(result.tables.get("curves", ())):
        sections.append(
            Section(
                "How the policies learned",
                [learning_curve_figure(result.tables["curves"])],
            )
        )
    return Report(
        headline(result),
        sections=[*sections, _assumed(config)],
    )


def _case(result: Result, config: ReserveConfig, case: ReserveCase) -> Section:
    rows = result.tables["allocations"]
    allocations = rows[rows["case"] == case.name]
    who = list(dict.fromkeys(allocations["who"]))
    series = {}
    for place, limit, bid in zip(
        config.ders, case.capacity_kw, case.bid_cents, strict=True
    ):
        reserve_kw = allocations.loc[allocations["der"] == place, "reserve_kw"]
        series[f"{place} (most {limit:g} kW, {bid:g} cents)"] = reserve_kw.to_numpy()
    bars = figures.bar(
        [WORDS[name] for name in who],
        series,
        value_title="reserve [kW]",
        stacked=True,
        horizontal=True,
    )
    table = objective_table(result, config)
    frame = table.frame
    of_case = frame[frame["case"] == case.name].drop(columns="case")
    blocks: list[Block] = [
        Figure(bars, "What each DER gives."),
        replace(table, frame=of_case),
    ]
    return Section(
        f"{case.name}: {case.request_kw:g} kW of {sum(case.capacity_kw):g} kW", blocks
    )


def _voltages(result: Result, feeder: Feeder, first: ReserveCase) -> Section:
    table = result.tables["buses"]
    before, after = (str(name) for name in table.columns[1:3])
    voltages = pd.concat([table[before], table[after]])
    ends = float(voltages.min()), float(voltages.max())
    tooltips = texts_by_bus(table, partial(_tooltip, before, after))
    blocks: list[Block] = []
    for column, words in (
        (before, "without reserve"),
        (after, f"with the reserve of {first.name}"),
    ):
        drawing = one_line(
            feeder,
            bus_values=values_by_bus(table, column),
            tooltips=tooltips,
            value_label="lowest voltage",
            value_range=ends,
            worst="low",
        )
        blocks.append(Diagram(drawing, f"Lowest voltage of each bus {words}."))
    return Section("What it does to voltages", blocks)


def _tooltip(before: str, after: str, row: pd.Series) -> str:
    return f"lowest voltage {_pu(row[before])} without, {_pu(row[after])} with reserve"


def _pu(value: float) -> str:
    if value != value:
        return "not solved"
    return f"{value:.4f} pu"


def _held_out(result: Result, config: ReserveConfig) -> Section:
    gaps = result.tables["held_out"]
    table = gaps.assign(who=gaps["who"].map(WORDS), seed=seed_words(gaps["seed"]))
    headings = {
        "who": "split by",
        "seed": "seed of the training",
        "mean_pct": "mean gap [%]",
        "median_pct": "median [%]",
        "p95_pct": "95 % below [%]",
        "worst_pct": "worst [%]",
        "unjudged": "not judged",
    }
    text = (
        f"{config.held_out} requests drawn as in training but never seen by it. The optimum of each is found by a search on the "
        "AC model from every merit order; a gap is the weighted sum over that of the optimum."
    )
    return Section(
        "Unseen requests",
        [Text(text), Table(table, "How far everybody is from the optimum.", headings)],
    )


def _assumed(config: ReserveConfig) -> Section:
    texts = [
        f"Weighted sum: {config.cost_weight:g} per {config.currency} of an hour's reserve, {config.loss_weight:g} per kW of loss "
        f"in lines and transformers, {config.deviation_weight:g} per % of mean voltage deviation from 1 pu.",
        "DERs inject at unity power factor; load stays at its snapshot. Regulators and capacitors act until they rest, beginning "
        "where the feeder states them.",
        "The merit order uses DERs up by bid plus what a kilowatt changes in loss and deviation without reserve; it needs a "
        "model of the feeder, the learned policy needs none once it is trained.",
    ]
    return Section("What was assumed", [Text(text) for text in texts])
