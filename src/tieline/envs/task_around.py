"""`TaskAround`: a task that is another one but for what a subclass changes: entries that are set, or actions on their way."""

from __future__ import annotations

from typing import Any

from tieline.envs.task import Outcome, Task
from tieline.typing import FloatArray, IntArray


class TaskAround(Task[Any]):
    """All as in the whole task.

    Attributes:
        whole: that task.
    """

    def __init__(self, task: Task[Any]):
        self.whole = task
        self.name = task.name
        self.feeder_name = task.feeder_name
        self.observation = task.observation
        self.action = task.action
        self.terms = task.terms
        self.constraints = task.constraints
        self.network = task.network
        self.band_pu = task.band_pu

    @property
    def setting(self) -> dict[str, Any]:
        """That of the whole task."""
        return self.whole.setting

    def start(self, seeds: IntArray) -> Any:
        """As the whole task."""
        return self.whole.start(seeds)

    def observe(self, state: Any) -> FloatArray:
        """As the whole task."""
        return self.whole.observe(state)

    def advance(self, state: Any, actions: FloatArray) -> Outcome[Any]:
        """As the whole task."""
        return self.whole.advance(state, actions)
