"""`tieline feeders`: equivalents and islands are written as folders, their files as templates; what cannot be is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline import load_feeder
from tieline.cli.main import main
from tieline.feeders.islands import island_feeder, read_island


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_an_equivalent(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["feeders", "equivalent", "ieee37", "--out", "alike"]
    assert main(arguments) == 2
    assert "creg1a" in capsys.readouterr().err
    assert not Path("alike").exists()
    assert main([*arguments, "--bypass", "creg1a, creg1c"]) == 0
    assert load_feeder("alike").single_phase_equivalent


def test_an_island_by_name_and_from_its_template() -> None:
    assert main(["feeders", "template", "ieee36", "mine.toml"]) == 0
    assert main(["feeders", "island", "mine.toml", "--out", "mine"]) == 0
    assert main(["feeders", "island", "ieee36", "--out", "bundled"]) == 0
    bundled = load_feeder("bundled")
    assert bundled == load_feeder("mine")
    assert bundled == island_feeder(read_island("ieee36"))


def test_an_island_without_a_droop_unit(capsys: pytest.CaptureFixture[str]) -> None:
    Path("none.toml").write_text('feeder = "ieee33"\n')
    assert main(["feeders", "island", "none.toml", "--out", "none"]) == 2
    message = capsys.readouterr().err
    assert "no droop unit" in message
    assert "[[droop_unit]]" in message
