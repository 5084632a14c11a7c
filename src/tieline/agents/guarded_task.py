"""`GuardedTask`: a task whose every action goes through the safety step, for learners that are to count on it.

A policy that learned without the safety step keeps away from limits by itself, and pays for it in every step: what it draws while
it learns varies, and a broken limit costs much. Behind the safety step it learns what is cheapest, and leaves the limits to it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.agents.safety import make_safe, require_safeguarded
from tieline.envs.task import Outcome, Task
from tieline.envs.task_around import TaskAround
from tieline.typing import FloatArray


class GuardedTask(TaskAround):
    """The task with corrected actions; raises `InputError` if it does not say what its limits are."""

    def __init__(self, task: Task[Any]):
        require_safeguarded(task)
        super().__init__(task)

    def squash(self, observation: Any, free: Any, xp: Any = np) -> Any:
        """As the whole task."""
        return self.whole.squash(observation, free, xp)

    def advance(self, state: Any, actions: FloatArray) -> Outcome[Any]:
        """Carry out the nearest actions within limits."""
        safe = make_safe(self.whole, state, actions)
        return self.whole.advance(state, safe.actions)
