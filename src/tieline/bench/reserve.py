"""The reserve study trained anew under several settings, for the docs page: which goals are met, and by how much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tieline.studies.reserve.config import ReserveConfig
from tieline.studies.reserve.study import run as run_study
from tieline.studies.result import Result

SETTINGS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("default", "tieline's settings of DDPG, all weights 1", {}),
    ("paper", "the published settings of DDPG, all weights 1", {"preset": "paper"}),
    ("loss at 10 cents", "tieline's settings, a kW of loss at the price of reserve, 0.10 $", {"loss_weight": 0.1}),
)
"""Name, what it is, fields of the configuration. The third asks for a balance: bids decide more, location less."""


@dataclass(frozen=True)
class Goal:
    """A goal of the study: what, the limit, what was measured, and whether it holds."""

    what: str
    limit: str
    measured: str
    is_met: bool


def run(trainings: int, held_out: int, report: Callable[[str], None] = lambda _: None) -> dict[str, Result]:
    """Train and judge under every setting: results by name."""
    results = {}
    for name, _, values in SETTINGS:
        report(name)
        results[name] = run_study(ReserveConfig(train=True, trainings=trainings, held_out=held_out, **values))  # type: ignore[arg-type]
    return results


def goals(result: Result) -> list[Goal]:
    """The goals of the study, held against a result with tieline's settings.

    Objectives are compared with the published allocations as these are printed, to two decimals.
    """
    m = result.metrics
    rows = [
        Goal(
            f"{words}, {case}, not above the published allocation's",
            f"{m[f'{name}_{case}_paper']:.2f}",
            f"{value:.2f}",
            round(value, 2) <= round(float(m[f"{name}_{case}_paper"]), 2),
        )  # type: ignore[arg-type]
        for case in ("case1", "case2")
        for name, words in (("cost_usd", "cost [$]"), ("loss_kw", "loss [kW]"), ("deviation_pct", "deviation [%]"))
        for value in (float(m[f"{name}_{case}"]),)  # type: ignore[arg-type]
    ]
    limits = (
        ("objective_gap_pct", "mean gap to the optimum on unseen requests [%]", 0.5),
        ("objective_gap_pct_worst", "the same of the worst seed [%]", 0.5),
        ("decision_ms", "a decision [ms]", 0.2),
        ("train_s", f"training, all {m['trainings']} seeds together [s]", 60.0),
    )
    return rows + [
        Goal(words, f"{limit:g}", f"{float(m[name]):.3g}", float(m[name]) <= limit)  # type: ignore[arg-type]
        for name, words, limit in limits
    ]
