"""Decide step by step: what is decided, in thousands of episodes side by side, judged by the AC power flow.

A `Task` is the definition (states, observations, actions, named reward terms and costs), `BatchedEnv` runs many episodes of one,
`faces/` shows it to other packages' trainers. `make_env` makes one by name.
"""

from tieline.envs.batched_env import BatchedEnv, Step
from tieline.envs.catalogue import TASKS, make_env, make_task
from tieline.envs.task import Agent, Constraint, Outcome, Task, Term

__all__ = ["TASKS", "Agent", "BatchedEnv", "Constraint", "Outcome", "Step", "Task", "Term", "make_env", "make_task"]
