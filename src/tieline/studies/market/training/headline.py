"""The headline of a training for the market study: how far policies are from the best choice in unseen games."""

from __future__ import annotations

import pandas as pd

from tieline.reports.headline import Headline
from tieline.reports.html import Table
from tieline.reports.numbers import MISSING, format_number, with_unit
from tieline.studies.market.training.config import MarketTrainingConfig
from tieline.studies.market.training.held_out import AS_MARKET
from tieline.studies.result import Result


def headline(result: Result) -> Headline:
    """What a reader of a training sees first."""
    config = result.config
    assert isinstance(config, MarketTrainingConfig)
    return Headline(
        title=f"Choice of DERs learned on {result.feeder.name}: {_answer(result)}",
        question=f"{config.settings.agents} agents of each region choose a DER each, '{config.kind}' games, "
        f"credit '{config.settings.credit}'. Regret is what a choice costs above the best one, over what a random one does.",
        summary=_summary(result),
        table=by_who(result.tables["held_out"]),
    )


def _answer(result: Result) -> str:
    regret = with_unit(result.metrics["regret_pct"], "%")
    greedy = with_unit(result.metrics["regret_greedy_pct"], "%")
    return f"regret of {regret} in unseen games, of {greedy} by the greedy rule"


def by_who(held_out: pd.DataFrame) -> Table:
    """Regret and hits of policies and rules."""
    grouped = held_out.groupby(["who", "candidates"], sort=False)
    means = grouped[["regret_pct", "hit_rate"]].mean().reset_index()
    return who_table(means, "Means over regions and seeds.")


def who_table(rows: pd.DataFrame, caption: str) -> Table:
    """Policies and rules by the names that readers know; hits in percent, as in the tiles."""
    counts = rows["candidates"]
    standings = rows.drop(columns="hit_rate").assign(
        who=rows["who"].map(WHO),
        candidates=counts.astype(str).where(counts > 0, MISSING),
        hits_pct=100 * rows["hit_rate"],
    )
    return Table(standings, caption, HEADINGS)


WHO = {
    "policy": "policy, the best of its sets by AC",
    AS_MARKET: "as the market chooses: policy and estimates",
    "estimate": "lowest estimates, the best by AC",
    "greedy": "greedy",
    "cheapest": "cheapest",
    "constant": "best constant set",
    "random": "random",
}

HEADINGS = {
    "who": "chosen by",
    "candidates": "sets tried by AC",
    "regret_pct": "mean regret [%]",
}


def _summary(result: Result) -> list[tuple[str, str]]:
    metrics = result.metrics
    return [
        ("Regret of the policies", with_unit(metrics["regret_pct"], "%")),
        ("Hits", with_unit(100 * result.number("der_hit_rate"), "%")),
        ("Regret without search", with_unit(metrics["regret_alone_pct"], "%")),
        ("Regret of greedy", with_unit(metrics["regret_greedy_pct"], "%")),
        ("Games of each region and seed", format_number(metrics["train_games"])),
        ("Time for all", with_unit(metrics["train_s"], "s")),
    ]
