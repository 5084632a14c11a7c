"""`TaskKey`: which task a policy was trained for, with enough words to say what differs from the task it is asked to decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tieline.envs.task import Task
from tieline.errors import InputError


@dataclass(frozen=True)
class TaskKey:
    """Name, feeder, names of what is seen and set, and the fingerprint of all of it with bounds, scales and weights."""

    name: str
    feeder: str
    observation: tuple[str, ...]
    action: tuple[str, ...]
    signature: str

    @classmethod
    def of(cls, task: Task[Any]) -> TaskKey:
        """The key of a task."""
        return cls(
            task.name, task.feeder_name, task.observation.names, task.action.names, task.signature
        )

    def require_same(self, asked: TaskKey) -> None:
        """Raises `InputError` that names both sides and what to do, unless `asked` is this task."""
        if self == asked:
            return
        what, trained, wanted = self._difference(asked)
        raise InputError(
            f"The policy was trained for {what} {trained} and is asked to decide for {wanted}. "
            f"Give it the task it was trained for, or train one for task '{asked.name}' on feeder '{asked.feeder}'."
        )

    def _difference(self, asked: TaskKey) -> tuple[str, str, str]:
        """What differs first, here and there."""
        if self.name != asked.name:
            return "task", f"'{self.name}'", f"'{asked.name}'"
        if self.feeder != asked.feeder:
            return "feeder", f"'{self.feeder}'", f"'{asked.feeder}'"
        for what in ("action", "observation"):
            mine, theirs = getattr(self, what), getattr(asked, what)
            if mine != theirs:
                return f"the {what} entries", _listed(mine), _listed(theirs)
        same = f"of task '{self.name}' on feeder '{self.feeder}' (bounds, scales or weights)"
        return (
            "other settings",
            f"{same}, fingerprint {self.signature},",
            f"those of fingerprint {asked.signature}",
        )


SHOWN = 8
"""Names listed in a message before the rest is counted."""


def _listed(names: tuple[str, ...]) -> str:
    rest = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"[{', '.join(names[:SHOWN])}{rest}]"
