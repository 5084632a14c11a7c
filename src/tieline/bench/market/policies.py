"""Whose policies are judged: those of a training's folder, one file per seed, or the ones that ship with the package."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tieline.studies.market as market_study
from tieline.bench.kit.training_record import read_training_record
from tieline.bench.market.options import CASE, Options
from tieline.errors import InputError
from tieline.studies.shell import run_study
from tieline.studies.trained import PREFIX, SUFFIX

SHIPPED = Path(market_study.__file__).parent / "policies" / CASE


@dataclass(frozen=True)
class Training:
    """What a training says of itself.

    Attributes:
        seeds, regions, games: trainings side by side, regions of each, and games of each region.
        train_s: wall time of all together [s].
        machine: on which it ran.
        start_s: of this, what any training takes before its games: functions are compiled [s].
    """

    seeds: int
    regions: int
    games: int
    train_s: float
    machine: str
    start_s: float = 0.0

    def seconds_for(self, games: int, regions: int = 1) -> float:
        """Time for so many games of so many regions, one seed, at the rate of this training [s]."""
        played = self.seeds * self.regions * self.games
        per_game_s = (self.train_s - self.start_s) / played
        return self.start_s + per_game_s * games * regions


@dataclass(frozen=True)
class PolicySet:
    """Policies with the training that they come from.

    Attributes:
        files: one per seed; none where nothing is trained yet.
        training: None where it is not known.
    """

    files: tuple[Path, ...]
    training: Training | None

    def values(self, seed: int) -> dict[str, Any]:
        """The study's fields that make it ask the policy of a seed."""
        if not self.files:
            return {}
        return {"policy": str(self.files[seed % len(self.files)])}


def find_policies(options: Options, tell: Callable[[str], None]) -> PolicySet:
    """The policies that are asked for, trained first if that is asked.

    Raises:
        InputError: if a training cannot be asked for as it is, or the folder that is asked for holds no policy.
    """
    folder = options.policies or SHIPPED
    if options.train:
        tell("training")
        # kept after the run: who wants the policies can copy them
        folder = Path(tempfile.mkdtemp(prefix="tieline-market-"))
        trainings = max(options.seeds, 1)
        run_study("market-training", case=CASE, trainings=trainings).save(folder)
    files = sorted(folder.glob(f"{PREFIX}*{SUFFIX}"))
    if options.policies is not None and not files:
        # the shipped policies would be judged under the name of these
        raise InputError(
            f"Folder '{folder}' holds no policy ({PREFIX}*{SUFFIX}). Give one that `tieline train market` wrote (--policies)."
        )
    return PolicySet(tuple(files), _training(folder))


def time_training(options: Options, tell: Callable[[str], None]) -> Training | None:
    """A short training of one seed of all regions, on this machine and now; None if it is not asked for."""
    if not options.timed_games:
        return None
    tell("how long a training takes")
    result = run_study(
        "market-training",
        case=CASE,
        trainings=1,
        games=options.timed_games,
        held_out=1,
    )
    wall_s = result.tables["curves"].groupby("games")["wall_s"].first()
    games = int(wall_s.index[-1])
    steady_games = games - int(wall_s.index[0])
    steady_s = float(wall_s.iloc[-1] - wall_s.iloc[0])
    train_s = result.number("train_s")
    # the first point of the curve stands behind the compilation, all others behind games alone
    per_game_s = steady_s / max(steady_games, 1)
    return Training(
        seeds=1,
        regions=int(result.number("regions")),
        games=games,
        train_s=train_s,
        machine=str(result.machine),
        start_s=max(train_s - per_game_s * games, 0.0),
    )


def _training(folder: Path) -> Training | None:
    """What a folder tells of its training; None where nothing is known."""
    record = read_training_record(folder)
    if record is None:
        return None
    return Training(
        seeds=int(record.number("trainings")),
        regions=int(record.number("regions")),
        games=int(record.number("train_games")),
        train_s=record.number("train_s"),
        machine=record.machine,
    )
