"""The headline of a training for the reserve study: the return that policies end with, and its spread over seeds."""

from __future__ import annotations

from tieline.reports.headline import Headline
from tieline.reports.html import Table
from tieline.reports.numbers import brief, format_number, with_unit
from tieline.studies.reserve.training.config import ReserveTrainingConfig
from tieline.studies.result import Result


def headline(result: Result) -> Headline:
    """What a reader of a training sees first."""
    config = result.config
    assert isinstance(config, ReserveTrainingConfig)
    count = "1 training"
    if config.trainings != 1:
        count = f"{config.trainings} trainings"
    mean = brief(result.metrics["final_return_mean"])
    settings = "own"
    if config.ddpg is None:
        settings = config.preset
    return Headline(
        title=f"{count} for reserve on {result.feeder.name}: mean return {mean} on unseen requests",
        question=f"DDPG, settings '{settings}', DERs at {', '.join(config.ders)}.",
        summary=_summary(result),
        table=ends(result),
    )


def ends(result: Result) -> Table:
    """The last row of each seed's curve."""
    curves = result.tables["curves"]
    last = curves.groupby("seed", as_index=False).last()
    caption = "Where each seed ended, on the same unseen episodes."
    return Table(last.drop(columns=["step", "wall_s"]), caption)


def _summary(result: Result) -> list[tuple[str, str]]:
    metrics = result.metrics
    return [
        ("Final return, mean", format_number(metrics["final_return_mean"])),
        ("Spread over seeds", brief(metrics["final_return_std"])),
        ("Final return, best", format_number(metrics["final_return_best"])),
        ("Time for all", with_unit(metrics["train_s"], "s")),
    ]
