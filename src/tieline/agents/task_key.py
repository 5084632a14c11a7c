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
            task.name,
            task.feeder_name,
            task.observation.names,
            task.action.names,
            task.signature,
        )

    def require_same(self, task: TaskKey) -> None:
        """Raises `InputError` that names both sides and what to do, unless `task` is this one."""
        if self == task:
            return
        what, trained_for, decides_for = self._difference(task)
        raise InputError(
            f"The policy was trained for {what} {trained_for} and is asked to decide for {decides_for}. "
            f"Give it the task it was trained for, or train one for task '{task.name}' on feeder '{task.feeder}'."
        )

    def _difference(self, task: TaskKey) -> tuple[str, str, str]:
        """What differs first, in this task and in another."""
        if self.name != task.name:
            return "task", f"'{self.name}'", f"'{task.name}'"
        if self.feeder != task.feeder:
            return "feeder", f"'{self.feeder}'", f"'{task.feeder}'"
        for what in ("action", "observation"):
            trained_names = getattr(self, what)
            task_names = getattr(task, what)
            if trained_names != task_names:
                return (
                    f"the {what} entries",
                    _listed(trained_names),
                    _listed(task_names),
                )
        same = f"of task '{self.name}' on feeder '{self.feeder}' (bounds, scales or weights)"
        return (
            "other settings",
            f"{same}, fingerprint {self.signature},",
            f"those of fingerprint {task.signature}",
        )


SHOWN = 8
"""Names listed in a message before the rest is counted."""


def _listed(names: tuple[str, ...]) -> str:
    text = ", ".join(names[:SHOWN])
    if len(names) > SHOWN:
        text += f" and {len(names) - SHOWN} more"
    return f"[{text}]"
