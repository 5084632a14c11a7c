"""A rule as a decider."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tieline.agents.decider import RuleDecider
from tieline.envs import make_task
from tieline.errors import InputError


def test_a_rule_sees_task_and_state() -> None:
    def by_capacity(task: Any, state: Any) -> np.ndarray:
        return np.repeat(
            state.request_kw[:, None] / state.capacity_kw.sum(axis=1, keepdims=True),
            task.action.size,
            axis=1,
        )

    task = make_task("reserve", ders=("844", "890"))
    state = task.start(np.arange(3))
    shares = RuleDecider(by_capacity, task).act(task.observe(state), state)
    assert (shares * state.capacity_kw).sum(axis=1) == pytest.approx(state.request_kw)
    with pytest.raises(InputError, match="looks at the state"):
        RuleDecider(by_capacity, task).act(task.observe(state))
