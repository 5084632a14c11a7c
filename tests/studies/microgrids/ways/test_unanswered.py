"""Days without an answer: noted, counted by their steps and told; an error where no day is left."""

from __future__ import annotations

import pytest

from tieline.envs.microgrids.plant import Plant
from tieline.errors import NoAnswerError
from tieline.studies.microgrids.cases import make_days
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.ways.unanswered import UnansweredDays


def drawn(plant: Plant) -> UnansweredDays:
    """Two days of 24 steps."""
    config = MicrogridsConfig(case="held-out", days=2, step_minutes=60)
    return UnansweredDays(make_days(plant, config))


def test_a_day_is_left_out_and_its_steps_count_for_everybody(plant: Plant) -> None:
    unanswered = drawn(plant)
    first, second = unanswered.judged
    with unanswered.noting(first):
        raise NoAnswerError("Bus x is too low.")
    assert list(unanswered.judged) == [second]
    # two deciders on each day
    assert unanswered.count_steps([first, first, second, second]) == 2 * 24
    (remark,) = unanswered.remarks()
    assert f"1 day ({first}). The first: Bus x is too low." in remark


def test_without_any_day_the_first_reason_is_raised(plant: Plant) -> None:
    unanswered = drawn(plant)
    for number, seed in enumerate(unanswered.judged):
        with unanswered.noting(seed):
            raise NoAnswerError(f"reason {number}")
    with pytest.raises(NoAnswerError, match="reason 0"):
        _ = unanswered.judged


def test_other_errors_are_not_noted(plant: Plant) -> None:
    unanswered = drawn(plant)
    with (
        pytest.raises(ZeroDivisionError),
        unanswered.noting(next(iter(unanswered.judged))),
    ):
        raise ZeroDivisionError
