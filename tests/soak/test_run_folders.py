"""Run folders under random damage, random kills and runs side by side: the answer of an undisturbed run, or one message."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from apart import Answer, run_apart

from builders import two_bus
from soak.amount import keep_failure, seeds
from soak.damage import copy_of, damage
from tieline import Network, solve
from tieline.feeders import save_tables

DAMAGED_REPORTS, DAMAGED_RUNS, KILLS, PAIRS = 6, 5, 2, 1
"""Draws of the test suite; `make soak` multiplies them."""

ASKED = [
    "run",
    "hosting-capacity",
    "--feeder",
    "feeder",
    "--deployments",
    "80",
    "--step-pct",
    "25",
    "--what-if",
    "off",
]
"""Four parts of 25, 25, 25 and 5 deployments."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a feeder, an undisturbed run of it (`whole`) and one that was killed with parts kept (`begun`)."""
    folder = tmp_path_factory.mktemp("runs")
    save_tables(two_bus(), folder / "feeder")
    # compiles what the copies of this process need
    solve(Network.from_feeder(two_bus()))
    assert run_apart([*ASKED, "--out", "whole"], folder).code == 0
    parts = folder / "begun" / "unfinished"
    killed = run_apart(
        [*ASKED, "--out", "begun"],
        folder,
        kill_when=lambda: any(parts.glob("deployments-*/part.json")),
    )
    assert killed.code is None
    return folder


def numbers(folder: Path) -> dict[str, Any]:
    """Metrics and tables of a run; what it took in time is left out."""
    content = json.loads((folder / "result.json").read_text())
    del content["metrics"]["power_flows_per_s"]
    tables = {
        path.name: pd.read_parquet(path).to_json(double_precision=15)
        for path in sorted(folder.glob("*.parquet"))
    }
    return {"metrics": content["metrics"], "config": content["config"], **tables}


def is_whole(run: Path) -> bool:
    """Whether a run ended in this folder, with nothing left to do."""
    return (run / "result.json").exists() and not (run / "unfinished").exists()


def require_one_message(answer: Answer, told: str) -> None:
    """Refused with one message, or answered with none."""
    messages = [
        line for line in answer.err.splitlines() if line.startswith("tieline: ")
    ]
    assert answer.code in (0, 2), (
        f"{told}: {answer.code} {answer.err[-2000:]}"
        + keep_failure("run-folder.txt", told)
    )
    assert len(messages) == (answer.code == 2), f"{told}: {answer.err[-2000:]}"
    assert "Traceback" not in answer.err, told


@pytest.mark.parametrize("seed", seeds(DAMAGED_REPORTS))
def test_a_damaged_run_is_reported_as_it_was_or_refused(
    seed: int, place: Path, tmp_path: Path
) -> None:
    run = copy_of(place / "whole", tmp_path / "run")
    told = damage(run, np.random.default_rng(seed))
    answer = run_apart(["report", "run"], tmp_path)
    require_one_message(answer, told)
    if answer.code == 0:
        assert (run / "report.html").read_bytes() == (
            place / "whole" / "report.html"
        ).read_bytes(), told


@pytest.mark.parametrize("seed", seeds(DAMAGED_RUNS))
def test_a_damaged_unfinished_run_ends_as_if_undamaged_or_is_refused(
    seed: int, place: Path, tmp_path: Path
) -> None:
    run = copy_of(place / "begun", tmp_path / "run")
    copy_of(place / "feeder", tmp_path / "feeder")
    told = damage(run / "unfinished", np.random.default_rng(seed))
    answer = run_apart(
        ["run", "hosting-capacity", "--out", "run", "--resume"], tmp_path
    )
    require_one_message(answer, told)
    if answer.code == 0:
        assert numbers(run) == numbers(place / "whole"), told


@pytest.mark.parametrize("seed", seeds(KILLS))
def test_a_run_killed_anywhere_and_resumed_ends_as_if_undisturbed(
    seed: int, place: Path, tmp_path: Path
) -> None:
    """Killed again and again, each time a little later, until it is done; a kill before it began leaves nothing to resume."""
    rng = np.random.default_rng(seed)
    copy_of(place / "feeder", tmp_path / "feeder")
    run = tmp_path / "run"
    after_s, told = float(rng.uniform(0.05, 2.0)), []
    answer = run_apart([*ASKED, "--out", "run"], tmp_path, timeout_s=after_s)
    # a kill between the last file and the end of the process leaves a whole run
    while answer.code is None and not is_whole(run):
        told.append(f"{after_s:.2f} s")
        after_s *= float(rng.uniform(1.2, 2.0))
        begun = (run / "unfinished" / "run.json").exists()
        command = ["run", "hosting-capacity", "--resume"] if begun else ASKED
        answer = run_apart([*command, "--out", "run"], tmp_path, timeout_s=after_s)
        assert after_s < 300, told
    assert answer.code in (0, None), f"killed after {told}: {answer.err}"
    assert numbers(run) == numbers(place / "whole"), told
    assert {path.name for path in run.iterdir()} == {
        path.name for path in (place / "whole").iterdir()
    }


@pytest.mark.parametrize("seed", seeds(PAIRS))
def test_two_runs_into_one_folder_never_mix(
    seed: int, place: Path, tmp_path: Path
) -> None:
    copy_of(place / "feeder", tmp_path / "feeder")
    commands = [[*ASKED, "--seed", str(number), "--out", "run"] for number in (0, 1)]
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda command: run_apart(command, tmp_path), commands))
    assert sorted(answer.code for answer in answers if answer.code is not None) in (
        [0, 0],
        [0, 2],
    )
    winner = json.loads((tmp_path / "run" / "result.json").read_text())["seed"]
    assert (
        run_apart([*ASKED, "--seed", str(winner), "--out", "alone"], tmp_path).code == 0
    )
    assert numbers(tmp_path / "run") == numbers(tmp_path / "alone")
