"""A run folder read back: the result, what can be repeated from it, and its report written anew.

Nothing is believed that is not as the run wrote it; `run_folder` knows by the list in result.json.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

import tieline
from tieline.arguments import path_of
from tieline.errors import InputError, reason_of
from tieline.files import SCRATCH, read_parquet, sealed, write_file
from tieline.reports.remarks import Remark
from tieline.studies.catalogue import find_study
from tieline.studies.config import StudyConfig
from tieline.studies.copies import (
    INPUTS,
    holds_feeder,
    read_feeder,
    require_unchanged,
)
from tieline.studies.folder_lock import lock_folder
from tieline.studies.result import REPORT, Result
from tieline.studies.run_folder import CONFIG, RESULT, read_result


def load_run(folder: Path | str) -> Result:
    """Read a run folder back: the result as it was saved, with all that its folder holds.

    Raises:
        InputError: if it is no run folder, is of an earlier version, or a file in it is not what the run wrote; only the report
            may differ, because it can be made anew.
    """
    folder = path_of(folder, "load_run")
    content, changed = read_result(folder)
    _require_feeder(folder, content)
    require_unchanged(folder, [name for name in changed if name != REPORT])
    names = [Path(name) for name in content["files"]]
    copies = [name for name in names if name.parts[0] == INPUTS]
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
        feeder=read_feeder(folder, content),
        metrics=content["metrics"],
        tables={table.stem: read_parquet(folder / table) for table in tables},
        remarks=tuple(map(_read_remark, content["warnings"])),
        files={file.name: (folder / file).read_bytes() for file in files},
        inputs={
            copy.relative_to(INPUTS).as_posix(): (folder / copy).read_bytes()
            for copy in copies
        },
        wall_s=content["wall_s"],
        version=content["version"],
        machine=content["machine"],
        date=content["date"],
    )


def _require_feeder(folder: Path, content: Mapping[str, Any]) -> None:
    """Refuse the folder of a version that did not keep the feeder: nobody knows what its numbers were asked of."""
    if not holds_feeder(content):
        raise InputError(
            f"Run folder '{folder}' was written by an earlier version of tieline ({content['version']}), which kept no feeder in "
            f"it. Run the study again: tieline run {content['study']} --config {folder / CONFIG}"
        )


def _read_config(folder: Path, content: Mapping[str, Any]) -> StudyConfig:
    try:
        return find_study(content["study"]).config_model(**content["config"])
    except ValidationError:
        raise InputError(
            f"Run folder '{folder}' asks what this version of tieline ({tieline.__version__}; the run's is "
            f"{content['version']}) does not know. Run the study again."
        ) from None


def _read_remark(entry: str | dict[str, Any]) -> Remark:
    """A remark as it was saved; folders of earlier versions have the text alone."""
    if isinstance(entry, str):
        return Remark("approximated", entry)
    return Remark(**entry)


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
