"""Finished parts of a run, kept in its folder until the run is whole, so that an interrupted run can go on.

    DIR/unfinished/run.json             what is being run: version, configuration, fingerprint of the feeder, and the digests of
                                        the copies; sealed
    DIR/unfinished/feeder/, inputs/     copies of what the run is asked of, see `copies`: it is resumed from them
    DIR/unfinished/PART/TABLE.parquet   tables of one finished part
    DIR/unfinished/PART/part.json       which question they answer, and their digests; sealed

`run.json` is written when the run begins, after the copies, so that it can be resumed whenever it is killed. A part appears whole
or not at all; one that is damaged, or answers another question, is left out and computed again. The folder `unfinished` goes away
when the result is saved.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

import tieline
from tieline.errors import InputError, reason_of
from tieline.feeders import Feeder
from tieline.files import (
    SCRATCH,
    digest_of,
    read_parquet,
    read_sealed,
    sealed,
    sha256_of,
)
from tieline.own_files import OwnFiles
from tieline.studies.config import StudyConfig
from tieline.studies.copies import FEEDER, INPUTS, feeder_digest, write_copies

UNFINISHED = "unfinished"
RUN_FILE = "run.json"
PART_FILE = "part.json"
HALF_PART = ".part-"
COPIES = (FEEDER, INPUTS)
"""Folders that hold no part."""

Tables = dict[str, pd.DataFrame]


class Checkpoint:
    """Parts of one run in its folder.

    Args:
        folder: the run folder.
        config: what is asked; without the fields named in `how`, which say how to compute and not what.
        how: names of such fields.

    Attributes:
        run_folder: the folder.
        notes: what the user should know: parts that were left out, or could not be kept.
    """

    def __init__(
        self, folder: Path, config: StudyConfig, how: frozenset[str] = frozenset()
    ):
        self.run_folder = folder
        self._folder = folder / UNFINISHED
        self._identity = {
            "version": tieline.__version__,
            "config": config.model_dump(mode="json", exclude=set(how)),
        }
        self._own_files = OwnFiles(self._folder, RUN_FILE)
        self._feeder: Feeder | None = None
        self._inputs: Mapping[str, bytes] = {}
        self._may_keep = True
        self.notes: list[str] = []

    @property
    def has_parts(self) -> bool:
        """Whether any part is kept."""
        return bool(self._parts())

    def ask_of(self, feeder: Feeder, inputs: Mapping[str, bytes]) -> None:
        """What the run is asked of: a copy is kept from when it begins.

        Args:
            feeder: as it was read.
            inputs: content of what the configuration names, see `copies`.
        """
        self._feeder = feeder
        self._inputs = inputs

    def begin(self, fingerprint: str) -> dict[str, Tables]:
        """Say what is being run, and look for its parts.

        Args:
            fingerprint: of the feeder.

        Returns:
            Tables of every finished part by its name; empty for a new run.

        Raises:
            InputError: if the folder holds an unfinished run of another configuration, feeder or version, or cannot be written.
        """
        self._identity["feeder"] = fingerprint
        if is_unfinished(self.run_folder):
            self._require_same(_read_identity(self.run_folder))
        else:
            self._write_identity()
        question = digest_of(self._identity)
        parts = {part.name: _read_part(part, question) for part in self._parts()}
        whole = {name: tables for name, tables in parts.items() if tables is not None}
        if len(whole) < len(parts):
            self.notes.append(
                f"{len(parts) - len(whole)} of {len(parts)} kept parts are damaged or of another run; solved again."
            )
        return whole

    def keep(self, name: str, tables: Tables) -> None:
        """Save a finished part; what cannot be saved is noted, and the run goes on without."""
        if not self._may_keep:  # it was noted once, and would be every time
            return
        try:
            self._keep(name, tables)
        except OSError as error:
            self._may_keep = False
            self.notes.append(
                f"Finished parts could not be kept ({reason_of(error)}): an interrupted run would begin again."
            )

    def clear(self) -> None:
        """Remove the parts, and nothing else that may lie among them."""
        for part in [*self._parts(), *self._folder.glob(f"{HALF_PART}*")]:
            _remove_part(part)
        self._own_files.remove()
        with suppress(OSError):  # something of the user's is in it
            self._folder.rmdir()

    def _parts(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return [
            path
            for path in sorted(self._folder.iterdir())
            if path.is_dir()
            and not path.name.startswith(".")
            and path.name not in COPIES
        ]

    def _write_identity(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            content = dict(self._identity)
            if self._feeder is not None:
                content["feeder_sha256"] = feeder_digest(self._feeder)
            self._own_files.fill(content, self._write_copies)
        except OSError as error:
            raise InputError(
                f"'{self._folder}' cannot be written ({reason_of(error)}). Choose another folder with --out."
            ) from None

    def _write_copies(self, folder: Path) -> None:
        if self._feeder is not None:
            write_copies(folder, self._feeder, self._inputs)

    def _require_same(self, stored: dict[str, Any]) -> None:
        differing = _differences(stored, self._identity)
        if differing:
            raise InputError(
                f"Run folder '{self.run_folder}' holds an unfinished run of something else; different: {', '.join(differing)}. "
                "Ask the same question, or choose another folder with --out."
            )

    def _keep(self, name: str, tables: Tables) -> None:
        scratch = Path(tempfile.mkdtemp(prefix=HALF_PART, dir=self._folder))
        # The part is written beside its place and renamed: it appears whole or not at all.
        try:
            for table, frame in tables.items():
                frame.to_parquet(scratch / f"{table}.parquet", index=False)
            digests = {path.name: sha256_of(path) for path in sorted(scratch.iterdir())}
            content = {"question": digest_of(self._identity), "tables": digests}
            (scratch / PART_FILE).write_text(sealed(content), encoding="utf-8")
            _remove_part(self._folder / name)
            scratch.rename(self._folder / name)
        except BaseException:
            shutil.rmtree(scratch, ignore_errors=True)
            raise


def is_in_the_way(folder: Path) -> bool:
    """Whether what is named like the folder of a run's parts is the user's: it holds something, and no run that was begun."""
    place = folder / UNFINISHED
    if place.is_symlink() or place.is_file():
        return True
    if not place.is_dir():
        return False
    if any((scratch / RUN_FILE).exists() for scratch in place.glob(f"{SCRATCH}*")):
        return False  # a run was killed while it put its copies in place
    names = [path.name for path in place.iterdir() if not path.name.startswith(SCRATCH)]
    return bool(names) and RUN_FILE not in names


def is_unfinished(folder: Path) -> bool:
    """Whether a folder holds a run that was begun and not ended."""
    return (folder / UNFINISHED / RUN_FILE).exists()


def forget_half_begun(folder: Path) -> None:
    """Remove the copies of a run that was killed while it put them in place: it had not begun. Only for who writes here alone."""
    place = folder / UNFINISHED
    if place.is_dir() and not is_unfinished(folder):
        half_begun = OwnFiles(place, RUN_FILE)
        half_begun.recover()
        half_begun.remove()
        with suppress(OSError):  # something of the user's is in it
            place.rmdir()


def stored_config(folder: Path) -> dict[str, Any]:
    """The configuration of the unfinished run in a folder; raises `InputError` if there is none."""
    if is_unfinished(folder):
        config = _read_identity(folder)["config"]
        return {name: value for name, value in config.items() if value is not None}
    reason = "no run was begun there, or none was kept"
    if (folder / "result.json").exists():
        reason = "its run is complete"
    raise InputError(
        f"There is nothing to resume in '{folder}': {reason}. Leave out --resume to run, with all flags given."
    )


def _read_identity(folder: Path) -> dict[str, Any]:
    path = folder / UNFINISHED / RUN_FILE
    try:
        content = read_sealed(path)
    except OSError as error:
        raise InputError(
            f"'{path}' cannot be read ({reason_of(error)}). Delete folder '{path.parent}' and run again."
        ) from None
    if content is None or not isinstance(content.get("config"), dict):
        raise InputError(
            f"'{path}' is damaged, or of another version. Delete folder '{path.parent}' and run again."
        )
    return content


def _read_part(folder: Path, question: str) -> Tables | None:
    """Tables of a part; None if it is not what was kept for this question."""
    try:
        content = read_sealed(folder / PART_FILE)
        if content is None or content.get("question") != question:
            return None
        if any(
            sha256_of(folder / name) != digest
            for name, digest in content["tables"].items()
        ):
            return None
        return {
            Path(name).stem: read_parquet(folder / name) for name in content["tables"]
        }
    except OSError:
        return None


def _remove_part(folder: Path) -> None:
    """Remove a part's files, and its folder if nothing else is in it."""
    for file in [*folder.glob("*.parquet"), folder / PART_FILE]:
        with suppress(OSError):
            file.unlink()
    with suppress(OSError):
        folder.rmdir()


def _differences(stored: dict[str, Any], identity: dict[str, Any]) -> list[str]:
    """Names of what differs, configuration fields by their own name."""
    names = [
        name for name in ("version", "feeder") if stored.get(name) != identity.get(name)
    ]
    for name, value in identity["config"].items():
        if stored["config"].get(name) != value:
            names.append(name)
    return names
