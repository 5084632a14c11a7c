"""A folder of policies: what of it is read, and what was done to it since the training is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tieline.errors import InputError
from tieline.own_files import OwnFiles
from tieline.studies.policy_folder import policy_files, read_curves, require_as_trained

FILES = ("policy-seed0.safetensors", "policy-seed1.safetensors", "curves.parquet")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a training leaves, with other content."""

    def write(scratch: Path) -> None:
        for name in (*FILES, "report.html"):
            (scratch / name).write_text(name)

    OwnFiles(tmp_path, "result.json").fill({"study": "any-training"}, write)
    return tmp_path


def test_policies_curves_and_the_list_are_read(folder: Path) -> None:
    names = [file.name for file in policy_files(folder)]
    assert names == [*FILES, "result.json"]
    require_as_trained(folder)


def test_a_copy_of_what_is_read_is_as_it_was_trained(folder: Path) -> None:
    (folder / "report.html").unlink()
    require_as_trained(folder)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda folder: (folder / FILES[1]).write_text("other weights"),
            "policy-seed1.safetensors changed, damaged or missing",
        ),
        (
            lambda folder: (folder / FILES[1]).unlink(),
            "policy-seed1.safetensors changed, damaged or missing",
        ),
        (
            lambda folder: (folder / "policy-seed7.safetensors").write_text("theirs"),
            "policy-seed7.safetensors not of this training",
        ),
        (
            lambda folder: (folder / "result.json").write_text('{"files": {}}'),
            "result.json changed or damaged",
        ),
    ],
    ids=["changed", "missing", "foreign", "list"],
)
def test_what_is_not_of_the_training_is_named(
    folder: Path, spoil: Callable[[Path], object], message: str
) -> None:
    spoil(folder)
    with pytest.raises(InputError, match=message):
        require_as_trained(folder)


def test_curves_are_read_where_there_are_any(tmp_path: Path) -> None:
    assert read_curves(tmp_path, ["seed"]).empty
    table = pd.DataFrame({"seed": [0, 1], "games": [10, 10]})
    table.to_parquet(tmp_path / "curves.parquet")
    assert read_curves(tmp_path, ["seed", "games"])["seed"].tolist() == [0, 1]


def test_curves_that_are_none_are_refused(tmp_path: Path) -> None:
    table = pd.DataFrame({"seed": [0, 1]})
    table.to_parquet(tmp_path / "curves.parquet")
    with pytest.raises(InputError, match=r"curves\.parquet without games, return"):
        read_curves(tmp_path, ["seed", "games", "return"])
    (tmp_path / "curves.parquet").write_text("no table")
    with pytest.raises(InputError, match=r"curves\.parquet damaged\. Give a policy"):
        read_curves(tmp_path)
