"""The benchmark of years: what its page says, and two days of a feeder measured in full."""

from __future__ import annotations

from collections.abc import Callable

from tieline.bench.kit.markdown import Page
from tieline.bench.time_series.measure import Years, measure
from tieline.bench.time_series.options import Options
from tieline.bench.time_series.page import page

RowsOf = Callable[[Page, str], list[dict[str, str]]]


def test_goals_are_those_of_the_worst_feeder(years: Years, rows_of: RowsOf) -> None:
    verdicts = [row[""] for row in rows_of(page(years), "Goals")]
    missed = "**not met**"
    assert verdicts == [missed, missed, "met", missed, "met"]


def test_two_days_are_the_same_in_both() -> None:
    (row,) = measure(Options(feeders=("ieee13",), days=2, shapes=3)).rows
    assert (row.steps, row.other_positions, row.unsolved) == (48, 0, 0)
    assert row.movements > 0
    # a thousandth of the goal, which a wrong hour would miss by far
    assert max(abs(row.import_error), abs(row.loss_error)) < 1e-7
