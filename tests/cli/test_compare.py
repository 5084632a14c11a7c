"""`tieline compare` prints what differs and writes it as a page, never over another file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from builders import two_bus
from tieline.cli import table
from tieline.cli.main import main
from tieline.studies import load_run, run_study


@pytest.fixture(autouse=True)
def _two_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, load_pct in (("a", 100.0), ("b", 50.0)):
        run_study("interval", two_bus(), draws=0, load_pct=load_pct).save(name)


def test_screen_and_page_say_what_differs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "MOST_ROWS", 3)
    assert main(["compare", "a", "b", "--out", "page.html"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("2 runs of interval: 1 setting and ")
    assert "the first 3 of" in printed
    page = Path("page.html").read_text(encoding="utf-8")
    assert "load_pct" in printed
    assert "load_pct" in page
    assert main(["compare", "a", "b", "--metrics"]) == 0
    assert "the first 3 of" not in capsys.readouterr().out


def test_a_file_that_is_there_stays(capsys: pytest.CaptureFixture[str]) -> None:
    Path("page.html").write_text("mine")
    assert main(["compare", "a", "b", "--out", "page.html"]) == 2
    assert "exists" in capsys.readouterr().err
    assert Path("page.html").read_text() == "mine"


def test_json_is_all_that_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "a", "b", "--json", "--out", "page.html"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["runs"] == ["a", "b"]
    assert content["settings"] == {"load_pct": {"a": 100.0, "b": 50.0}}
    first, second = (load_run(name).metrics for name in content["runs"])
    for name, values in content["metrics"].items():
        assert values == {"a": first[name], "b": second[name]}
    assert "loss_centre_kw" in content["metrics"]
    assert Path("page.html").exists()
