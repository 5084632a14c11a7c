"""The report of a training for the reserve study: learning curves, and what each seed reached."""

from __future__ import annotations

from pathlib import Path

from tieline.reports.html import Section, Table, Text
from tieline.reports.html import write_report as write_html
from tieline.reports.numbers import format_number
from tieline.studies.learning_curves import learning_curve_figure
from tieline.studies.reserve_training.config import ReserveTrainingConfig
from tieline.studies.result import Result


def write_report(result: Result, path: Path) -> None:
    """Write the report of a training to one HTML file."""
    config = result.config
    assert isinstance(config, ReserveTrainingConfig)
    metrics, curves = result.metrics, result.tables["curves"]
    last = curves.groupby("seed", as_index=False).last().drop(columns=["step", "wall_s"])
    write_html(
        path,
        title=f"{config.trainings} training{'s' * (config.trainings > 1)} for reserve on {config.feeder}",
        subtitle=f"DDPG, settings '{config.preset if config.ddpg is None else 'own'}', DERs at {', '.join(config.ders)}.",
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
                [Text("Give the folder of this run to `tieline run reserve --policy FOLDER`.")],
            ),
        ],
        provenance={
            "study": result.study,
            "tieline": result.version,
            "machine": result.machine,
            "wall time": f"{result.wall_s:.1f} s",
            "configuration": {
                name: value
                for name, value in result.to_json()["config"].items()
                if value is not None
            },
            "settings of DDPG": config.settings.model_dump(mode="json"),
        },
        warnings=result.warnings,
    )
