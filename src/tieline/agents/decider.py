"""`Decider`: whatever chooses actions: a rule, a search, an optimiser, a learned policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from tieline.envs.task import Task
from tieline.errors import InputError
from tieline.typing import FloatArray


class Decider(Protocol):
    """Chooses an action for each of many episodes."""

    def act(self, observation: FloatArray, state: Any = None) -> FloatArray:
        """Choose.

        Args:
            observation: what the task shows, (episode, observation).
            state: the task's state of the same episodes, for deciders that look at more than a policy may; a policy does not.

        Returns:
            Actions, (episode, action).
        """
        ...


@dataclass(frozen=True, eq=False)
class RuleDecider:
    """A rule of task and state, (episode, action), as a `Decider`."""

    rule: Callable[[Any, Any], FloatArray]
    task: Task[Any]

    def act(self, observation: FloatArray, state: Any = None) -> FloatArray:
        """What the rule says, (episode, action); raises `InputError` without the state, which a rule looks at."""
        del observation
        if state is None:
            raise InputError("A rule looks at the state. Call act(observation, state).")
        return self.rule(self.task, state)
