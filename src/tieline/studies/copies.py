"""Copies of what a run was asked of: with them its folder needs no other file, wherever it lies.

    feeder/                  the feeder as it was read, as tables (see `feeders.tables`)
    inputs/                  copies of what the configuration names, by the field that names it
        load_table.csv       a file: a table, or the file of a policy
        policy/              a folder of policies: the files of it that are read (see `policy_folder`)
        feeder.toml          the island whose feeder lies in feeder/, of a study that asks about islands

Beside them lies a list with their digests, see `own_files`: in a run folder result.json, and while the run is unfinished
run.json in the folder of its parts. What is not as listed, and what lies among the copies without being listed, is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tieline
from tieline.envs.restoration.available_tables import without_tables
from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.feeders.islands import island_text, read_island
from tieline.feeders.shipped import is_shipped
from tieline.feeders.table_texts import table_files
from tieline.feeders.tables import load_tables
from tieline.files import digest_of
from tieline.own_files import OwnFiles
from tieline.studies.config import StudyConfig
from tieline.studies.policy_folder import policy_files

FEEDER = "feeder"
"""Folder with the tables of the feeder."""

SUN_TABLE = "sun_table"
"""Field of which the name of a grid means its sun, and not its loads."""

INPUTS = "inputs"
"""Folder with copies of the tables and policies that the configuration names."""


@dataclass(frozen=True)
class Copies:
    """What is read in place of that which a configuration names.

    Attributes:
        feeder: the feeder; None: the one that is named.
        inputs: paths of the copies by field; a field that is not there: the path that is named.
    """

    feeder: Feeder | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)


def feeder_digest(feeder: Feeder) -> str:
    """SHA-256 of everything a feeder holds, as its tables say it."""
    return digest_of(table_files(feeder))


def read_inputs(config: StudyConfig) -> dict[str, bytes]:
    """Content of the tables and policies that a configuration names, by file name below `INPUTS`. What cannot be read is not
    there: the study says what is wrong with it.
    """
    contents = {}
    if config.ASKS_ISLANDS:
        island = without_tables(read_island(config.feeder))
        contents[f"{FEEDER}.toml"] = island_text(island).encode()
    for name in (*config.INPUT_TABLES, *config.INPUT_POLICIES):
        named = getattr(config, name)
        if named is None:
            continue
        if is_shipped(named):
            contents[f"{name}.parquet"] = _series_of(name, named)
            continue
        for copy_name, path in _files_of(name, Path(named)).items():
            with suppress(OSError):
                contents[copy_name] = path.read_bytes()
    return contents


def _series_of(field_name: str, named: str) -> bytes:
    """The series of a grid that a field names, as a Parquet file: the package may be another one tomorrow."""
    # not at the top: it brings pandas, and most studies name no grid
    from tieline.profiles.shipped import shipped_loads, shipped_sun

    read = shipped_sun if field_name == SUN_TABLE else shipped_loads
    return read(named).to_parquet()


def _files_of(name: str, path: Path) -> dict[str, Path]:
    """The files that a field names, by the name of their copy."""
    if path.is_dir():
        return {f"{name}/{file.name}": file for file in policy_files(path)}
    return {f"{name}{path.suffix.lower()}": path}


def write_copies(folder: Path, feeder: Feeder, inputs: Mapping[str, bytes]) -> None:
    """Write the feeder and the copies into a new folder; raises `OSError` if that fails."""
    (folder / FEEDER).mkdir()
    # newline="": the digest is of the text as it is, on every system
    for name, text in table_files(feeder).items():
        (folder / FEEDER / name).write_text(text, encoding="utf-8", newline="")
    for name, content in inputs.items():
        path = folder / INPUTS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def holds_feeder(content: Mapping[str, Any] | None) -> bool:
    """Whether the content of a list, None if there is none, names the tables of a feeder."""
    names = (content or {}).get("files", {})
    return any(name.startswith(f"{FEEDER}/") for name in names)


def read_copies(beside: OwnFiles, values: Mapping[str, Any]) -> Copies:
    """What is kept beside a list, as far as the values of a configuration still name what the run knew by these names.

    Args:
        beside: the folder and its list.
        values: by field, as the run was asked them.

    Raises:
        InputError: if what is named is not as the run kept it, or nobody can vouch for the list.
    """
    content = _list_of(beside, values)
    if content is None or not holds_feeder(content):
        return Copies()
    feeder = None
    if content["config"]["feeder"] == values.get("feeder"):
        changed = [
            name for name in beside.changed(content) if name.startswith(f"{FEEDER}/")
        ]
        require_unchanged(beside.folder, changed)
        feeder = read_feeder(beside.folder, content)
    return Copies(feeder, _input_copies(beside, content, values))


def _input_copies(
    beside: OwnFiles, content: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, str]:
    """Paths of the copies by field; one that `values` do not name is not read, whatever became of it."""
    changed = set(beside.changed(content))
    copies = {}
    for name, files in _files_by_field(content).items():
        if values.get(name) != content["config"].get(name):
            continue
        require_unchanged(beside.folder, [file for file in files if file in changed])
        path = beside.folder / INPUTS / Path(files[0]).parts[1]
        _require_no_more(beside.folder, path, files)
        copies[name] = str(path)
    return copies


def _files_by_field(content: Mapping[str, Any]) -> dict[str, list[str]]:
    """Names of the copies in a list, by the field that they are of."""
    by_field: dict[str, list[str]] = {}
    for file in content["files"]:
        parts = Path(file).parts
        if parts[0] == INPUTS:
            by_field.setdefault(Path(parts[1]).stem, []).append(file)
    return by_field


def _require_no_more(folder: Path, path: Path, names: Sequence[str]) -> None:
    """Refuse a folder of policies into which somebody put another: it would be read too."""
    listed = {Path(name).name for name in names}
    if path.is_dir():
        present = [file.name for file in policy_files(path)]
        place = path.relative_to(folder).as_posix()
        _refuse_added(folder, [f"{place}/{n}" for n in present if n not in listed])


def _list_of(beside: OwnFiles, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Content of a list; None if there is none, or none that could list what is kept.

    Raises:
        InputError: if what is named is kept and its list was changed: the name may stand for something else by now.
    """
    content = beside.read_list()
    path = beside.folder / beside.list_name
    if content is None and path.exists():
        copies = sorted((beside.folder / INPUTS).glob("*"))
        for part in (beside.folder / FEEDER, *copies):
            if part.exists() and part.stem in values:
                raise InputError(
                    f"'{path}' was changed or damaged, so that nobody can vouch for what is kept in '{part}'. Copy its "
                    "configuration to another folder to ask it of what it names."
                )
    return content


def require_unchanged(folder: Path, changed: Sequence[str]) -> None:
    """Raise `InputError` for a folder of which some files are not as the run wrote them."""
    if changed:
        raise InputError(
            f"Run folder '{folder}' is not as it was written: {', '.join(changed)} changed, damaged or missing. Run the study "
            "again, into another folder."
        )


def read_feeder(folder: Path, content: Mapping[str, Any]) -> Feeder:
    """The feeder beside a list; a table that somebody put among its own, and that would be read too, does not go unnoticed.

    Raises `InputError` for such a table, and where this version reads another feeder than the run's did.
    """
    names = [
        f"{FEEDER}/{path.name}" for path in sorted((folder / FEEDER).glob("*.csv"))
    ]
    _refuse_added(folder, [name for name in names if name not in content["files"]])
    feeder = load_tables(folder / FEEDER)
    if feeder_digest(feeder) != content["feeder_sha256"]:
        raise InputError(
            f"'{folder / FEEDER}' does not hold the feeder that the run was asked of: this version of tieline "
            f"({tieline.__version__}; the run's is {content['version']}) reads it differently. Run the study again."
        )
    return feeder


def _refuse_added(folder: Path, names: Sequence[str]) -> None:
    if names:
        raise InputError(
            f"Run folder '{folder}' holds {', '.join(names)}, which the run did not write and which would be read too. "
            "Remove it and ask again."
        )
