"""`Place`: where a line of a script stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file."""

    file: Path
    number: int

    def __str__(self) -> str:
        return f"line {self.number} of {self.file.name}"
