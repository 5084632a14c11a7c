"""What the training of the judged policies says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tieline.bench.kit.training_record import (
    TrainingRecord,
    read_training_record,
)
from tieline.studies.restoration.ways.policies import shipped_folder


@dataclass(frozen=True)
class Training:
    """A training.

    Attributes:
        island: whose policies.
        seeds: trainings, one after the other.
        seed_s: wall time of one, mean [s].
        episodes: of each; None if unknown.
        machine: on which it ran.
    """

    island: str
    seeds: int
    seed_s: float
    episodes: int | None
    machine: str


def trainings_of(islands: Sequence[str], policies: Path | None) -> list[Training]:
    """Of a folder of policies, else of the shipped ones of each island, as far as something is known of them."""
    folders = {island: policies or shipped_folder(island) for island in islands}
    trainings = []
    for island, folder in folders.items():
        record = read_training_record(folder)
        # a folder of imitations alone has no time of a training by CPO, which the goals are about
        if record is not None and "train_s" in record.metrics:
            trainings.append(_training(island, record))
    return trainings


def _training(island: str, record: TrainingRecord) -> Training:
    episodes = record.number_or_none("episodes")
    return Training(
        island=island,
        seeds=int(record.number_or_none("trainings") or 1),
        seed_s=record.number("train_s"),
        episodes=None if episodes is None else int(episodes),
        machine=record.machine,
    )
