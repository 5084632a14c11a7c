"""The reserve study trained anew under several settings, for the docs page: which goals are met, and by how much."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tieline.bench.goals import Goal
from tieline.studies.result import Result
from tieline.studies.shell import run_study

SETTINGS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("default", "tieline's settings of DDPG, all weights 1", {}),
    ("paper", "the published settings of DDPG, all weights 1", {"preset": "paper"}),
    (
        "loss at 10 cents",
        "tieline's settings, a kW of loss at the price of reserve, 0.10 $",
        {"loss_weight": 0.1},
    ),
)
"""Name, what it is, fields of the configuration. The third asks for a balance: bids decide more, location less."""


def run(
    trainings: int, held_out: int, report: Callable[[str], None] = lambda _: None
) -> dict[str, Result]:
    """Train and judge under every setting: results by name."""
    results = {}
    for name, _, values in SETTINGS:
        report(name)
        results[name] = run_study(
            "reserve", train=True, trainings=trainings, held_out=held_out, **values
        )
    return results


def goals(result: Result) -> list[Goal]:
    """The goals of the study, held against a result with tieline's settings.

    Objectives are compared with the published allocations as these are printed, to two decimals.
    """
    compared = [
        _not_above_published(result, quantity, words, case)
        for case in ("case1", "case2")
        for quantity, words in (
            ("cost_usd", "cost [$]"),
            ("loss_kw", "loss [kW]"),
            ("deviation_pct", "deviation [%]"),
        )
    ]
    limits = (
        ("objective_gap_pct", "mean gap to the optimum on unseen requests [%]", 0.5),
        ("objective_gap_pct_worst", "the same of the worst seed [%]", 0.5),
        ("decision_ms", "a decision [ms]", 0.2),
        ("train_s", f"training, all {result.metrics['trainings']} seeds together [s]", 60.0),
    )
    reached = {name: result.number(name) for name, _, _ in limits}
    return compared + [
        Goal(words, f"{limit:g}", f"{reached[name]:.3g}", reached[name] <= limit)
        for name, words, limit in limits
    ]


def _not_above_published(result: Result, quantity: str, words: str, case: str) -> Goal:
    published, own = result.number(f"{quantity}_{case}_paper"), result.number(f"{quantity}_{case}")
    what = f"{words}, {case}, not above the published allocation's"
    return Goal(what, f"{published:.2f}", f"{own:.2f}", round(own, 2) <= round(published, 2))
