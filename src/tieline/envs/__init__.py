"""Decide step by step: what is decided, in thousands of episodes side by side, judged by the AC power flow.

A `Task` is the definition (states, observations, actions, named reward terms and costs), `BatchedEnv` runs many episodes of one,
`faces/` shows it to other packages' trainers. `make_env` makes one by name. The names below are fetched when first used, so that
a command line can name configurations in its help without loading a numerical library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tieline.lazy_face import lazy_face

if TYPE_CHECKING:
    from tieline.envs.batched_env import BatchedEnv, Step
    from tieline.envs.catalogue import TASKS, make_env, make_task
    from tieline.envs.task import Agent, Constraint, Outcome, Task, Term

__all__ = [
    "TASKS",
    "Agent",
    "BatchedEnv",
    "Constraint",
    "Outcome",
    "Step",
    "Task",
    "Term",
    "make_env",
    "make_task",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "BatchedEnv": "tieline.envs.batched_env",
        "Step": "tieline.envs.batched_env",
        "TASKS": "tieline.envs.catalogue",
        "make_env": "tieline.envs.catalogue",
        "make_task": "tieline.envs.catalogue",
        "Agent": "tieline.envs.task",
        "Constraint": "tieline.envs.task",
        "Outcome": "tieline.envs.task",
        "Task": "tieline.envs.task",
        "Term": "tieline.envs.task",
    },
)
