"""Learning curves as a table: what each learner gained after parts of its training, on days drawn like those that train."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tieline.bench.kit.markdown import Table
from tieline.bench.kit.numbers import number_text
from tieline.bench.kit.trainings import CURVE_DAYS
from tieline.bench.learning.score import Score
from tieline.bench.learning.standing import Ranking
from tieline.typing import FloatArray

OF_CURVES = (
    f"Gain over doing nothing [%] after parts of the training, on {CURVE_DAYS} days drawn like those that train: mean over "
    "seeds, lowest to highest. A line that still rises at the end asks for a longer training."
)

PARTS_PCT = (5, 10, 25, 50, 75, 100)
"""Of the training, at which the curve is told."""


def curve_rows(task: str, ranking: Ranking) -> Iterator[tuple[str, ...]]:
    """A row for each learner of a task whose trainings were watched; every split tells the same of them."""
    for standing in ranking.standings:
        gains_pct = [_gains_pct(score) for score in standing.scores if score.curve]
        if gains_pct:
            cells = [_cell(at_part) for at_part in np.array(gains_pct).T]
            yield task, standing.who, *cells


def curve_table(rows: Sequence[tuple[str, ...]]) -> Table:
    """The table of all tasks."""
    headings = ["task", "who"]
    headings += [f"{part} % of the steps" for part in PARTS_PCT]
    return Table(headings, rows, "ll" + "r" * len(PARTS_PCT))


def _gains_pct(score: Score) -> list[float]:
    """Gain at each of the parts, (part,): that of the last point up to it."""
    steps = np.array([point[0] for point in score.curve])
    gains_pct = [point[1] for point in score.curve]
    places = [
        np.searchsorted(steps, steps[-1] * part / 100.0, side="right")
        for part in PARTS_PCT
    ]
    # a training too short to have a point so early is told by its first
    return [gains_pct[max(int(place) - 1, 0)] for place in places]


def _cell(gains_pct: FloatArray) -> str:
    numbers = (gains_pct.mean(), gains_pct.min(), gains_pct.max())
    texts = [number_text(float(number), ".1f") for number in numbers]
    return "{} ({} to {})".format(*texts)
