"""The flags of the output: formats, what may be replaced, what is printed."""

from __future__ import annotations

import json
import webbrowser
from pathlib import Path

import pandas as pd
import pytest

from builders import two_bus
from tieline.cli.main import main
from tieline.feeders import save_tables
from tieline.studies import load_run, table_files

RUN = ["run", "interval", "--draws", "5", "--feeder", "feeder", "--out", "run"]


@pytest.fixture(autouse=True)
def _beside_a_feeder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save_tables(two_bus(), Path("feeder"))


def test_json_is_all_that_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RUN, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    kept = json.loads(Path("run/result.json").read_text())
    assert printed.items() <= kept.items()
    assert {one["kind"] for one in printed["warnings"]} >= {"approximated"}


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RUN, "--quiet"]) == 0
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "")
    assert Path("run/report.html").exists()


def test_an_earlier_run_is_replaced_only_by_force(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([*RUN, "--seed", "1"]) == 0
    assert main([*RUN, "--seed", "2"]) == 2
    message = capsys.readouterr().err
    assert "holds the run 'interval' of feeder, seed 1" in message
    assert "--force" in message
    assert load_run("run").config.seed == 1
    assert main([*RUN, "--seed", "2", "--force"]) == 0
    assert "replaced:   the run 'interval' of feeder, seed 1" in capsys.readouterr().out
    assert load_run("run").config.seed == 2


def test_csv_holds_what_the_tables_hold_and_goes_with_the_run() -> None:
    assert main([*RUN, "--csv"]) == 0
    result = load_run("run")
    for name, table in result.tables.items():
        kept = pd.read_csv(f"run/{name}.csv")
        assert kept.columns.tolist() == table.columns.tolist()
        assert len(kept) == len(table)
    assert main([*RUN, "--force"]) == 0
    assert not list(Path("run").glob("*.csv")), "the next run leaves none behind"


def test_the_report_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    pages: list[str] = []
    monkeypatch.setattr(webbrowser, "open", pages.append)
    assert main([*RUN, "--open"]) == 0
    assert pages == [Path("run/report.html").resolve().as_uri()]


def test_a_format_without_its_package_is_refused_before_any_work(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(table_files, "PACKAGE", "no_such_package")
    assert main([*RUN, "--excel"]) == 2
    assert "[excel]" in capsys.readouterr().err
    assert not Path("run").exists()
