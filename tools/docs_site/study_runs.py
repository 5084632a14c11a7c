"""The runs behind the gallery of reports and the pages of tables: every study asked once, by its command.

A run is kept in `build/docs-runs` together with a digest of the package and of its command, and asked again when either is
another; a fresh clone therefore asks everything anew, and a second build nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

import tieline
from tieline.studies.catalogue import STUDIES

RUNS = Path(__file__).parents[2] / "build" / "docs-runs"
KEY = "key"

FLAGS: Mapping[str, str] = {
    "connect": "--feeder ieee123 --bus 83 --kw 500",
    "hosting-capacity-map": "--feeder ieee123",
    "time-series": "--feeder ieee123",
    "hosting-capacity": "--feeder ieee123 --deployments 100",
    "optimal-power-flow": "--feeder ieee33 --ders 18:600@0.02,33:600@0.03 --price 0.05 --lowest-pu 0.93",
    "transfer-capability": "--feeder ieee33 --to-buses 18,33",
    "interval": "--feeder ieee33 --spread-pct 20",
    # one minute in sixty stands for its hour: a day in seconds
    "market": "--case ieee33 --every-minutes 60",
    # all five scenarios by all deciders take minutes
    "restoration": "--scenarios perfect,short15",
}
"""Flags of the run that is shown; a study that is not here is asked with its defaults, its published case."""

LONGEST_S = 900
"""A run that takes longer is broken: all together are to take minutes."""


@dataclass(frozen=True)
class StudyRun:
    """A finished run: the command that makes it, and its folder."""

    study: str
    command: str
    folder: Path

    @property
    def result(self) -> dict[str, Any]:
        """The content of result.json."""
        return json.loads((self.folder / "result.json").read_text(encoding="utf-8"))

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name."""
        return {
            path.stem: pd.read_parquet(path)
            for path in sorted(self.folder.glob("*.parquet"))
        }


def answered_studies(are_run: bool) -> dict[str, StudyRun]:
    """A run of every study of the catalogue by its name; none where nothing is to be run."""
    if not are_run:
        return {}
    return {name: _answered(name) for name in STUDIES}


def study_command(study: str) -> str:
    """What a reader types to get the run that is shown; `--out FOLDER` is left out."""
    if STUDIES[study].is_power_flow:
        return "tieline solve ieee123"
    return f"tieline run {study} {FLAGS.get(study, '')}".rstrip()


def run_command(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `tieline` in a folder, with this interpreter, as in a plain terminal of 100 columns."""
    plain = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    return subprocess.run(
        [sys.executable, "-m", "tieline", *words],
        cwd=folder,
        env={**os.environ, **plain},
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )


def _answered(study: str) -> StudyRun:
    command = study_command(study)
    folder = RUNS / study
    run = StudyRun(study, command, folder)
    key = f"{package_digest()} {command}"
    key_file = RUNS / f"{study}.{KEY}"
    if key_file.exists() and key_file.read_text(encoding="utf-8") == key:
        return run
    RUNS.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    finished = run_command([*command.split()[1:], "--out", str(folder)], RUNS)
    if finished.returncode:
        raise RuntimeError(f"{command} failed:\n{finished.stdout}{finished.stderr}")
    key_file.write_text(key, encoding="utf-8")
    return run


@cache
def package_digest() -> str:
    """Digest of every file of the package."""
    package = Path(tieline.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(package).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
