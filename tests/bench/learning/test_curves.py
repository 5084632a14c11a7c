"""Learning curves as a table: which point of a curve is told, over which trainings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tieline.bench.learning.curves import PARTS_PCT, curve_rows, curve_table
from tieline.bench.learning.score import Score
from tieline.bench.learning.standing import rank


def score(who: str, seed: int, curve: Sequence[tuple[int, float]]) -> Score:
    return Score(
        split="days",
        who=who,
        kind="learned",
        seed=seed,
        returns=[-1.0],
        loss_kwh=[0.0],
        steps_outside=[0.0],
        unsolved=0,
        decision_ms=1.0,
        curve=curve,
    )


NOTHING = replace(score("nothing", -1, []), kind="nothing")


def test_a_part_is_told_by_the_last_point_before_it() -> None:
    """At 5, 10, 25, 50, 75 and 100 % of 200 steps: the first point, that at 20 steps twice, at 100 twice, the last."""
    first = [(20, 1.0), (100, 2.0), (200, 4.0)]
    second = [(20, 3.0), (100, 2.0), (200, 8.0)]
    scores = [NOTHING, score("adder", 0, first), score("adder", 1, second)]
    (row,) = curve_rows("counter", rank(scores))
    assert PARTS_PCT == (5, 10, 25, 50, 75, 100)
    early = "2.0 (1.0 to 3.0)"
    late = "2.0 (2.0 to 2.0)"
    assert row == (
        "counter",
        "adder",
        early,
        early,
        early,
        late,
        late,
        "6.0 (4.0 to 8.0)",
    )
    table = curve_table([row])
    assert len(table.headings) == len(row)


def test_who_was_not_watched_has_no_row() -> None:
    assert list(curve_rows("counter", rank([NOTHING, score("rule", -1, [])]))) == []
