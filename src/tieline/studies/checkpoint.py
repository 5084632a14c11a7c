"""Finished parts of a run, kept in its folder until the run is whole, so that an interrupted run can go on.

    DIR/unfinished/run.json             what is being run: version, configuration, fingerprint of the feeder
    DIR/unfinished/PART/TABLE.parquet   tables of one finished part

Nothing is written before the first part is finished; a part appears whole or not at all. The folder `unfinished` goes away when
the result is saved.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

import tieline
from tieline.errors import InputError
from tieline.studies.config import StudyConfig

UNFINISHED = "unfinished"
Tables = dict[str, pd.DataFrame]


class Checkpoint:
    """Parts of one run in its folder.

    Args:
        folder: the run folder.
        config: what is asked; without the fields named in `how`, which say how to compute and not what.
        how: names of such fields.
    """

    def __init__(self, folder: Path, config: StudyConfig, how: frozenset[str] = frozenset()):
        self._run_folder = folder
        self._folder = folder / UNFINISHED
        self._identity = {"version": tieline.__version__, "config": config.model_dump(mode="json", exclude=set(how))}

    @property
    def exists(self) -> bool:
        """Whether any part is kept."""
        return self._folder.is_dir()

    def finished(self, fingerprint: str) -> dict[str, Tables]:
        """Tables of every finished part by its name; empty for a new run.

        Raises:
            InputError: if the parts belong to another configuration, feeder or version.
        """
        self._identity["feeder"] = fingerprint
        path = self._folder / "run.json"
        if not path.exists():
            return {}
        found = _read_identity(path)
        if differing := _differences(found, self._identity):
            raise InputError(
                f"Run folder '{self._run_folder}' holds an unfinished run of something else; different: {', '.join(differing)}. "
                "Ask the "
                "same question, or choose another folder with --out."
            )
        parts = [path for path in sorted(self._folder.iterdir()) if path.is_dir() and not path.name.startswith(".")]
        return {part.name: {path.stem: _read_table(path) for path in sorted(part.glob("*.parquet"))} for part in parts}

    def keep(self, name: str, tables: Tables) -> None:
        """Save a finished part."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "run.json").write_text(json.dumps(self._identity, indent=2) + "\n", encoding="utf-8")
        scratch = Path(tempfile.mkdtemp(prefix=".part-", dir=self._folder))
        for table, frame in tables.items():
            frame.to_parquet(scratch / f"{table}.parquet", index=False)
        target = self._folder / name
        shutil.rmtree(target, ignore_errors=True)
        scratch.rename(target)


def stored_config(folder: Path) -> dict[str, Any]:
    """The configuration of the unfinished run in a folder; empty if there is none."""
    path = folder / UNFINISHED / "run.json"
    return {name: value for name, value in _read_identity(path)["config"].items() if value is not None} if path.exists() else {}


def _read_identity(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise InputError(f"'{path}' cannot be read ({error}). Delete folder '{path.parent}' and run again.") from None


def _read_table(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise InputError(f"'{path}' cannot be read ({error}). Delete folder '{path.parent}' and resume again.") from None


def _differences(found: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """Names of what differs, configuration fields by their own name."""
    names = [name for name in ("version", "feeder") if found.get(name) != wanted.get(name)]
    theirs, ours = found.get("config", {}), wanted["config"]
    return names + [name for name in ours if theirs.get(name) != ours[name]]
