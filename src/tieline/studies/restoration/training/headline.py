"""The headline of a training for load restoration."""

from __future__ import annotations

from tieline.reports.headline import Headline
from tieline.reports.html import Table
from tieline.reports.numbers import format_number, with_unit
from tieline.studies.restoration.deciders import DECIDERS, HOLD
from tieline.studies.restoration.training.config import RestorationTrainingConfig
from tieline.studies.result import Result


def headline(result: Result) -> Headline:
    """What a reader of a training sees first."""
    config = result.config
    assert isinstance(config, RestorationTrainingConfig)
    learner = config.learner
    return Headline(
        title=f"Load restoration learned on {config.feeder}: {_answer(result)}",
        question=f"{config.trainings} trainings by each method; by constrained policy optimisation {learner.updates} updates "
        f"of {learner.draws} episodes each.",
        summary=_summary(result),
        table=standing_table(result),
    )


def _answer(result: Result) -> str:
    """The best method against the plan that holds, over all scenarios and seeds."""
    means = result.tables["held_out"].groupby("method")["gain_pct"].mean()
    learned = means.drop(HOLD)
    gain = with_unit(float(learned.max()), "%")
    best = DECIDERS[str(learned.idxmax())].words
    return f"{best} gains {gain} on the holding plan in unseen draws"


def standing_table(result: Result) -> Table:
    """Means over the seeds, a row for each scenario and method, with the spread of the gain."""
    groups = result.tables["held_out"].groupby(["scenario", "method"], sort=False)
    means = groups[["objective", "restored_kwh", "shed_kwh", "gain_pct"]].mean()
    spread = groups["gain_pct"].std(ddof=0)
    standings = means.assign(gain_spread_pct=spread).reset_index()
    words = {name: decider.words for name, decider in DECIDERS.items()}
    headings = {
        "objective": "objective [kWh]",
        "gain_pct": "gain on the holding plan [%]",
        "gain_spread_pct": "its spread over the seeds [%]",
    }
    caption = "Means of the unseen draws and of the seeds of each method."
    return Table(
        standings.assign(method=standings["method"].map(words)), caption, headings
    )


def _said(value: object, name: str) -> str:
    if name == "episodes":
        return format_number(value)
    return with_unit(value, "s")


def _summary(result: Result) -> list[tuple[str, str]]:
    metrics = result.metrics
    names = {
        "episodes": "Episodes of a training",
        "train_s": "Time of a training",
        "train_cpu_s": "Processor time of a training",
        "train_s_imitation": "Time of an imitation",
    }
    return [
        (words, _said(metrics[name], name))
        for name, words in names.items()
        if name in metrics
    ]
