"""The report of a training for the reserve study: learning curves, and what each seed reached."""

from __future__ import annotations

from tieline.reports.html import Report, Section, Text
from tieline.studies.learning_curves import learning_curve_figure
from tieline.studies.reserve.training.config import ReserveTrainingConfig
from tieline.studies.reserve.training.headline import ends, headline
from tieline.studies.result import Result


def report(result: Result) -> Report:
    """What the page about a training says."""
    config = result.config
    assert isinstance(config, ReserveTrainingConfig)
    curves = result.tables["curves"]
    return Report(
        headline(result),
        sections=[
            Section(
                "Learning",
                [
                    learning_curve_figure(curves),
                    ends(result),
                ],
            ),
            Section(
                "What to do with it",
                [
                    Text(
                        "Give the folder of this run to tieline run reserve --policy FOLDER."
                    )
                ],
            ),
        ],
        facts={"settings of DDPG": config.settings.model_dump(mode="json")},
    )
