"""`Decider`: whatever chooses actions: a rule, a search, an optimiser, a learned policy. Evaluation and safety ask no more of it."""

from __future__ import annotations

from typing import Any, Protocol

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
