"""`FewerActions`: a task in which only some numbers are decided and the others stay put, to see what a larger choice is worth.

A decider that may set more can always do as one that may set less. A learned one that does worse with more has not learned its
task, which no table without this comparison would show.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.envs.box import Box
from tieline.envs.task import Outcome, Task
from tieline.errors import InputError
from tieline.typing import FloatArray, IntArray


class FewerActions(Task[Any]):
    """The task with fewer entries of the action; all else is the same.

    Args:
        task: the whole task.
        groups: first words of the names of the entries that are still set.
        still: what the others are held at, (action,) of the whole task.

    Raises:
        InputError: if no entry is left, or `still` lies outside the bounds.
    """

    def __init__(self, task: Task[Any], groups: tuple[str, ...], still: FloatArray):
        box = task.action
        is_set = np.array([name.partition(" ")[0] in groups for name in box.names])
        if not is_set.any():
            raise InputError(
                f"Task '{task.name}' has no action of {', '.join(groups)}. It has: {', '.join(box.groups)}."
            )
        if (still != box.clip(still)).any():
            raise InputError("still must lie within the bounds of the actions.")
        self.whole = task
        self.name = task.name
        self.feeder_name = task.feeder_name
        self.observation = task.observation
        self.terms = task.terms
        self.constraints = task.constraints
        self.network = task.network
        self.band_pu = task.band_pu
        self._set = np.flatnonzero(is_set)
        self._still = still
        names = tuple(box.names[k] for k in self._set)
        self.action = Box(names, box.low[self._set], box.high[self._set])

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
        """As the whole task, with the other entries where they stay."""
        return self.whole.advance(state, self.whole_actions(actions))

    def whole_actions(self, actions: FloatArray) -> FloatArray:
        """Actions of the whole task, (episode, action)."""
        filled = np.repeat(self._still[None], len(actions), axis=0)
        filled[:, self._set] = actions
        return filled
