"""What the training of the judged policies says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tieline.files import read_json
from tieline.studies.policy_folder import RESULT
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
        record = folder / RESULT
        # policies may come without the run that they were trained in
        content = read_json(record) if record.is_file() else None
        # a folder of imitations alone has no time of a training by CPO, which the goals are about
        if isinstance(content, dict) and "train_s" in content["metrics"]:
            trainings.append(_training(island, content))
    return trainings


def _training(island: str, content: dict[str, Any]) -> Training:
    metrics = content["metrics"]
    episodes = metrics.get("episodes")
    return Training(
        island=island,
        seeds=int(metrics.get("trainings", 1)),
        seed_s=float(metrics["train_s"]),
        episodes=None if episodes is None else int(episodes),
        machine=str(content["machine"]),
    )
