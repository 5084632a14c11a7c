"""The report of an optimal power flow, written by the command line and written again from its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline.cli.main import main

pytest.importorskip("casadi")
pytest.importorskip("clarabel")
pytest.importorskip("highspy")


@pytest.mark.parametrize(
    ("flags", "there", "absent"),
    [
        (
            [
                "--feeder",
                "ieee33",
                "--formulation",
                "socp",
                "--ders",
                "18:600@0.12,25:600@0.08",
                "--lowest-pu",
                "0.9",
            ],
            [
                "Gap by branch",
                "break no limit",
                "No voltage or flow limit binds",
                "der_18",
            ],
            ["Load served"],
        ),
        (
            [
                "--feeder",
                "ieee123",
                "--ders-at-loads",
                "10:100@0.08",
                "--load-value",
                "2",
            ],
            [
                "Limits that bind",
                "nodes (of 278)",
                "would move on",
                "Loads, least served first",
            ],
            ["Gap by branch"],
        ),
        (
            [
                "--feeder",
                "ieee33",
                "--load-value",
                "1",
                "--lowest-pu",
                "0.93",
                "--formulation",
                "lp",
            ],
            ["around the AC solution"],
            ["Set-points;"],
        ),
    ],
)
def test_a_run_writes_its_report(
    flags: list[str], there: list[str], absent: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    assert main(["run", "optimal-power-flow", *flags, "--out", str(folder)]) == 0
    page = (folder / "report.html").read_text(encoding="utf-8")
    for sentence in ("Optimal power flow of", "What energy is worth", *there):
        assert sentence in page, sentence
    for sentence in absent:
        assert sentence not in page, sentence
    (folder / "report.html").unlink()
    assert main(["report", str(folder)]) == 0
    assert (
        (folder / "report.html").read_text(encoding="utf-8").count("<svg")
        == page.count("<svg")
        > 0
    )
