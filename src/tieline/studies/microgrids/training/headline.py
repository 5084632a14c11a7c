"""The headline of a training for networked microgrids."""

from __future__ import annotations

from tieline.reports.headline import Headline
from tieline.reports.html import Table
from tieline.reports.numbers import format_number
from tieline.studies.microgrids.training.config import MicrogridsTrainingConfig
from tieline.studies.result import Result


def headline(result: Result) -> Headline:
    """What a reader of a training sees first."""
    config = result.config
    assert isinstance(config, MicrogridsTrainingConfig)
    return Headline(
        title=f"Dispatch of microgrids learned on {config.feeder}",
        question=f"{config.trainings} trainings of {config.learner.updates} updates, {config.learner.walkers} windows each; an "
        "update moves all agents within their trust regions and limits.",
        summary=_summary(result),
        table=held_out_table(result),
    )


def held_out_table(result: Result) -> Table:
    """Every policy on unseen days, and merit order."""
    held_out = result.tables["held_out"]
    cost = -held_out["return_mean"]
    return Table(held_out.drop(columns="return_mean").assign(cost_usd=cost))


def _summary(result: Result) -> list[tuple[str, str]]:
    metrics = result.metrics
    return [
        ("Cost of a day", f"{format_number(metrics['cost_usd'])} $"),
        ("Merit order", f"{format_number(metrics['cost_usd_merit'])} $"),
        (
            "Steps with a broken limit",
            f"{format_number(metrics['violating_steps_pct'])} %",
        ),
        (
            "Merit order",
            f"{format_number(metrics['violating_steps_pct_merit'])} %",
        ),
        ("Windows of each training", str(metrics["train_episodes"])),
        ("Time for all", f"{format_number(metrics['train_s'])} s"),
    ]
