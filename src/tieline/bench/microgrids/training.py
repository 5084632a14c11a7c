"""What the training of the judged policies says of itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tieline.studies.microgrids.ways.policies import shipped_folder
from tieline.studies.policy_folder import RESULT

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
    record = (policies or shipped_folder(FEEDER)) / RESULT
    # policies may come without the run that they were trained in
    if not record.is_file():
        return None
    content = json.loads(record.read_text(encoding="utf-8"))
    metrics = content["metrics"]
    return Training(
        seeds=int(metrics["trainings"]),
        episodes=int(metrics["train_episodes"]),
        train_s=float(metrics["train_s"]),
        machine=str(content["machine"]),
        consensus_rounds=_number(metrics, "consensus_rounds"),
        consensus_vs_central=_number(metrics, "consensus_vs_central"),
        consensus_violation=_number(metrics, "consensus_violation"),
    )


def _number(metrics: dict[str, Any], name: str) -> float | None:
    value = metrics.get(name)
    return None if value is None else float(value)
