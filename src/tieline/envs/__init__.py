"""Decide step by step: what is decided, in thousands of episodes side by side, judged by the AC power flow.

A `Task` is the definition (states, observations, actions, named reward terms and costs), `BatchedEnv` runs many episodes of one,
`faces/` shows it to other packages' trainers. `make_env` makes one by name. The names below are fetched when first used, so that
a command line can name configurations in its help without loading a numerical library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

_HOME = {
    "BatchedEnv": "batched_env",
    "Step": "batched_env",
    "TASKS": "catalogue",
    "make_env": "catalogue",
    "make_task": "catalogue",
    "Agent": "task",
    "Constraint": "task",
    "Outcome": "task",
    "Task": "task",
    "Term": "task",
}
"""Which module each public name comes from."""


def __getattr__(name: str) -> Any:
    """The public name, imported from its module."""
    if name not in _HOME:
        raise AttributeError(
            f"module 'tieline.envs' has no attribute '{name}'. Public names: {', '.join(__all__)}."
        )
    return getattr(import_module(f"tieline.envs.{_HOME[name]}"), name)
