"""`Result`: the answer of a study, and the folder it is saved as.

    config.toml   everything needed to run it again
    result.json   study, version, seed, wall_s, machine, config, metrics, warnings
    *.parquet     tables, units in the column names
    others        what else a study leaves, such as policy files
    report.html   self-contained

A study that can be resumed keeps finished parts in the folder while it runs (see `checkpoint`). The rest appears whole or not at
all: it is written beside its place and then renamed.
"""

from __future__ import annotations

import json
import math
import os
import platform
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import tomli_w

import tieline
from tieline.errors import InputError
from tieline.studies.checkpoint import UNFINISHED
from tieline.studies.config import StudyConfig

Metric = float | int | str | None


@dataclass(frozen=True)
class Result:
    """The answer of a study: flat metrics, tables, where they come from, and other files by name."""

    study: str
    config: StudyConfig
    metrics: dict[str, Metric]
    tables: dict[str, pd.DataFrame]
    warnings: tuple[str, ...] = ()
    wall_s: float = 0.0
    version: str = field(default_factory=lambda: tieline.__version__)
    machine: str = field(default_factory=lambda: describe_machine())
    files: dict[str, bytes] = field(default_factory=dict)

    def number(self, name: str) -> float:
        """A metric that is a number; raises `InputError` if it is not there or is none."""
        value = self.metrics.get(name)
        if not isinstance(value, int | float):
            raise InputError(f"Study '{self.study}' has no number '{name}' here. It has {', '.join(self.metrics)}.")
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
        }

    def save(self, folder: Path, write_report: Callable[[Path], None]) -> None:
        """Write the run folder; `write_report` gets the path of report.html."""
        check_writable(folder, may_resume=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            config = self.config.model_dump(mode="json", exclude_none=True)
            (scratch / "config.toml").write_text(tomli_w.dumps(config), encoding="utf-8")
            (scratch / "result.json").write_text(json.dumps(self.to_json(), indent=2) + "\n", encoding="utf-8")
            for name, table in self.tables.items():
                table.to_parquet(scratch / f"{name}.parquet", index=False)
            for name, content in self.files.items():
                (scratch / name).write_bytes(content)
            write_report(scratch / "report.html")
            scratch.chmod(0o755)
            if folder.exists():
                shutil.rmtree(folder)
            scratch.rename(folder)
        except BaseException:
            shutil.rmtree(scratch, ignore_errors=True)
            raise


def load_result(folder: Path, config_model: type[StudyConfig]) -> Result:
    """Read a run folder back; raises `InputError` if it is not one."""
    raw = read_result_json(folder)
    try:
        tables = {path.stem: pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}
        return Result(
            study=raw["study"],
            config=config_model(**raw["config"]),
            metrics=raw["metrics"],
            tables=tables,
            warnings=tuple(raw["warnings"]),
            wall_s=raw["wall_s"],
            version=raw["version"],
            machine=raw["machine"],
        )
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise InputError(f"Run folder '{folder}' is damaged ({error}). Run the study again.") from None


def read_result_json(folder: Path) -> dict[str, Any]:
    """The content of a run folder's result.json; raises `InputError` if there is none."""
    path = folder / "result.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            f"'{folder}' is not a run folder: it has no result.json. Give the folder that `tieline run` wrote."
        ) from None
    except (OSError, ValueError) as error:
        raise InputError(f"'{path}' cannot be read ({error}). Run the study again.") from None


def check_writable(folder: Path, may_resume: bool = False) -> None:
    """Refuse, before any work is done, a folder that cannot be written or that holds something else than an earlier run.

    Args:
        folder: the run folder.
        may_resume: whether it may hold an unfinished run.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"Output folder '{folder}' is a file. Choose another with --out.")
    if (folder / UNFINISHED).is_dir() and not may_resume:
        raise InputError(f"Output folder '{folder}' holds an unfinished run. Go on with --resume, or choose another with --out.")
    others = {path.name for path in folder.iterdir()} - {UNFINISHED} if folder.is_dir() else set()
    if others and "result.json" not in others:
        raise InputError(f"Output folder '{folder}' is not empty and holds no earlier run. Choose another with --out.")
    existing = next(parent for parent in folder.absolute().parents if parent.exists())
    try:
        os.rmdir(tempfile.mkdtemp(prefix=".tieline-", dir=existing))
    except OSError as error:
        raise InputError(f"Output folder '{folder}' cannot be written ({error.strerror}). Choose another with --out.") from None


def describe_machine() -> str:
    """Processor count and platform, for the record beside timings."""
    return f"{os.cpu_count()} x {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


def _plain(value: Metric) -> Metric:
    """JSON has no NaN: a number that does not exist is null."""
    if hasattr(value, "item"):
        value = value.item()  # type: ignore[union-attr]
    return None if isinstance(value, float) and not math.isfinite(value) else value
