"""`tieline bench powerflow` on a tiny feeder without peers, and on bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from builders import two_bus
from tieline.bench.powerflow import peaks as machine
from tieline.bench.powerflow import peers, timing
from tieline.cli.main import main
from tieline.feeders import save_tables


@pytest.fixture(autouse=True)
def _in_a_hurry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(timing, "AT_LEAST_S", 0.001)
    monkeypatch.setattr(machine, "TRY_S", 0.001)
    monkeypatch.setattr(machine, "MEMORY_BYTES", 2**22)


@pytest.fixture
def _without_peers(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str, package: str) -> None:
        raise peers.CannotRun(f"{package} is not installed (extra 'bench')")

    monkeypatch.setattr(peers, "import_peer", missing)


@pytest.mark.usefixtures("_without_peers")
def test_missing_peers_are_named_and_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    save_tables(two_bus(), Path("tiny"))
    assert (
        main(["bench", "powerflow", "tiny", "--no-cold-start", "--out", "b.json", "--page", "b.md"])
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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-such-feeder"], "Unknown feeder 'no-such-feeder'"),
        (
            ["ieee33", "--out", "nowhere/b.json"],
            "'nowhere/b.json' cannot be written (No such file or directory)",
        ),
        (["ieee33", "--page", "nowhere/b.md"], "Choose another place with --page"),
        (["ieee33", "--page", "."], "'.' is no ordinary file. Give the name of a file with --page"),
        (["ieee33", "--page", "b", "--out", "./b"], "--out and --page name the same file"),
    ],
)
def test_bad_input_is_refused_before_anything_is_measured(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "powerflow", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "measuring" not in error
    assert not list(Path().iterdir())


def test_a_figure_that_is_there_is_not_overwritten_unless_its_page_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("b-roofline.svg").write_text("mine")
    assert main(["bench", "powerflow", "ieee33", "--page", "b.md"]) == 2
    assert "'b-roofline.svg' exists" in capsys.readouterr().err
    assert Path("b-roofline.svg").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["linear", "--seed", "-1"], "Must be >= 0"),
        (["linear", "--seed", "1.5"], "'1.5' is not a whole number"),
        (["linear", "--scenarios", "100000000"], "Must be <= 1000000"),
        (["linear", "--out", "/dev/full"], "'/dev/full' is no ordinary file"),
        (["opf", "--seed", "-1"], "Must be >= 0"),
        (["hosting-capacity", "--coverage", "-1"], "Must be >= 0"),
        (["reserve", "--trainings", "0"], "Must be >= 1"),
        (["reserve", "--trainings", "101"], "Must be <= 100"),
        (["reserve", "--held-out", "-1"], "Must be >= 0"),
        (["battery", "--step-minutes", "0"], "Must be >= 1"),
    ],
)
def test_numbers_out_of_bounds_are_refused(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not list(Path().iterdir())


def test_tree_search_prints_a_row_per_feeder(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    assert (
        main(["bench", "tree-search", "ieee33", "ieee123", "--seeds", "1", "--episodes", "400"])
        == 0
    )
    lines = capsys.readouterr().out.splitlines()
    (ieee33,), (ieee123,) = (
        [line for line in lines if name in line] for name in ("ieee33", "ieee123")
    )
    assert ieee33.split("│")[2].strip() == "31"
    assert ieee123.split("│")[8].strip() == "1"
    assert main(["bench", "tree-search", "ieee33", "--episodes", "0"]) == 2
