"""The interval report, written by the command line and written again from its folder; exit codes of bad questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline.cli.main import main


@pytest.mark.parametrize("feeder", ["ieee33", "ieee123"])
def test_a_run_writes_its_report(feeder: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert (
        main(
            [
                "run",
                "interval",
                "--feeder",
                feeder,
                "--spread-pct",
                "20",
                "--draws",
                "50",
                "--out",
                str(folder),
            ]
        )
        == 0
    )
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Interval power flow of" in page
    for sentence in (
        "Where a voltage limit may break",
        "How tight the bounds are",
        "50 uniform draws, 0 of them outside",
    ):
        assert sentence in page
    (folder / "report.html").unlink()
    assert main(["report", str(folder)]) == 0
    assert (
        (folder / "report.html").read_text(encoding="utf-8").count("<svg")
        == page.count("<svg")
        > 0
    )


@pytest.mark.parametrize(
    ("flags", "code"), [(["--spread-pct", "100"], 2), (["--load-pct", "1000"], 3)]
)
def test_exit_codes(flags: list[str], code: int, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert main(["run", "interval", *flags, "--out", str(folder)]) == code
    assert not folder.exists()
