"""Whose policies are judged: those of a training's folder, one file per seed, or the ones that ship with the package."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

import tieline.studies.market as market_study
from tieline.bench.market.options import Options
from tieline.studies.shell import run_study
from tieline.studies.trained import PREFIX, SUFFIX

SHIPPED = Path(market_study.__file__).parent / "policies"


@dataclass(frozen=True)
class Training:
    """What a training says of itself.

    Attributes:
        seeds, regions, games: trainings side by side, regions of each, and games of each region.
        train_s: wall time of all together [s].
        machine: on which it ran.
    """

    seeds: int
    regions: int
    games: int
    train_s: float
    machine: str

    def seconds_for(self, games: int, regions: int = 1) -> float:
        """Time for so many games of so many regions, one seed, at the rate of this training [s]."""
        played = self.seeds * self.regions * self.games
        return self.train_s * games * regions / played


@dataclass(frozen=True)
class PolicySet:
    """Policies with the training that they come from.

    Attributes:
        files: one per seed; none where nothing is trained yet.
        training: None where it is not known.
        curves: learning curves, without rows where they are not known.
    """

    files: tuple[Path, ...]
    training: Training | None
    curves: pd.DataFrame

    def values(self, seed: int) -> dict[str, Any]:
        """The study's fields that make it ask the policy of a seed."""
        if not self.files:
            return {}
        return {"policy": str(self.files[seed % len(self.files)])}


def find_policies(options: Options, tell: Callable[[str], None]) -> PolicySet:
    """The policies that are asked for, trained first if that is asked.

    Raises:
        InputError: if a training cannot be asked for as it is.
    """
    folder = options.policies or SHIPPED
    if options.train:
        tell("training")
        folder = Path(tempfile.mkdtemp(prefix="tieline-market-"))
        run_study("market-training", trainings=max(options.seeds, 1)).save(folder)
    files = sorted(folder.glob(f"{PREFIX}*{SUFFIX}"))
    curves = pd.DataFrame()
    if (folder / "curves.parquet").is_file():
        curves = pd.read_parquet(folder / "curves.parquet")
    return PolicySet(tuple(files), _training(folder, curves), curves)


def _training(folder: Path, curves: pd.DataFrame) -> Training | None:
    record = folder / "result.json"
    if curves.empty or not record.is_file():
        return None
    content = json.loads(record.read_text(encoding="utf-8"))
    return Training(
        seeds=int(curves["seed"].nunique()),
        regions=int(curves["region"].nunique()),
        games=int(curves["games"].max()),
        train_s=float(content["metrics"]["train_s"]),
        machine=str(content["machine"]),
    )
