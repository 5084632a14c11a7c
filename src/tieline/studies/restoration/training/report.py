"""The report of a training for load restoration: how policies learned, and where they stand beside the holding plan."""

from __future__ import annotations

import pandas as pd

from tieline.reports.html import Figure, Report, Section, Text
from tieline.studies.learning_curves import learning_curve_figure
from tieline.studies.restoration.training.config import RestorationTrainingConfig
from tieline.studies.restoration.training.headline import headline, standing_table
from tieline.studies.result import Result

EPISODES = "episodes, each training"

UNSEEN = (
    "Policies and the holding plan on draws that no training and no check has seen; no safety step stands behind them here. "
    "Gain is what the objective gains over the plan, from which the policies' numbers depart."
)

USE = "Give the folder of this run to tieline run restoration --policy FOLDER."

CHECKS = "Objective of a draw [kWh]. Checks are draws that no update sees; the policy that did best on them is kept."


def report(result: Result) -> Report:
    """What the page about a training says."""
    config = result.config
    assert isinstance(config, RestorationTrainingConfig)
    learner = config.learner
    return Report(
        headline(result),
        sections=[
            Section(
                "Learning", [Text(CHECKS), *learning_figures(result.tables["curves"])]
            ),
            Section("Unseen draws", [Text(UNSEEN), standing_table(result)]),
            Section("What to do with it", [Text(USE)]),
        ],
        facts={"settings": learner.model_dump(mode="json")},
    )


def learning_figures(curves: pd.DataFrame) -> list[Figure]:
    """The checks of trainings by optimisation; an imitation has a check for each of its few rounds, and no curve."""
    checks = curves.dropna(subset=["return_mean"])
    is_optimised = checks["method"] == "cpo"
    of_optimisation = checks[is_optimised]
    if of_optimisation.empty:
        return []
    return [learning_curve_figure(of_optimisation, x_title=EPISODES)]
