"""Rounds go through a file as they are, only to a page of the version that played them, and are never mixed with new ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tieline.bench.kit.markdown import sections_to_markdown
from tieline.bench.service import kept_rounds
from tieline.bench.service.measure import measure
from tieline.bench.service.options import Options
from tieline.bench.service.page import page
from tieline.bench.service.rounds import RoundRecord
from tieline.errors import InputError

NOTHING: dict[str, Any] = {
    "minutes": 0,
    "decisions": 0,
    "load_seconds": 0,
    "load_runs": 0,
}

RECORDS = {
    "SQLite": [
        RoundRecord("killed", True, 10, []),
        RoundRecord("killed", False, 3, ["bid 3 is lost"]),
    ],
    "PostgreSQL": [RoundRecord("writer: committed", True, 4, [])],
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three rounds."""
    path = tmp_path / "rounds.json"
    options = Options(rounds=2, postgresql_rounds=1, keep_rounds=path, **NOTHING)
    kept_rounds.keep(path, RECORDS, options)
    return path


def test_a_page_of_two_commands_names_both(file: Path):
    measured = measure(Options(rounds_from=file, **NOTHING))
    assert measured.acknowledged == {"SQLite": 13, "PostgreSQL": 4}
    counts = [
        (row.fault, row.rounds, row.befallen, row.violated) for row in measured.faults
    ]
    assert counts == [("killed", 2, 1, 1), ("writer: committed", 1, 1, 0)]
    assert measured.problems == ("killed: bid 3 is lost",)
    assert measured.rounds_origin is not None
    assert "--rounds 2 --postgresql-rounds 1" in measured.rounds_origin.command
    text = sections_to_markdown(page(measured).sections, "service")
    assert measured.rounds_origin.command in text
    assert f"ended on {measured.rounds_origin.date}" in text
    assert kept_rounds.code_sha256()[:12] in text
    assert str(file.parent) not in text


def test_rounds_that_are_played_are_kept(tmp_path: Path):
    path = tmp_path / "rounds.json"
    played = measure(Options(rounds=1, keep_rounds=path, **NOTHING))
    read = measure(Options(rounds_from=path, **NOTHING))
    assert played.rounds_origin is None
    assert (read.faults, read.acknowledged) == (played.faults, played.acknowledged)


@pytest.mark.parametrize("place", ["service/store", "bench/service/rounds.py"])
def test_rounds_of_other_code_are_refused(
    file: Path, place: str, monkeypatch: pytest.MonkeyPatch
):
    assert place in kept_rounds.CODE
    others = tuple(name for name in kept_rounds.CODE if name != place)
    monkeypatch.setattr(kept_rounds, "CODE", others)
    with pytest.raises(InputError, match=r"another version.*--keep-rounds"):
        kept_rounds.read(file)


def test_all_that_runs_in_a_round_is_in_the_digest():
    root = Path(kept_rounds.__file__).parents[2]
    assert all((root / place).exists() for place in kept_rounds.CODE)


def test_a_file_that_was_changed_is_refused(file: Path):
    content = json.loads(file.read_text())
    content["rounds"]["SQLite"][1]["problems"] = []
    file.write_text(json.dumps(content))
    with pytest.raises(InputError, match="was changed since"):
        kept_rounds.read(file)
    with pytest.raises(InputError, match="cannot be read"):
        kept_rounds.read(file.with_name("none.json"))


def test_rounds_are_read_or_played(file: Path):
    options = Options(rounds_from=file, rounds=5, **NOTHING)
    with pytest.raises(InputError, match="Leave out --rounds"):
        measure(options)
