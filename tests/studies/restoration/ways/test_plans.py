"""A draw without a plan has a reason, and the others have their plans."""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.errors import NoAnswerError
from tieline.studies.restoration.ways.plans import plan_draws


class _OfSunnyDraws:
    def solve(self, state: Any, available_kw: np.ndarray, /) -> Any:
        if available_kw.sum() == 0:
            raise NoAnswerError("no sun")
        return float(available_kw.sum())


def test_a_draw_without_a_plan_does_not_end_the_others() -> None:
    state: Any = None
    actual_kw = np.array([[[1.0]], [[0.0]], [[3.0]]])
    planned = plan_draws(_OfSunnyDraws(), state, actual_kw)
    assert planned.plans == {0: 1.0, 2: 3.0}
    assert {draw: str(error) for draw, error in planned.reasons.items()} == {
        1: "no sun"
    }
