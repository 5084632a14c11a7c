"""`step_text`: a step of an episode in lines to read, and `step_title`, the first of them.

reserve: step 1, reward -257.6
  cost_usd                38.9 USD, weight -1
  undervoltage_pu            0 pu, limit 0
"""

from __future__ import annotations

from typing import Any

from tieline.envs.batched_env import Step
from tieline.envs.task import Task


def step_text(task: Task[Any], number: int, step: Step | None, row: int = 0) -> str:
    """One episode of a step: its reward, terms and costs by name.

    Args:
        task: what is played.
        number: of the step in its episode, from 1.
        step: what came of it; None before the first one.
        row: the episode among those of the step.
    """
    title = step_title(task, number, step, row)
    if step is None:
        return f"{title}\n"
    lines = [title]
    values = step.info["terms"][row]
    for term, value in zip(task.terms, values, strict=True):
        lines.append(_line(term.name, value, f"{term.unit}, weight {term.weight:g}"))
    for constraint, cost in zip(task.constraints, step.costs[row], strict=True):
        about = f"{constraint.unit}, limit {constraint.limit:g}"
        broken = ", broken" if cost > constraint.limit else ""
        lines.append(_line(constraint.name, cost, about + broken))
    if not step.info["solved"][row]:
        lines.append("  no solution of the power flow")
    return "\n".join(lines) + "\n"


def step_title(task: Task[Any], number: int, step: Step | None, row: int = 0) -> str:
    """Task, number and reward in a line; the arguments are those of `step_text`."""
    if step is None:
        return f"{task.name}: before the first step"
    return f"{task.name}: step {number}, reward {step.reward[row]:.4g}"


def _line(name: str, value: float, about: str) -> str:
    return f"  {name:20} {value:10.4g} {about}"
