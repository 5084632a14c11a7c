"""The report of a training for networked microgrids: how policies learned, and where they stand beside merit order."""

from __future__ import annotations

import pandas as pd

from tieline.reports import figures
from tieline.reports.html import Figure, Report, Section, Text
from tieline.studies.microgrids.training.config import MicrogridsTrainingConfig
from tieline.studies.microgrids.training.headline import headline, held_out_table
from tieline.studies.result import Result


def report(result: Result) -> Report:
    """What the page about a training says."""
    config = result.config
    assert isinstance(config, MicrogridsTrainingConfig)
    curves = result.tables["curves"]
    return Report(
        headline(result),
        sections=[
            Section("Learning", learning_figures(curves)),
            Section("Unseen days", [Text(UNSEEN), held_out_table(result)]),
            Section("What to do with it", [Text(USE)]),
        ],
        facts={"settings": config.learner.model_dump(mode="json")},
    )


UNSEEN = (
    "Every policy decides a window, the first step is carried out as far as devices can, and the window moves on. No safety "
    "step stands behind it here: violations are what it would have to mend. A day's cost counts what is stored at its end at "
    "the value of stored energy."
)

BAND = "Without a safety step; the band reaches from the best to the worst seed."

COST_OF_CHECKS = f"{BAND} Stored energy is paid back. A cost that rises while fewer limits break is the price of keeping them."

USE = "Give the folder of this run to tieline run microgrids --policy FOLDER."


def learning_figures(curves: pd.DataFrame) -> list[Figure]:
    """Checks on unseen days over the training: what a day costs, and how many of its steps break a limit."""
    checks = curves.dropna(subset=["return_mean"])
    # a return is less what was spent: people know costs
    cost = checks.assign(value=-checks["return_mean"])
    broken = checks.assign(value=checks["violating_steps_pct"])
    return [
        _of_checks(cost, "cost of an unseen day [USD]", COST_OF_CHECKS),
        _of_checks(broken, "steps of unseen days with a broken limit [%]", BAND),
    ]


def _of_checks(checks: pd.DataFrame, y_title: str, caption: str) -> Figure:
    by_step = checks.groupby("step")["value"]
    name = "mean of the seeds"
    figure = figures.lines_with_band(
        by_step.mean().index,
        {name: by_step.mean().to_numpy()},
        x_title="windows, each training",
        y_title=y_title,
        bands={name: (by_step.min().to_numpy(), by_step.max().to_numpy())},
    )
    return Figure(figure, caption)
