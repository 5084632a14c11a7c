"""Feeders that runs are asked of: read once, and kept as tables for the worker.

The tables lie in a folder that carries the feeder's digest as its name. A worker reads these and not what the caller named, so
that a run is of the feeder that was checked, whatever became of the file in between, and wherever the worker is.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tieline.feeders import Feeder, load_feeder
from tieline.feeders.islands import island_feeder, read_island
from tieline.feeders.table_texts import table_files
from tieline.files import SCRATCH
from tieline.studies.copies import feeder_digest

KEPT_IN_MEMORY = 32
"""Bundled feeders that are not read again; all of the library together take some 10 MB."""


@dataclass(frozen=True, eq=False)
class AskedFeeder:
    """A feeder and its digest."""

    feeder: Feeder
    sha256: str

    def keep(self, folder: Path) -> Path:
        """Write its tables below a folder, whole or not at all; returns where they are."""
        place = folder / self.sha256
        if place.is_dir():
            return place
        folder.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=folder))
        for name, text in table_files(self.feeder).items():
            # newline="": the digest is of the text as it is, on every system
            (scratch / name).write_text(text, encoding="utf-8", newline="")
        try:
            scratch.rename(place)
        except OSError:
            # another request kept the same feeder meanwhile
            shutil.rmtree(scratch)
            if not place.is_dir():
                raise
        return place


def read_asked(place: str | Path, is_island: bool) -> AskedFeeder:
    """A feeder as a study reads it; the name of a bundled one, or the path of a file.

    Raises:
        InputError, FeederError: if it cannot be used.
    """
    if isinstance(place, str):
        return _read_bundled(place, is_island)
    return _read(place, is_island)


@lru_cache(maxsize=KEPT_IN_MEMORY)
def _read_bundled(name: str, is_island: bool) -> AskedFeeder:
    return _read(name, is_island)


def _read(place: str | Path, is_island: bool) -> AskedFeeder:
    feeder = island_feeder(read_island(place)) if is_island else load_feeder(place)
    return AskedFeeder(feeder, feeder_digest(feeder))
