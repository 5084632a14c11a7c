"""How fast trainings are: steps a second with learning included, beside what others published of the same task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from tieline.bench.kit.markdown import Table
from tieline.bench.kit.numbers import number_text
from tieline.bench.learning.standing import Ranking, Standing

PUBLISHED = Path(__file__).parent / "contests" / "published_trainings.csv"

OF_TRAINING = (
    "One training of one seed, learning included. Ours is processor time on the machine named above; the published rows "
    "(PowerZooJax, commit 3285b39) are times on a GPU, with a power flow that takes losses from the flow without them."
)


def training_rows(task: str, ranking: Ranking) -> Iterator[tuple[str, ...]]:
    """A row for each learner of a task, then one for each published training of it."""
    for standing in ranking.standings:
        if standing.scores[0].steps:
            yield _measured_row(task, standing)
    published = pd.read_csv(PUBLISHED, comment="#")
    for row in published[published["task"] == task].itertuples():
        who = f"{row.algorithm}, published"
        steps = int(str(row.steps))
        seconds = float(str(row.seconds))
        yield _row(task, who, "5", steps, seconds, str(row.machine))


def training_table(rows: Sequence[tuple[str, ...]]) -> Table:
    """The table of all tasks."""
    headings = (
        "task",
        "who",
        "seeds",
        "steps each",
        "time each [s]",
        "steps a second",
        "on",
    )
    return Table(headings, rows, "llrrrrl")


def _measured_row(task: str, standing: Standing) -> tuple[str, ...]:
    n_seeds = str(len(standing.scores))
    steps = standing.scores[0].steps
    return _row(task, standing.who, n_seeds, steps, standing.train_s, "this machine")


def _row(
    task: str, who: str, seeds: str, steps: int, seconds: float, machine: str
) -> tuple[str, ...]:
    return (
        task,
        who,
        seeds,
        f"{steps:,}",
        number_text(seconds, ",.0f"),
        number_text(steps / seconds, ",.0f"),
        machine,
    )
