"""The report of a training for load restoration: how policies learned, and where they stand beside the holding plan."""

from __future__ import annotations

import pandas as pd

from tieline.reports.html import Figure, Report, Section, Table, Text
from tieline.reports.numbers import format_number
from tieline.studies.learning_curves import learning_curve_figure
from tieline.studies.restoration.training.config import RestorationTrainingConfig
from tieline.studies.result import Result

EPISODES = "episodes, each training"

UNSEEN = (
    "Policies and the holding plan on draws that no training and no check has seen; no safety step stands behind them here. "
    "Gain is what the objective gains over the plan, from which the policies' numbers depart."
)

USE = "Give the folder of this run to `tieline run restoration --policy FOLDER`."

CHECKS = "Objective of a draw [kWh]. Checks are draws that no update sees; the policy that did best on them is kept."


def report(result: Result) -> Report:
    """What the page about a training says."""
    config = result.config
    assert isinstance(config, RestorationTrainingConfig)
    learner = config.learner
    return Report(
        title=f"Load restoration learned on {config.feeder}",
        question=f"{config.trainings} trainings by each method; by constrained policy optimisation {learner.updates} updates "
        f"of {learner.draws} episodes each.",
        summary=_summary(result),
        sections=[
            Section(
                "Learning", [Text(CHECKS), *learning_figures(result.tables["curves"])]
            ),
            Section("Unseen draws", [Text(UNSEEN), Table(standing(result))]),
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


def standing(result: Result) -> pd.DataFrame:
    """Means over the seeds, a row for each scenario and method, with the spread of the gain."""
    groups = result.tables["held_out"].groupby(["scenario", "method"], sort=False)
    means = groups[["objective", "restored_kwh", "shed_kwh", "gain_pct"]].mean()
    spread = groups["gain_pct"].std(ddof=0)
    return means.assign(gain_spread_pct=spread).reset_index()


def _summary(result: Result) -> list[tuple[str, str]]:
    metrics = result.metrics
    names = {
        "episodes": "Episodes of a training",
        "train_s": "Time of a training [s]",
        "train_cpu_s": "Processor time of a training [s]",
        "train_s_imitation": "Time of an imitation [s]",
    }
    return [
        (words, format_number(metrics[name]))
        for name, words in names.items()
        if name in metrics
    ]
