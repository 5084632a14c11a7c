"""What the training of the judged policies says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tieline.bench.kit.training_record import read_training_record
from tieline.studies.microgrids.ways.policies import shipped_folder

FEEDER = "ieee33-microgrids"
"""The feeder of the held-out days."""


@dataclass(frozen=True)
class Training:
    """A training.

    Attributes:
        seeds: trainings, one after the other.
        episodes: windows of each.
        train_s: wall time of all together [s].
        machine: on which it ran.
        consensus_rounds: until agents agreed on an update, median; None if they were not asked or it is not known.
        consensus_vs_central: loss of the objective of an update beside the central one; None likewise.
        consensus_violation: miss of a limit, of what agents can change it by; None likewise.
    """

    seeds: int
    episodes: int
    train_s: float
    machine: str
    consensus_rounds: float | None = None
    consensus_vs_central: float | None = None
    consensus_violation: float | None = None

    @property
    def seed_s(self) -> float:
        """Time of one seed [s]."""
        return self.train_s / self.seeds


def training_of(policies: Path | None) -> Training | None:
    """Of a folder of policies, else of the shipped ones; None where nothing is known of it."""
    record = read_training_record(policies or shipped_folder(FEEDER))
    if record is None:
        return None
    return Training(
        seeds=int(record.number("trainings")),
        episodes=int(record.number("train_episodes")),
        train_s=record.number("train_s"),
        machine=record.machine,
        consensus_rounds=record.number_or_none("consensus_rounds"),
        consensus_vs_central=record.number_or_none("consensus_vs_central"),
        consensus_violation=record.number_or_none("consensus_violation"),
    )
