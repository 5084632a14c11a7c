"""Info of a step by hand: by row, of some rows, and among all rows."""

from __future__ import annotations

import numpy as np

from counter_task import CounterTask
from tieline.envs import BatchedEnv
from tieline.envs.faces.infos import among, columns, of_row, of_rows


def told() -> dict:
    """Columns after one step of the levels 6 and 0, which become 7.5 and 1."""
    task = CounterTask()
    env = BatchedEnv(task)
    env.reset([6, 0])
    return columns(task, env.step([[1.0, 0.5], [1.0, 0.0]]))


def test_row_by_hand() -> None:
    assert of_row(told(), 0) == {
        "cost": 2.5 + 56.25,
        "costs": {"excess": 2.5, "square": 56.25},
        "terms": {"level": 7.5, "step": 1.0},
        "solved": True,
        "moved": 1.5,
    }
    assert type(of_row(told(), 0)["solved"]) is bool


def test_some_rows_keep_the_nesting() -> None:
    some = of_rows(told(), np.array([1]))
    assert some["costs"]["square"].tolist() == [1.0]
    assert some["moved"].tolist() == [1.0]


def test_among_all_rows_with_masks() -> None:
    placed = among(
        {"wide": np.array([[1.0, 2.0]]), "deep": {"flat": np.array([True])}},
        np.array([2]),
        3,
    )
    assert placed["wide"].tolist() == [[0.0, 0.0], [0.0, 0.0], [1.0, 2.0]]
    assert placed["_wide"].tolist() == [False, False, True]
    assert placed["deep"]["flat"].tolist() == [False, False, True]
    assert (
        placed["deep"]["_flat"].tolist()
        == placed["_deep"].tolist()
        == [False, False, True]
    )
