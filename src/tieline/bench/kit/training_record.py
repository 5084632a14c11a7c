"""`TrainingRecord`: what a training wrote of itself beside its policies, as far as a benchmark tells of it.

A folder of policies may come without the run that they were trained in: then nothing is known, and the page says so. A record
that is there and cannot be read is refused, because a page must not say "unknown" of what was damaged.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tieline.errors import InputError
from tieline.files import read_json
from tieline.studies.policy_folder import RESULT


@dataclass(frozen=True, eq=False)
class TrainingRecord:
    """The record of a training.

    Attributes:
        folder: where it was found, for messages.
        metrics: numbers by name, as the training's study has them.
        machine: on which it ran.
    """

    folder: Path
    metrics: dict[str, Any]
    machine: str

    def number(self, name: str) -> float:
        """A metric; raises `InputError` if the record has none of that name, or it is no number."""
        value = self.number_or_none(name)
        if value is None:
            raise _refusal(self.folder, f"has no number '{name}'")
        return value

    def number_or_none(self, name: str) -> float | None:
        """A metric; None where the training did not measure it. Raises `InputError` if it is no number."""
        value = self.metrics.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _refusal(self.folder, f"has {value!r} as '{name}'")
        return float(value)


def read_training_record(folder: Path) -> TrainingRecord | None:
    """The record in a folder of policies; None if there is none.

    Raises:
        InputError: if it is not what `tieline train` wrote.
    """
    path = folder / RESULT
    if not path.is_file():
        return None
    content = read_json(path)
    metrics = content.get("metrics") if isinstance(content, dict) else None
    if not isinstance(metrics, dict):
        raise _refusal(folder, "is damaged")
    return TrainingRecord(folder, metrics, str(content.get("machine", "unknown")))


def _refusal(folder: Path, what: str) -> InputError:
    return InputError(
        f"The record of the training, '{folder / RESULT}', {what}. Take a fresh copy of the folder, or remove the record: "
        "its policies are then judged without it."
    )
