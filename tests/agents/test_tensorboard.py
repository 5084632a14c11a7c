"""Curves written are the curves TensorBoard reads back."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tieline.agents.tensorboard import write_curves
from tieline.errors import InputError, MissingExtraError

TABLE = pd.DataFrame(
    {
        "step": [20, 10, 10],
        "seed": [3, 3, 4],
        "return": [-1.5, -2.5, -4.0],
        "gap_pct": [0.25, np.nan, 1.0],
    }
)


def test_curves_are_read_back(tmp_path: Path) -> None:
    folders = write_curves(TABLE, tmp_path)
    assert [folder.name for folder in folders] == ["seed-3", "seed-4"]
    events = EventAccumulator(str(folders[0]))
    events.Reload()
    assert [(event.step, event.value) for event in events.Scalars("return")] == [
        (10, -2.5),
        (20, -1.5),
    ]
    assert [(event.step, event.value) for event in events.Scalars("gap_pct")] == [
        (20, 0.25)
    ]


def test_bad_tables_write_nothing(tmp_path: Path) -> None:
    with pytest.raises(
        InputError,
        match=r"'seed' is missing; column 'step' holds.*; column 'name' holds",
    ):
        write_curves(pd.DataFrame({"step": [0.5], "name": ["x"]}), tmp_path)
    assert not list(tmp_path.iterdir())


def test_curves_are_not_mixed_with_older_ones(tmp_path: Path) -> None:
    write_curves(TABLE[TABLE["seed"] == 4], tmp_path)
    with pytest.raises(InputError, match=r"seed-4 exists already"):
        write_curves(TABLE, tmp_path)
    assert not (tmp_path / "seed-3").exists()


def test_without_the_package_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard.compat.proto.event_pb2", None)
    with pytest.raises(MissingExtraError, match=r"\[tensorboard\]"):
        write_curves(TABLE, tmp_path)
