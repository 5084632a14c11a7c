"""The transfer-capability report, written by the command line and written again from its folder; exit codes of bad questions."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_pages import check_page

from tieline.cli.main import main


@pytest.mark.parametrize("feeder", ["ieee33", "ieee123"])
def test_a_run_writes_its_report(feeder: str, tmp_path: Path) -> None:
    flags = ["--to-buses", "18,33", "--draws", "20", "--line-rating-a", "1000"]
    check_page(
        tmp_path / "run",
        ["transfer-capability", "--feeder", feeder, *flags],
        (
            "Transfer capability of",
            "What stops it",
            "stability limits are left out",
            "TRM is TTC less",
        ),
    )


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (["--to-buses", "nowhere"], 2),
        (["--lowest-pu", "0.95", "--broken-before", "stop"], 3),
    ],
)
def test_exit_codes(flags: list[str], code: int, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert main(["run", "transfer-capability", *flags, "--out", str(folder)]) == code
    assert not folder.exists()
