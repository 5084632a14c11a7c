"""The interval report, written by the command line and written again from its folder; exit codes of bad questions."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_pages import check_page

from tieline.cli.main import main


@pytest.mark.parametrize("feeder", ["ieee33", "ieee123"])
def test_a_run_writes_its_report(feeder: str, tmp_path: Path) -> None:
    check_page(
        tmp_path / "run",
        ["interval", "--feeder", feeder, "--spread-pct", "20", "--draws", "50"],
        (
            "Interval power flow of",
            "Where a voltage limit may break",
            "How tight the bounds are",
            "50 uniform draws, 0 of them outside",
        ),
    )


@pytest.mark.parametrize(
    ("flags", "code"), [(["--spread-pct", "100"], 2), (["--load-pct", "1000"], 3)]
)
def test_exit_codes(flags: list[str], code: int, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert main(["run", "interval", *flags, "--out", str(folder)]) == code
    assert not folder.exists()
