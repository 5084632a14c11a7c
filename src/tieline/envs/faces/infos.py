"""What a step tells beside observation and reward: the `info` of every face.

cost     sum of all costs, the one number that Safety-Gymnasium's convention asks for; its parts may differ in unit
costs    cost of each constraint by name, in its unit; it should stay at or below its limit, `cost_limits` of the face
terms    value of each reward term by name, before weights, in its unit
solved   whether the power flow has a solution; if not, terms and costs are at their worst
...      what the task adds
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.envs.batched_env import Step
from tieline.envs.task import Task
from tieline.typing import IntArray


def columns(task: Task, step: Step) -> dict[str, Any]:
    """Everything by name, one value per row of the step: arrays (row, ...) and dictionaries of such."""
    costs = {}
    for k, constraint in enumerate(task.constraints):
        costs[constraint.name] = step.costs[:, k]
    term_values = step.info["terms"]
    terms = {}
    for k, term in enumerate(task.terms):
        terms[term.name] = term_values[:, k]
    of_task = {key: value for key, value in step.info.items() if key != "terms"}
    # "cost" as one number is what trainers with constraints read, whatever its parts are
    return {"cost": step.costs.sum(axis=1), "costs": costs, "terms": terms, **of_task}


def of_row(info: dict[str, Any], row: int) -> dict[str, Any]:
    """One row of columns, as plain numbers, arrays and dictionaries of numbers."""
    return {
        key: of_row(values, row) if isinstance(values, dict) else _plain(values[row])
        for key, values in info.items()
    }


def of_rows(info: dict[str, Any], rows: IntArray) -> dict[str, Any]:
    """Some rows of columns."""
    return {
        key: of_rows(values, rows) if isinstance(values, dict) else values[rows]
        for key, values in info.items()
    }


def among(info: dict[str, Any], rows: IntArray, n_rows: int) -> dict[str, Any]:
    """Columns of some rows put among all rows, as Gymnasium's vector environments give them.

    Args:
        info: columns of the rows `rows`, in that order.
        n_rows: rows there are; zeros stand for the others.

    Returns:
        For each key its values, (row, ...), and under `_key` which rows have one; dictionaries likewise.
    """
    present = np.isin(np.arange(n_rows), rows)
    placed: dict[str, Any] = {}
    for key, values in info.items():
        if isinstance(values, dict):
            placed[key] = among(values, rows, n_rows)
        else:
            placed[key] = _scattered(values, rows, n_rows)
        # a copy each, so that a caller who changes one mask leaves the others alone
        placed[f"_{key}"] = present.copy()
    return placed


def _plain(value: Any) -> Any:
    if np.ndim(value) == 0:
        return value.item()
    return value.copy()


def _scattered(values: np.ndarray, rows: IntArray, n_rows: int) -> np.ndarray:
    full = np.zeros((n_rows, *values.shape[1:]), dtype=values.dtype)
    full[rows] = values
    return full
