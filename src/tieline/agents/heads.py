"""Heads: what makes an action of the free numbers of an actor's last layer.

task       the task's own last layer (`Task.squash`), which may know more than bounds
sigmoid    a sigmoid over the bounds: they are approached and never reached
clip       the nearest number within the bounds: for tasks in which to do nothing, or all, is often best
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.envs.task import Task


def act_by(
    head: str, task: Task[Any], observation: Any, free: Any, xp: Any = np
) -> Any:
    """Actions within the bounds.

    Args:
        head: one of `head_names.HEADS`.
        task: whose bounds and last layer.
        observation: (..., observation).
        free: (..., action).
        xp: the array package, `numpy` or `jax.numpy`.

    Returns:
        (..., action).
    """
    if head == "task":
        return task.squash(observation, free, xp)
    if head == "clip":
        return xp.clip(free, task.action.low, task.action.high)
    # what a task without a last layer of its own has
    return Task.squash(task, observation, free, xp)
