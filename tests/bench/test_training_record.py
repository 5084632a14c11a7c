"""The record of a training beside its policies: what it tells, where it is missing, and where it is damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tieline.bench.kit.training_record import read_training_record
from tieline.errors import InputError


def write_record(folder: Path, content: object) -> None:
    (folder / "result.json").write_text(json.dumps(content), encoding="utf-8")


def test_a_record_tells_numbers_and_machine(tmp_path: Path) -> None:
    metrics = {"train_s": 60, "rounds": None}
    write_record(tmp_path, {"metrics": metrics, "machine": "a machine"})
    record = read_training_record(tmp_path)
    assert record is not None
    assert (record.number("train_s"), record.machine) == (60.0, "a machine")
    assert record.number_or_none("rounds") is None
    assert record.number_or_none("never measured") is None


def test_policies_without_a_record_have_none(tmp_path: Path) -> None:
    assert read_training_record(tmp_path) is None


@pytest.mark.parametrize("content", [[], {}, {"metrics": 3}, "text"])
def test_a_damaged_record_is_refused(tmp_path: Path, content: object) -> None:
    write_record(tmp_path, content)
    with pytest.raises(InputError, match=r"result\.json', is damaged\. Take a fresh"):
        read_training_record(tmp_path)


def test_half_a_file_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text('{"metrics": {"train', encoding="utf-8")
    with pytest.raises(InputError, match="is damaged"):
        read_training_record(tmp_path)


def test_a_number_that_is_none_is_named(tmp_path: Path) -> None:
    write_record(tmp_path, {"metrics": {"games": "many", "seeds": True}})
    record = read_training_record(tmp_path)
    assert record is not None
    with pytest.raises(InputError, match="has no number 'train_s'"):
        record.number("train_s")
    with pytest.raises(InputError, match="has 'many' as 'games'"):
        record.number("games")
    with pytest.raises(InputError, match="has True as 'seeds'"):
        record.number_or_none("seeds")
