"""Lengths of steps: those that divide an hour, and no others."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tieline.settings import Settings
from tieline.settings.step_minutes import STEP_MINUTES, StepMinutes


class Stepped(Settings):
    """A configuration with the field alone."""

    step_minutes: StepMinutes = STEP_MINUTES


def test_what_divides_an_hour_is_taken() -> None:
    taken = []
    for minutes in range(1, 61):
        try:
            taken.append(Stepped(step_minutes=minutes).step_minutes)
        except ValidationError:
            continue
    assert taken == [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60]
    assert Stepped().step_minutes == 15


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (7, "7 does not divide an hour; take for example 5"),
        (0, "greater than or equal to 1"),
        (120, "less than or equal to 60"),
    ],
)
def test_other_lengths_are_refused(minutes: int, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Stepped(step_minutes=minutes)
