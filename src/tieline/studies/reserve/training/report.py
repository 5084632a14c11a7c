"""The report of a training for the reserve study: learning curves, and what each seed reached."""

from __future__ import annotations

from tieline.reports.html import Report, Section, Table, Text
from tieline.reports.numbers import format_number
from tieline.studies.learning_curves import learning_curve_figure
from tieline.studies.reserve.training.config import ReserveTrainingConfig
from tieline.studies.result import Result


def report(result: Result) -> Report:
    """What the page about a training says."""
    config = result.config
    assert isinstance(config, ReserveTrainingConfig)
    metrics = result.metrics
    curves = result.tables["curves"]
    last = (
        curves.groupby("seed", as_index=False).last().drop(columns=["step", "wall_s"])
    )
    settings = "own"
    if config.ddpg is None:
        settings = config.preset
    count = "1 training"
    if config.trainings != 1:
        count = f"{config.trainings} trainings"
    return Report(
        title=f"{count} for reserve on {config.feeder}",
        question=f"DDPG, settings '{settings}', DERs at {', '.join(config.ders)}.",
        summary=[
            ("Final return, mean", format_number(metrics["final_return_mean"])),
            ("Spread over seeds", format_number(metrics["final_return_std"])),
            ("Final return, best", format_number(metrics["final_return_best"])),
            ("Time for all", f"{format_number(metrics['train_s'])} s"),
        ],
        sections=[
            Section(
                "Learning",
                [
                    learning_curve_figure(curves),
                    Table(last, "Where each seed ended, on the same unseen episodes."),
                ],
            ),
            Section(
                "What to do with it",
                [
                    Text(
                        "Give the folder of this run to `tieline run reserve --policy FOLDER`."
                    )
                ],
            ),
        ],
        facts={"settings of DDPG": config.settings.model_dump(mode="json")},
    )
