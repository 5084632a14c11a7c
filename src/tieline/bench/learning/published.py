"""The rows that others published of a task, beside ours: percentages alone, since their series cannot be had."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tieline.bench.kit.markdown import Section, Table
from tieline.bench.kit.numbers import number_text
from tieline.bench.learning.score import Score

FOLDER = Path(__file__).parent / "contests"

TASK = "dso33-as-published"

OF_PUBLISHED = (
    "Mean over the windows of what each decider lowers the losses by. The published rows are those of PowerZooJax (commit "
    '3285b39, task "DSO", their own backend, five seeds, 95 % interval over seeds; MIT). They stand beside ours as percentages '
    "only: their series cannot be had, so ours are drawn and scaled in each window to the published loss of doing nothing. Rules "
    "that act on voltages depend on the shape of the series and do not compare. Their rows of Stable-Baselines3 and SBX (46 to "
    "47 %) are left out: they return a quarter of what was shifted and so play another task."
)

NAMES = {
    "no_control": "nothing",
    "tou": "fixed hours",
    "droop": "droop",
    "ppo": "PPO",
    "saute_ppo": "Saute PPO",
    "sac": "SAC",
    "ppo_lagrangian": "PPO-Lagrangian",
}
"""What the published names are called here."""


def published_sections(task: str, scores: Sequence[Score]) -> list[Section]:
    """The comparison, for the task that was published; empty for others."""
    if task != TASK:
        return []
    title = f"{TASK}: beside the published figures"
    return [Section(title, [OF_PUBLISHED, _table(scores)])]


def reductions_pct(scores: Sequence[Score]) -> dict[str, float]:
    """Decider -> mean over seeds and windows of how much less is lost than when nothing is done [%]."""
    idle = next(score for score in scores if score.kind == "nothing")
    by_name: dict[str, list[float]] = {}
    for score in scores:
        ratio = np.array(score.loss_kwh) / np.array(idle.loss_kwh)
        by_name.setdefault(score.who, []).append(float(100.0 * (1.0 - ratio).mean()))
    return {who: float(np.mean(values)) for who, values in by_name.items()}


def _table(scores: Sequence[Score]) -> Table:
    headings = ("who", "published [%]", "published, 95 %", "here [%]")
    return Table(headings, list(_rows(scores)), "lrrr")


def _rows(scores: Sequence[Score]) -> Iterator[tuple[str, ...]]:
    """A row for each published one, then those that only we have."""
    by_name = reductions_pct(scores)
    published = pd.read_csv(FOLDER / "published_dso.csv", comment="#")
    for row in published.itertuples():
        name = NAMES[str(row.algorithm)]
        yield (
            name,
            f"{row.reduction_pct:.2f}",
            f"{row.low_pct:.2f} to {row.high_pct:.2f}",
            _cell(by_name.pop(name, None)),
        )
    for name, value in sorted(by_name.items(), key=lambda item: -item[1]):
        yield name, "", "", _cell(value)


def _cell(value: float | None) -> str:
    return "" if value is None else number_text(value, ".2f")
