"""The headline of a training for networked microgrids."""

from __future__ import annotations

from tieline.reports.headline import Headline
from tieline.reports.html import Table
from tieline.reports.numbers import format_number, with_unit
from tieline.studies.microgrids.training.config import MicrogridsTrainingConfig
from tieline.studies.result import Result
from tieline.studies.seed_words import seed_words


def headline(result: Result) -> Headline:
    """What a reader of a training sees first."""
    config = result.config
    assert isinstance(config, MicrogridsTrainingConfig)
    return Headline(
        title=f"Dispatch of microgrids learned on {result.feeder.name}: {_answer(result)}",
        question=f"{config.trainings} trainings of {config.learner.updates} updates, {config.learner.walkers} windows each; an "
        "update moves all agents within their trust regions and limits.",
        summary=_summary(result),
        table=held_out_table(result),
    )


def _answer(result: Result) -> str:
    metrics = result.metrics
    broken = with_unit(metrics["violating_steps_pct"], "%")
    broken_merit = with_unit(metrics["violating_steps_pct_merit"], "%")
    return f"a limit is broken in {broken} of the steps of unseen days, in {broken_merit} by merit order"


def held_out_table(result: Result) -> Table:
    """Every policy on unseen days, and merit order."""
    held_out = result.tables["held_out"]
    standings = held_out.drop(columns="return_mean").assign(
        who=held_out["who"].map(WORDS),
        seed=seed_words(held_out["seed"]),
        cost_usd=-held_out["return_mean"],
    )
    headings = {
        "who": "decided by",
        "seed": "seed of the training",
        "violating_steps_pct": "steps with a broken limit [%]",
        "violation_max": "furthest beyond a limit [pu]",
        "cost_usd": "cost of a day [USD]",
    }
    caption = "All on the same unseen days; beyond a limit in per unit of voltage, or of what a branch may carry."
    return Table(standings, caption, headings)


WORDS = {"merit": "merit order", "policy": "learned policy"}
"""Who decides, as readers know them."""


def _summary(result: Result) -> list[tuple[str, str]]:
    metrics = result.metrics
    return [
        ("Cost of a day", with_unit(metrics["cost_usd"], "USD")),
        ("Cost by merit order", with_unit(metrics["cost_usd_merit"], "USD")),
        (
            "Steps with a broken limit",
            with_unit(metrics["violating_steps_pct"], "%"),
        ),
        (
            "Those of merit order",
            with_unit(metrics["violating_steps_pct_merit"], "%"),
        ),
        ("Windows of each training", format_number(metrics["train_episodes"])),
        ("Time for all", with_unit(metrics["train_s"], "s")),
    ]
