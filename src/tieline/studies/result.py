"""`Result`: the answer of a study, and the files of its folder.

    config.toml   everything needed to run it again
    result.json   study, version, seed, wall_s, machine, config, metrics, warnings, the feeder's fingerprint, and the digest of
                  every other file; sealed
    *.parquet     tables, units in the column names
    others        what else a study leaves, such as policy files
    report.html   self-contained

How they come into the folder without harm to anything else stands in `run_folder`, finished parts of a run in `checkpoint`.
"""

from __future__ import annotations

import hashlib
import math
import os
import platform
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import tomli_w
from pydantic import ValidationError

import tieline
from tieline.errors import InputError, reason_of
from tieline.files import SCRATCH, sealed, write_file
from tieline.studies.config import StudyConfig
from tieline.studies.folder_lock import lock_folder
from tieline.studies.run_folder import RESULT, RunFolder, claim, read_result

REPORT = "report.html"
Metric = float | int | str | None


@dataclass(frozen=True)
class Result:
    """The answer of a study: flat metrics, tables, where they come from, and other files by name.

    `feeder_sha256` is the fingerprint of the feeder it was asked of; empty if nobody took it.
    """

    study: str
    config: StudyConfig
    metrics: dict[str, Metric]
    tables: dict[str, pd.DataFrame]
    warnings: tuple[str, ...] = ()
    wall_s: float = 0.0
    version: str = field(default_factory=lambda: tieline.__version__)
    machine: str = field(default_factory=lambda: describe_machine())
    files: dict[str, bytes] = field(default_factory=dict)
    feeder_sha256: str = ""

    def number(self, name: str) -> float:
        """A metric that is a number; raises `InputError` if it is not there or is none."""
        value = self.metrics.get(name)
        if not isinstance(value, int | float):
            raise InputError(
                f"Study '{self.study}' has no number '{name}' here. It has {', '.join(self.metrics)}."
            )
        return float(value)

    def to_json(self) -> dict[str, Any]:
        """The content of result.json."""
        return {
            "study": self.study,
            "version": self.version,
            "seed": self.config.seed,
            "wall_s": round(self.wall_s, 3),
            "machine": self.machine,
            "config": self.config.model_dump(mode="json"),
            "metrics": {name: _plain(value) for name, value in self.metrics.items()},
            "warnings": list(self.warnings),
            "feeder_sha256": self.feeder_sha256,
        }

    def save(self, folder: Path, write_report: Callable[[Path], None]) -> None:
        """Write the run folder; `write_report` gets the path of report.html.

        Raises:
            InputError: if the folder cannot be written, or holds something else than an earlier run.
        """
        with claim(folder, may_resume=True) as run_folder:
            self.save_in(run_folder, write_report)

    def save_in(self, run_folder: RunFolder, write_report: Callable[[Path], None]) -> None:
        """Write the files of a folder that is claimed already.

        Raises:
            InputError: if they cannot be written, or a file of the user is in the way.
        """
        try:
            run_folder.fill(self.to_json(), lambda folder: self._write_files(folder, write_report))
        except OSError as error:
            raise InputError(
                f"The result was not saved in '{run_folder.path}' ({reason_of(error)}); what was there before is as it was. Make "
                "room or choose another folder with --out, and run again."
            ) from None

    def _write_files(self, folder: Path, write_report: Callable[[Path], None]) -> None:
        config = self.config.model_dump(mode="json", exclude_none=True)
        (folder / "config.toml").write_text(tomli_w.dumps(config), encoding="utf-8")
        for name, table in self.tables.items():
            table.to_parquet(folder / f"{name}.parquet", index=False)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        write_report(folder / REPORT)


def load_result(folder: Path, config_model: type[StudyConfig]) -> Result:
    """Read a run folder back.

    Raises:
        InputError: if it is not one, or a file in it is not what the run wrote; the report may be, because it can be made anew.
    """
    content, changed = read_result(folder)
    if damaged := [name for name in changed if name != REPORT]:
        raise InputError(
            f"Run folder '{folder}' is not as it was written: {', '.join(damaged)} changed, damaged or missing. Run the study "
            "again, into another folder."
        )
    try:
        config = config_model(**content["config"])
    except ValidationError:
        raise InputError(
            f"Run folder '{folder}' asks what this version of tieline ({tieline.__version__}; the run's is "
            f"{content['version']}) does not know. Run the study again."
        ) from None
    tables = [Path(name) for name in content["files"] if name.endswith(".parquet")]
    return Result(
        study=content["study"],
        config=config,
        metrics=content["metrics"],
        tables={table.stem: pd.read_parquet(folder / table) for table in tables},
        warnings=tuple(content["warnings"]),
        wall_s=content["wall_s"],
        version=content["version"],
        machine=content["machine"],
        feeder_sha256=content["feeder_sha256"],
    )


def rewrite_report(folder: Path, write_report: Callable[[Path], None]) -> None:
    """Put a new report.html into a run folder, whole or not at all.

    Raises:
        InputError: if it cannot be written, somebody has changed the report that is there, or a run is writing to the folder.
    """
    try:
        with (
            lock_folder(folder),
            tempfile.TemporaryDirectory(prefix=SCRATCH, dir=folder) as scratch,
        ):
            write_report(Path(scratch) / REPORT)
            report = (Path(scratch) / REPORT).read_bytes()
            content, changed = read_result(folder)
            _require_own_report(folder, changed)
            content["files"][REPORT] = hashlib.sha256(report).hexdigest()
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


def describe_machine() -> str:
    """Processor count and platform, for the record beside timings."""
    return f"{os.cpu_count()} x {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


def _plain(value: Metric) -> Metric:
    """JSON has no NaN: a number that does not exist is null."""
    if hasattr(value, "item"):
        value = value.item()  # type: ignore[union-attr]
    return None if isinstance(value, float) and not math.isfinite(value) else value
