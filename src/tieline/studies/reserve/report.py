"""The reserve report: who gives how much, what that costs, how far from the best it is, and what it does to voltages."""

from __future__ import annotations

from functools import partial

import pandas as pd

from tieline.feeders import Feeder
from tieline.network.attach import with_generators_at
from tieline.reports import figures
from tieline.reports.by_bus import texts_by_bus, values_by_bus
from tieline.reports.diagram import one_line
from tieline.reports.html import Block, Diagram, Figure, Report, Section, Table, Text
from tieline.reports.numbers import format_number
from tieline.settings.currency import in_currency
from tieline.studies.answer import Metric
from tieline.studies.learning_curves import learning_curve_figure
from tieline.studies.reserve.config import ReserveCase, ReserveConfig
from tieline.studies.reserve.ways.cases import LEARNED, OPTIMUM, PAPER
from tieline.studies.result import Result

WORDS = {
    LEARNED: "learned policy",
    "capacity": "by capacity",
    "cheapest": "cheapest first",
    "merit": "merit order with sensitivities",
    PAPER: "published",
    OPTIMUM: "optimum (search)",
}


def report(result: Result) -> Report:
    """What the page about a reserve result says."""
    config = result.config
    assert isinstance(config, ReserveConfig)
    count = len(config.ders)
    feeder = with_generators_at(
        result.feeder, config.ders, [config.largest_capacity_kw] * count, "reserve"
    )
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
        title=f"Reserve from {count} DERs of {feeder.name}",
        question="How is a requested reserve split at least cost, loss and voltage deviation, judged by the AC power flow?",
        summary=_summary(result, config),
        sections=[*sections, _assumed(config)],
    )


def _summary(result: Result, config: ReserveConfig) -> list[tuple[str, object]]:
    metrics = result.metrics
    leader = _leader(result)
    suffix = ""
    if leader != LEARNED:
        suffix = f"_{leader}"
    rows: list[tuple[str, object]] = [("Decider", WORDS[leader])]
    for case in config.asked:
        label = f"{case.name}, {case.request_kw:g} kW"
        name = f"{case.name}{suffix}"
        rows.append((label, _cost_and_loss(metrics, name, config.currency)))
    gap = metrics.get(f"objective_gap_pct{suffix}")
    if gap is not None:
        requests = f"{_judged_requests(result, config)} unseen requests"
        rows.append(("Gap to the optimum", f"{format_number(gap)} % on {requests}"))
    if "decision_ms" in metrics:
        rows.append(("A decision takes", f"{format_number(metrics['decision_ms'])} ms"))
    return rows


def _cost_and_loss(metrics: dict[str, Metric], name: str, currency: str) -> str:
    cost = metrics[f"{in_currency('cost', currency)}_{name}"]
    loss = metrics[f"loss_kw_{name}"]
    if loss is None:
        return "no power-flow solution"
    return f"{cost:.2f} {currency}, {format_number(loss)} kW loss"


def _judged_requests(result: Result, config: ReserveConfig) -> str:
    """How many unseen requests were judged with everybody, of those drawn."""
    unjudged = int(result.tables["held_out"]["unjudged"].max())
    if unjudged:
        return f"{config.held_out - unjudged} of {config.held_out}"
    return str(config.held_out)


def _leader(result: Result) -> str:
    """The decider that the report is about: the learned policy, or the optimum if there is none."""
    if (result.tables["objectives"]["who"] == LEARNED).any():
        return LEARNED
    return OPTIMUM


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
    table = result.tables["objectives"]
    of_case = table[table["case"] == case.name].drop(columns="case")
    in_words = of_case.assign(who=of_case["who"].map(WORDS))
    headings = {
        "who": "split by",
        in_currency("cost", config.currency): f"cost [{config.currency}]",
        "gap_pct": "above the optimum [%]",
        "objective": "weighted sum",
    }
    blocks: list[Block] = [
        Figure(bars, "What each DER gives."),
        Table(
            in_words, "What it leads to, regulators and capacitors acting.", headings
        ),
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
    seeds = ["-" if pd.isna(seed) else str(seed) for seed in gaps["seed"]]
    table = gaps.assign(who=gaps["who"].map(WORDS), seed=seeds)
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
