"""A run folder read back: the result, what can be repeated from it, and its report written anew.

Nothing is believed that is not as the run wrote it; `run_folder` knows by the list in result.json.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

import tieline
from tieline.errors import InputError, reason_of
from tieline.feeders import Feeder
from tieline.feeders.tables import load_tables
from tieline.files import SCRATCH, sealed, write_file
from tieline.own_files import OwnFiles
from tieline.studies.catalogue import find_study
from tieline.studies.config import StudyConfig
from tieline.studies.folder_lock import lock_folder
from tieline.studies.result import REPORT, Result, feeder_digest
from tieline.studies.run_folder import (
    CONFIG,
    FEEDER,
    INPUTS,
    RESULT,
    holds_feeder,
    read_result,
)


def load_run(folder: Path | str) -> Result:
    """Read a run folder back: the result as it was saved, with all that its folder holds.

    Raises:
        InputError: if it is not one, is of an earlier version, or a file in it is not what the run wrote; the report may be,
            because it can be made anew.
    """
    folder = Path(folder)
    content, changed = read_result(folder)
    _require_feeder(folder, content)
    _require_unchanged(folder, [name for name in changed if name != REPORT])
    names = [Path(name) for name in content["files"]]
    inputs = [name for name in names if name.parent == Path(INPUTS)]
    outside = [name for name in names if name.parent == Path()]
    tables = [name for name in outside if name.suffix == ".parquet"]
    files = [
        name
        for name in outside
        if name not in tables and name.name not in (CONFIG, REPORT)
    ]
    return Result(
        study=content["study"],
        config=_read_config(folder, content),
        feeder=_read_feeder(folder, content),
        metrics=content["metrics"],
        tables={table.stem: pd.read_parquet(folder / table) for table in tables},
        warnings=tuple(content["warnings"]),
        files={file.name: (folder / file).read_bytes() for file in files},
        inputs={table.name: (folder / table).read_bytes() for table in inputs},
        wall_s=content["wall_s"],
        version=content["version"],
        machine=content["machine"],
        date=content["date"],
    )


def kept_feeder(folder: Path, name_or_path: str) -> Feeder | None:
    """The feeder kept in a run folder, if it is the one that the run knew by this name; None if it is another, or none is kept.

    Raises:
        InputError: if its tables, or the list of them, are not what the run wrote.
    """
    run = OwnFiles(folder, RESULT)
    content = _list_beside(folder, FEEDER)
    if (
        content is None
        or not holds_feeder(content)
        or content["config"]["feeder"] != name_or_path
    ):
        return None
    changed = [name for name in run.changed(content) if name.startswith(f"{FEEDER}/")]
    _require_unchanged(folder, changed)
    return _read_feeder(folder, content)


def kept_inputs(folder: Path, values: Mapping[str, Any]) -> dict[str, str]:
    """Paths of the tables kept in a run folder, by field, where `values` still name those that the run read.

    Raises:
        InputError: if a table is not as the run kept it.
    """
    run = OwnFiles(folder, RESULT)
    content = _list_beside(folder, INPUTS)
    if content is None or not holds_feeder(content):
        return {}
    inputs = [name for name in content["files"] if name.startswith(f"{INPUTS}/")]
    copies = {Path(name).stem: name for name in inputs}
    config = content["config"]
    names = {
        field: name
        for field, name in copies.items()
        if values.get(field) == config[field]
    }
    changed = run.changed(content)
    # a copy that `values` do not name is not read, whatever became of it
    _require_unchanged(folder, [name for name in names.values() if name in changed])
    return {field: str(folder / name) for field, name in names.items()}


def _list_beside(folder: Path, part: str) -> dict[str, Any] | None:
    """Content of the result.json beside a configuration; None if there is none, or none that could list what is kept.

    Raises:
        InputError: if the part is kept there and its list was changed: what the configuration names may be another by now.
    """
    content = OwnFiles(folder, RESULT).read_list()
    if content is None and (folder / RESULT).exists() and (folder / part).exists():
        raise InputError(
            f"'{folder / RESULT}' was changed or damaged, so that nobody can vouch for what is kept in '{folder / part}'. Copy "
            f"'{folder / CONFIG}' to another folder to ask it of what it names."
        )
    return content


def _require_feeder(folder: Path, content: Mapping[str, Any]) -> None:
    """Refuse the folder of a version that did not keep the feeder: nobody knows what its numbers were asked of."""
    if not holds_feeder(content):
        raise InputError(
            f"Run folder '{folder}' was written by an earlier version of tieline ({content['version']}), which kept no feeder in "
            f"it. Run the study again: tieline run {content['study']} --config {folder / CONFIG}"
        )


def _require_unchanged(folder: Path, changed: Sequence[str]) -> None:
    if changed:
        raise InputError(
            f"Run folder '{folder}' is not as it was written: {', '.join(changed)} changed, damaged or missing. Run the study "
            "again, into another folder."
        )


def _read_config(folder: Path, content: Mapping[str, Any]) -> StudyConfig:
    try:
        return find_study(content["study"]).config_model(**content["config"])
    except ValidationError:
        raise InputError(
            f"Run folder '{folder}' asks what this version of tieline ({tieline.__version__}; the run's is "
            f"{content['version']}) does not know. Run the study again."
        ) from None


def _read_feeder(folder: Path, content: Mapping[str, Any]) -> Feeder:
    """The feeder of a run; a table that somebody put beside its own, and that would be read too, does not go unnoticed."""
    names = [
        f"{FEEDER}/{path.name}" for path in sorted((folder / FEEDER).glob("*.csv"))
    ]
    added = [name for name in names if name not in content["files"]]
    if added:
        raise InputError(
            f"Run folder '{folder}' holds {', '.join(added)}, which the run did not write and which would be read too. "
            "Remove it and ask again."
        )
    feeder = load_tables(folder / FEEDER)
    if feeder_digest(feeder) != content["feeder_sha256"]:
        raise InputError(
            f"'{folder / FEEDER}' does not hold the feeder that the run was asked of: this version of tieline "
            f"({tieline.__version__}; the run's is {content['version']}) reads it differently. Run the study again."
        )
    return feeder


def rewrite_report(folder: Path) -> None:
    """Put a new report.html into a run folder, whole or not at all.

    Raises:
        InputError: if it is not a run folder, it cannot be written, somebody has changed the report that is there, or a run is
            writing to the folder.
    """
    result = load_run(folder)
    try:
        with (
            lock_folder(folder),
            tempfile.TemporaryDirectory(prefix=SCRATCH, dir=folder) as scratch,
        ):
            result.write_report(Path(scratch) / REPORT)
            report = (Path(scratch) / REPORT).read_bytes()
            # read again under the lock: another run may have replaced the folder since
            content, changed = read_result(folder)
            _require_own_report(folder, changed)
            content["files"][REPORT] = hashlib.sha256(report).hexdigest()
            # killed between the two, the folder has a report that its list does not know: it is refused, not believed
            write_file(folder / REPORT, report)
            write_file(folder / RESULT, sealed(content))
    except OSError as error:
        raise InputError(
            f"'{folder / REPORT}' cannot be written ({reason_of(error)}). Check the folder's rights and the space left there."
        ) from None


def _require_own_report(folder: Path, changed: Collection[str]) -> None:
    """Refuse to overwrite a report that somebody edited, or a link in its place."""
    report = folder / REPORT
    if REPORT in changed and (report.exists() or report.is_symlink()):
        raise InputError(
            f"'{report}' was changed since it was written, and is left alone. Move it away or delete it, and ask again."
        )
