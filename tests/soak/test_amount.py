"""The amount of random tests follows the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from soak.amount import STRIDE, amount, keep_failure, seeds


def test_the_suite_does_the_base_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TIELINE_SOAK", raising=False)
    monkeypatch.delenv("TIELINE_SEED", raising=False)
    assert seeds(60) == range(60)


@pytest.mark.parametrize(
    ("factor", "expected"), [("50", 3000), ("0.5", 30), ("0.001", 1)]
)
def test_a_long_run_multiplies(
    monkeypatch: pytest.MonkeyPatch, factor: str, expected: int
) -> None:
    monkeypatch.setenv("TIELINE_SOAK", factor)
    assert amount(60) == expected


def test_another_seed_shares_no_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIELINE_SEED", "2")
    assert seeds(60)[0] == 2 * STRIDE


def test_an_input_that_failed_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TIELINE_SOAK_FOLDER", str(tmp_path / "failed"))
    assert Path(keep_failure("a.dss", "clear\n")).read_text() == "clear\n"
