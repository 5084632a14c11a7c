"""The headline of a reserve result: who splits the requests, at what cost and loss, and how far from the best."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.counted import counted
from tieline.reports.headline import Headline
from tieline.reports.html import Table
from tieline.reports.numbers import with_unit
from tieline.settings.currency import in_currency
from tieline.studies.answer import Metric
from tieline.studies.reserve.config import ReserveConfig
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
"""Who splits a request."""

RULES = ("capacity", "cheapest", "merit")
"""Those that need no training and no search."""

EQUAL_PCT = 0.005
"""Gap that rounds to zero in a sentence."""


def headline(result: Result) -> Headline:
    """What a reader of a reserve result sees first."""
    config = result.config
    assert isinstance(config, ReserveConfig)
    count = len(config.ders)
    return Headline(
        title=f"Reserve from {count} DERs of {result.feeder.name}: {_answer(result, config)}",
        question="How is a requested reserve split at least cost, loss and voltage deviation, judged by the AC power flow?",
        summary=_summary(result, config),
        table=objective_table(result, config),
    )


def _answer(result: Result, config: ReserveConfig) -> str:
    """How far from the best the leading decider is in the worst of the cases, or what the first of them costs."""
    leader = _leader(result)
    objectives = result.tables["objectives"]
    gaps = objectives.loc[objectives["who"] == leader, "gap_pct"]
    cases = counted(len(config.asked), "case")
    if leader != LEARNED or gaps.isna().any():
        return f"{WORDS[leader]} of {cases}"
    worst_pct = gaps.max()
    rules = _as_good(objectives, worst_pct)
    return f"{WORDS[leader]} {_distance(worst_pct)} in {cases}{rules}"


def _distance(gap_pct: float) -> str:
    """How far from the optimum; what rounds to nothing is nothing."""
    if gap_pct < EQUAL_PCT:
        return "as good as the optimum"
    return f"at most {gap_pct:.2f} % above the optimum"


def _as_good(objectives: pd.DataFrame, gap_pct: float) -> str:
    """Rules that do as well: who splits by one of them needs no policy."""
    worst = objectives.groupby("who", sort=False)["gap_pct"].max()
    as_good = [rule for rule in RULES if worst.get(rule, np.inf) < gap_pct + EQUAL_PCT]
    if not as_good:
        return ""
    verb = "is" if len(as_good) == 1 else "are"
    return f"; so {verb} {' and '.join(WORDS[rule] for rule in as_good)}"


def objective_table(result: Result, config: ReserveConfig) -> Table:
    """What every split leads to, case by case."""
    table = result.tables["objectives"]
    in_words = table.assign(who=table["who"].map(WORDS))
    headings = {
        "who": "split by",
        in_currency("cost", config.currency): f"cost [{config.currency}]",
        "gap_pct": "above the optimum [%]",
        "objective": "weighted sum",
    }
    caption = "What it leads to, regulators and capacitors acting."
    return Table(in_words, caption, headings)


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
        rows.append(("Gap to the optimum", f"{with_unit(gap, '%')} on {requests}"))
    if "decision_ms" in metrics:
        rows.append(("A decision takes", with_unit(metrics["decision_ms"], "ms")))
    return rows


def _cost_and_loss(metrics: dict[str, Metric], name: str, currency: str) -> str:
    cost = metrics[f"{in_currency('cost', currency)}_{name}"]
    loss = metrics[f"loss_kw_{name}"]
    if loss is None:
        return "no power-flow solution"
    return f"{cost:.2f} {currency}, {with_unit(loss, 'kW')} loss"


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
