"""Parts of an unfinished run: kept whole, found again, refused for another question."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tieline.errors import InputError
from tieline.studies.checkpoint import UNFINISHED, Checkpoint, stored_config
from tieline.studies.hosting_capacity.config import HostingCapacityConfig

HOW = frozenset({"engine", "ray_address"})
PART = {"cases": pd.DataFrame({"level_pct": [0.0, 10.0], "name": ["a", ""]}), "base": pd.DataFrame({"points": [3]})}


def checkpoint(folder: Path, **values: object) -> Checkpoint:
    return Checkpoint(folder, HostingCapacityConfig(**values), HOW)  # type: ignore[arg-type]


def keep_one(folder: Path) -> None:
    first = checkpoint(folder, seed=3)
    assert first.finished("feeder") == {}
    first.keep("part-1", PART)


def test_nothing_is_written_before_a_part_is_finished(tmp_path: Path) -> None:
    unused = checkpoint(tmp_path / "run")
    unused.finished("feeder")
    assert not unused.exists
    assert list(tmp_path.iterdir()) == []


def test_a_part_comes_back_as_it_was(tmp_path: Path) -> None:
    keep_one(tmp_path)
    found = checkpoint(tmp_path, seed=3).finished("feeder")
    assert list(found) == ["part-1"]
    assert all(found["part-1"][name].equals(PART[name]) for name in PART)
    assert stored_config(tmp_path)["seed"] == 3


def test_how_it_is_computed_may_change(tmp_path: Path) -> None:
    keep_one(tmp_path)
    assert list(checkpoint(tmp_path, seed=3, engine="ray", ray_address="a:1").finished("feeder")) == ["part-1"]


@pytest.mark.parametrize(
    ("values", "fingerprint", "named"),
    [({"seed": 4, "max_pct": 50}, "feeder", "seed, max_pct"), ({"seed": 3}, "other", "feeder")],
)
def test_another_question_is_refused(tmp_path: Path, values: dict[str, object], fingerprint: str, named: str) -> None:
    keep_one(tmp_path)
    with pytest.raises(InputError, match=f"something else; different: {named}"):
        checkpoint(tmp_path, **values).finished(fingerprint)


def test_a_half_written_part_does_not_count(tmp_path: Path) -> None:
    keep_one(tmp_path)
    half = tmp_path / UNFINISHED / ".part-x"
    half.mkdir()
    (half / "cases.parquet").write_text("torn")
    assert list(checkpoint(tmp_path, seed=3).finished("feeder")) == ["part-1"]


def test_a_damaged_part_is_named(tmp_path: Path) -> None:
    keep_one(tmp_path)
    (tmp_path / UNFINISHED / "part-1" / "cases.parquet").write_text("torn")
    with pytest.raises(InputError, match="cannot be read"):
        checkpoint(tmp_path, seed=3).finished("feeder")
