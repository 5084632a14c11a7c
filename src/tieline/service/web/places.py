"""What a run may name of the machine that the service runs on: bundled feeders, and files in one folder.

A caller never gives a path of the machine. A name is looked up among bundled feeders and those of other packages; then, where
the service was started with a folder of files, below that folder, links followed, and what leads out of it is not there. Files
in that folder were put there by somebody with rights on the machine, so scripts and compositions among them may name others. A
study whose configuration names a place to write to, or another machine to compute on, is asked on the command line instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tieline.errors import InputError, unknown_name_message
from tieline.feeders.islands import island_names
from tieline.feeders.library import ALIASES, library_names
from tieline.feeders.load import FEEDER_SUFFIXES
from tieline.feeders.shipped import is_shipped
from tieline.feeders.table_columns import FEEDER_FILE
from tieline.studies.config import StudyConfig

NOT_FOR_CALLERS = ("engine", "ray_address", "tensorboard")
"""Fields that start processes, reach other machines or write files where the caller says."""


@dataclass(frozen=True)
class Places:
    """Where names are looked up.

    Attributes:
        folder: of own files, without links; None: there is none.
    """

    folder: Path | None = None

    def feeder(self, name: str, of_islands: bool) -> str | Path:
        """What a reader is given for the name of a feeder, or of an island.

        Raises:
            InputError: for a name that is not bundled and no file in the folder.
        """
        bundled = self.bundled(of_islands)
        if name.lower() in bundled or is_shipped(name):
            return name
        path = self.file(name)
        if path is None:
            raise InputError(self._unknown(name, bundled))
        return path

    def file(self, name: str) -> Path | None:
        """A file or folder below the folder of own files; None where there is none of that name."""
        if self.folder is None or "\0" in name:
            return None
        # links are followed first: what counts is where the file is, not what it is called
        path = (self.folder / name).resolve()
        if not path.is_relative_to(self.folder) or not path.exists():
            return None
        return path

    def feeder_files(self) -> list[str]:
        """Names of feeders in the folder of own files, not those in folders below it; a folder may be one of tables."""
        if self.folder is None:
            return []
        return sorted(
            path.name for path in self.folder.iterdir() if _may_be_feeder(path)
        )

    def bundled(self, of_islands: bool) -> tuple[str, ...]:
        """Names that need no file."""
        if of_islands:
            return island_names()
        return (*library_names(), *ALIASES)

    def _unknown(self, name: str, bundled: tuple[str, ...]) -> str:
        message = unknown_name_message("feeder", name, bundled)
        if self.folder is None:
            return f"{message} Files can be named where the service was started with --files."
        return f"{message} Or name a file in the folder that the service reads."

    def inputs(
        self, model: type[StudyConfig], values: Mapping[str, Any]
    ) -> Iterator[tuple[str, Path | None]]:
        """Tables and policies that a configuration names, by field: where they lie, None for one that is not there."""
        # a grid of another package (`simbench:...`) is no file of this machine
        for field in (*model.INPUT_TABLES, *model.INPUT_POLICIES):
            name = values.get(field)
            if isinstance(name, str) and not is_shipped(name):
                yield field, self.file(name)


def _may_be_feeder(path: Path) -> bool:
    """Whether a file or folder looks like a feeder; reading it tells."""
    if path.is_dir():
        return (path / FEEDER_FILE).is_file()
    return path.suffix.lower() in FEEDER_SUFFIXES


def refused_fields(model: type[StudyConfig], values: Mapping[str, Any]) -> list[str]:
    """Fields that are set though a caller of the service has no say in them."""
    fields = model.model_fields
    return [
        name
        for name in NOT_FOR_CALLERS
        if name in fields
        and values.get(name, fields[name].default) != fields[name].default
    ]
