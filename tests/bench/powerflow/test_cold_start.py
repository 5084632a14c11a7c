"""Compiled functions start absent and then stay; a process that fails is not timed."""

from __future__ import annotations

import subprocess

import pytest

from tieline.bench.powerflow import cold_start

COMPILES_ONCE = """
import os, time, pathlib
pathlib.Path(os.environ["NUMBA_CACHE_DIR"]).mkdir(exist_ok=True)
compiled = pathlib.Path(os.environ["NUMBA_CACHE_DIR"], "compiled")
compiled.exists() or time.sleep(0.5)
compiled.touch()
"""


def test_only_the_first_solve_finds_nothing_compiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cold_start, "FIRST_SOLVE", COMPILES_ONCE)
    monkeypatch.setattr(cold_start, "SOLVE_COMMAND", COMPILES_ONCE)
    monkeypatch.setattr(cold_start, "HELP", "pass")
    monkeypatch.setattr(cold_start, "REPEATS", 3)
    found = cold_start.measure_cold_start()
    assert found.after_installation_s > 0.5 > found.first_solve_s
    assert found.first_command_s > 0.5 > found.command_s


def test_a_process_that_fails_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cold_start, "SOLVE_COMMAND", "raise SystemExit(3)")
    with pytest.raises(subprocess.CalledProcessError):
        cold_start.measure_cold_start()
