"""`step_text`: a step of an episode in lines to read, the render mode "ansi"; there is no picture of an episode.

reserve: step 1, reward -257.6
  cost_usd                38.9 USD, weight -1
  undervoltage_pu            0 pu, limit 0
"""

from __future__ import annotations

from tieline.envs.batched_env import Step
from tieline.envs.task import Task

RENDER_MODES = ("ansi",)


def step_text(task: Task, number: int, step: Step | None) -> str:
    """The first episode of a step: its reward, terms and costs by name.

    Args:
        task: what is played.
        number: of the step in its episode, from 1.
        step: what came of it; None before the first one.
    """
    if step is None:
        return f"{task.name}: before the first step\n"
    lines = [f"{task.name}: step {number}, reward {step.reward[0]:.4g}"]
    values = step.info["terms"][0]
    for term, value in zip(task.terms, values, strict=True):
        lines.append(_line(term.name, value, f"{term.unit}, weight {term.weight:g}"))
    for constraint, cost in zip(task.constraints, step.costs[0], strict=True):
        about = f"{constraint.unit}, limit {constraint.limit:g}"
        broken = ", broken" if cost > constraint.limit else ""
        lines.append(_line(constraint.name, cost, about + broken))
    if not step.info["solved"][0]:
        lines.append("  no solution of the power flow")
    return "\n".join(lines) + "\n"


def _line(name: str, value: float, about: str) -> str:
    return f"  {name:20} {value:10.4g} {about}"
