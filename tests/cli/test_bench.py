"""`tieline bench` on tiny questions: peers that are missing, figures that are somebody's, a row per feeder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from builders import two_bus
from tieline.bench.kit.peers import CannotRun
from tieline.bench.powerflow import peaks, peers, timing
from tieline.cli.main import main
from tieline.feeders import save_tables


@pytest.fixture(autouse=True)
def _in_a_hurry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(timing, "AT_LEAST_S", 0.001)
    monkeypatch.setattr(peaks, "TRY_S", 0.001)
    monkeypatch.setattr(peaks, "MEMORY_BYTES", 2**22)


@pytest.fixture
def _without_peers(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str, package: str) -> None:
        raise CannotRun(f"{package} is not installed (extra 'bench')")

    monkeypatch.setattr(peers, "import_peer", missing)


@pytest.mark.usefixtures("_without_peers")
def test_missing_peers_are_named_and_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    save_tables(two_bus(), Path("tiny"))
    assert (
        main(
            [
                "bench",
                "powerflow",
                "tiny",
                "--no-cold-start",
                "--out",
                "b.json",
                "--page",
                "b.md",
            ]
        )
        == 0
    )
    assert "power-grid-model is not installed" in capsys.readouterr().out
    (case,) = json.loads(Path("b.json").read_text())["cases"]
    assert [speed["program"] for speed in case["speeds"]] == ["tieline"]
    assert set(case["left_out"]) == set(peers.PEERS)
    assert set(case["load"]["shares"]) == {"arithmetic", "cache", "memory"}
    page = Path("b.md").read_text()
    assert "tieline bench powerflow tiny --no-cold-start --page b.md" in page
    assert "](b-roofline.svg)" in page
    assert Path("b-roofline.svg").read_text().startswith("<svg")


def test_a_figure_that_is_there_is_not_overwritten_unless_its_page_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("b-roofline.svg").write_text("mine")
    assert main(["bench", "powerflow", "ieee33", "--page", "b.md"]) == 2
    assert "'b-roofline.svg' exists" in capsys.readouterr().err
    assert Path("b-roofline.svg").read_text() == "mine"


def test_tree_search_prints_a_row_per_feeder(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    assert (
        main(
            [
                "bench",
                "tree-search",
                "ieee33",
                "ieee123",
                "--seeds",
                "1",
                "--episodes",
                "400",
            ]
        )
        == 0
    )
    lines = capsys.readouterr().out.splitlines()
    (ieee33,), (ieee123,) = (
        [line for line in lines if name in line] for name in ("ieee33", "ieee123")
    )
    assert ieee33.split("│")[2].strip() == "31"
    assert ieee123.split("│")[8].strip() == "1"
