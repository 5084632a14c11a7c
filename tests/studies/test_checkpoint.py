"""Parts of an unfinished run: kept whole, found again, refused for another question."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from builders import two_bus
from tieline.errors import InputError
from tieline.studies.checkpoint import UNFINISHED, Checkpoint, stored_config
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.run_folder import claim

HOW = frozenset({"engine", "ray_address"})
PART = {
    "cases": pd.DataFrame({"level_pct": [0.0, 10.0], "name": ["a", ""]}),
    "base": pd.DataFrame({"points": [3]}),
}


def checkpoint(folder: Path, **values: Any) -> Checkpoint:
    return Checkpoint(folder, HostingCapacityConfig(**values), HOW)


def keep_one(folder: Path) -> None:
    first = checkpoint(folder, seed=3)
    assert first.begin("feeder") == {}
    first.keep("part-1", PART)


def test_a_run_says_what_it_is_before_any_part_is_finished(tmp_path: Path) -> None:
    """Killed at once, it can be resumed to the same question."""
    begun = checkpoint(tmp_path / "run", seed=7)
    begun.begin("feeder")
    assert not begun.has_parts
    assert stored_config(tmp_path / "run")["seed"] == 7
    begun.clear()
    assert list((tmp_path / "run").iterdir()) == []


def test_a_part_comes_back_as_it_was(tmp_path: Path) -> None:
    keep_one(tmp_path)
    found = checkpoint(tmp_path, seed=3).begin("feeder")
    assert list(found) == ["part-1"]
    assert all(found["part-1"][name].equals(PART[name]) for name in PART)
    assert stored_config(tmp_path)["seed"] == 3


def test_how_it_is_computed_may_change(tmp_path: Path) -> None:
    keep_one(tmp_path)
    assert list(
        checkpoint(tmp_path, seed=3, engine="ray", ray_address="a:1").begin("feeder")
    ) == ["part-1"]


@pytest.mark.parametrize(
    ("values", "fingerprint", "named"),
    [
        ({"seed": 4, "max_pct": 50}, "feeder", "seed, max_pct"),
        ({"seed": 3}, "other", "feeder"),
    ],
)
def test_another_question_is_refused(
    tmp_path: Path, values: dict[str, Any], fingerprint: str, named: str
) -> None:
    keep_one(tmp_path)
    with pytest.raises(InputError, match=f"something else; different: {named}"):
        checkpoint(tmp_path, **values).begin(fingerprint)


def test_a_half_written_part_does_not_count(tmp_path: Path) -> None:
    keep_one(tmp_path)
    half = tmp_path / UNFINISHED / ".part-x"
    half.mkdir()
    (half / "cases.parquet").write_text("torn")
    assert list(checkpoint(tmp_path, seed=3).begin("feeder")) == ["part-1"]


PART_OF = Path(UNFINISHED) / "part-1"


@pytest.mark.parametrize(
    "damage",
    [
        lambda part: (part / "cases.parquet").write_text("torn"),
        lambda part: (part / "base.parquet").unlink(),
        lambda part: (
            PART["cases"].head(1).to_parquet(part / "cases.parquet", index=False)
        ),
        lambda part: (
            PART["cases"]
            .astype({"level_pct": "float32"})
            .to_parquet(part / "cases.parquet", index=False)
        ),
        lambda part: (part / "part.json").unlink(),
        lambda part: (part / "part.json").write_text("[]"),
    ],
    ids=["torn", "table gone", "rows gone", "other type", "list gone", "list torn"],
)
def test_a_damaged_part_is_solved_again_and_said_so(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    keep_one(tmp_path)
    damage(tmp_path / PART_OF)
    resumed = checkpoint(tmp_path, seed=3)
    assert resumed.begin("feeder") == {}
    assert "1 of 1 kept parts" in resumed.notes[0]
    resumed.keep("part-1", PART)
    assert list(checkpoint(tmp_path, seed=3).begin("feeder")) == ["part-1"]


def test_a_part_of_another_question_does_not_count(tmp_path: Path) -> None:
    """Two runs in one folder, on a file system without locks: their parts never mix."""
    for seed in (3, 4):
        first = checkpoint(tmp_path / str(seed), seed=seed)
        first.begin("feeder")
        first.keep(f"part-{seed}", PART)
    shutil.copytree(
        tmp_path / "4" / UNFINISHED / "part-4", tmp_path / "3" / UNFINISHED / "part-4"
    )
    assert list(checkpoint(tmp_path / "3", seed=3).begin("feeder")) == ["part-3"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{}", '{"config": {}}', "\x00\xff", '{"config":' * 100_000],
)
def test_a_damaged_run_file_is_refused(tmp_path: Path, text: str) -> None:
    keep_one(tmp_path)
    (tmp_path / UNFINISHED / "run.json").write_text(text)
    with pytest.raises(InputError, match="is damaged"):
        checkpoint(tmp_path, seed=3).begin("feeder")
    with pytest.raises(InputError, match="is damaged"):
        stored_config(tmp_path)


def test_a_full_disk_stops_the_keeping_and_not_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = checkpoint(tmp_path, seed=3)
    first.begin("feeder")

    def full(*_: object, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    first.keep("part-1", PART)
    first.keep("part-2", PART)
    assert [note for note in first.notes if "No space left" in note] == first.notes
    assert sorted(path.name for path in (tmp_path / UNFINISHED).iterdir()) == [
        "run.json"
    ]


def test_clearing_leaves_what_the_user_put_among_the_parts(tmp_path: Path) -> None:
    keep_one(tmp_path)
    (tmp_path / PART_OF / "notes.txt").write_text("mine")
    checkpoint(tmp_path, seed=3).clear()
    assert [
        path.name for path in (tmp_path / UNFINISHED).rglob("*") if path.is_file()
    ] == ["notes.txt"]


def test_there_is_nothing_to_resume_where_nothing_was_begun(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to resume"):
        stored_config(tmp_path)


@pytest.mark.parametrize("renames", range(3))
def test_a_run_killed_before_its_copies_are_in_place_had_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renames: int
) -> None:
    """The folder is free for any run, and nothing of the killed one stays in it."""
    rename = Path.replace
    moved: list[Path] = []

    def killed(path: Path, target: Path) -> Path:
        if len(moved) == renames:
            raise SystemExit
        moved.append(path)
        return rename(path, target)

    first = checkpoint(tmp_path, seed=3)
    first.ask_of(two_bus(), {"load_table.csv": b"time,load\n"})
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(SystemExit):
            first.begin("feeder")
    with claim(tmp_path) as run_folder:
        assert run_folder.earlier is None
        assert not (tmp_path / UNFINISHED).exists()


def test_clearing_removes_the_copies(tmp_path: Path) -> None:
    first = checkpoint(tmp_path, seed=3)
    first.ask_of(two_bus(), {"policy/policy-seed0.safetensors": b"weights"})
    first.begin("feeder")
    names = {path.name for path in (tmp_path / UNFINISHED).iterdir()}
    assert names == {"run.json", "feeder", "inputs"}
    assert not first.has_parts
    first.clear()
    assert list(tmp_path.iterdir()) == []
