"""`Result`: the answer of a study with the feeder it was asked of, and the files of its folder.

    config.toml     what was asked
    feeder/         the feeder as it was read, as tables (see `feeders.tables`)
    inputs/         copies of the tables and policies that the configuration names, see `copies`
    result.json     study, version, seed, date, wall_s, machine, config, metrics, warnings, the feeder's digest, and the digest of
                    every other file; sealed
    *.parquet       tables, units in the column names
    others          what else a study leaves, such as policy files
    report.html     self-contained

With its feeder a run folder can be read, reported and repeated wherever it lies, whatever became of the file that the feeder was
read from: see `saved_run`. How the files come into the folder without harm to anything else stands in `run_folder`, finished
parts of a run in `checkpoint`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import tomli_w

import tieline
from tieline.errors import InputError, reason_of
from tieline.feeders import Feeder
from tieline.machine import describe_machine
from tieline.reports.browser import open_page
from tieline.reports.clock import date_words
from tieline.reports.headline import Headline
from tieline.reports.html import Report, write_page
from tieline.reports.remarks import Remark, RemarkGroup, broken, grouped
from tieline.studies.answer import Metric
from tieline.studies.at_prompt import result_html, result_text
from tieline.studies.catalogue import find_study
from tieline.studies.config import StudyConfig
from tieline.studies.copies import feeder_digest, write_copies
from tieline.studies.run_folder import CONFIG, RunFolder, claim

REPORT = "report.html"

DIGEST_LETTERS = 12
"""Of the feeder's digest below the title: enough to tell feeders apart, the provenance has it in full."""


def _now() -> str:
    """Date and time to the second, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, eq=False)
class Result:
    """The answer of a study.

    Attributes:
        study: its name.
        config: what was asked.
        feeder: the feeder as it was read or given, before the configuration changed anything about it.
        metrics, tables, files: as the study gave them, see `Answer`.
        inputs: content of the tables and policies that the configuration names, by the file name of their copy.
        remarks: the feeder's notes and what the study has to say beside its numbers, one sentence each, with its kind.
        wall_s: from reading the feeder to the answer [s].
        version, machine, date: of the run.
    """

    study: str
    config: StudyConfig
    feeder: Feeder
    metrics: dict[str, Metric]
    tables: dict[str, pd.DataFrame]
    remarks: tuple[Remark, ...] = ()
    files: dict[str, bytes] = field(default_factory=dict)
    inputs: dict[str, bytes] = field(default_factory=dict)
    wall_s: float = 0.0
    version: str = field(default_factory=lambda: tieline.__version__)
    machine: str = field(default_factory=describe_machine)
    date: str = field(default_factory=_now)

    def __repr__(self) -> str:
        """What a user wants to know at a prompt."""
        return result_text(self)

    def _repr_html_(self) -> str:
        """The same in a notebook, with all metrics."""
        return result_html(self)

    @cached_property
    def feeder_sha256(self) -> str:
        """Digest of the feeder, see `feeder_digest`."""
        return feeder_digest(self.feeder)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The texts of the remarks."""
        return tuple(remark.text for remark in self.remarks)

    @cached_property
    def headline(self) -> Headline:
        """The short answer: a sentence, its tiles, the limits that break and the table that matters most."""
        return find_study(self.study).headline(self)

    @property
    def remark_groups(self) -> list[RemarkGroup]:
        """Broken limits, what was approximated, what was left out, as page and screen show them."""
        return grouped([*broken(self.headline.violations), *self.remarks])

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
            "date": self.date,
            "wall_s": self.wall_s,
            "machine": self.machine,
            "config": self.config.model_dump(mode="json"),
            "metrics": {
                name: plain_number(value) for name, value in self.metrics.items()
            },
            "warnings": [asdict(remark) for remark in self.remarks],
            "feeder_sha256": self.feeder_sha256,
        }

    def with_files(self, files: Mapping[str, bytes]) -> Result:
        """The same with more files for its folder, content by file name."""
        return replace(self, files=self.files | dict(files))

    def save(self, folder: Path | str) -> None:
        """Write the run folder, the report in it; an earlier run in it is replaced.

        Raises:
            InputError: if the folder cannot be written, or holds something else than an earlier run.
        """
        with claim(Path(folder), may_resume=True) as run_folder:
            self.save_in(run_folder)

    def save_in(self, run_folder: RunFolder) -> None:
        """Write the files of a folder that is claimed already.

        Raises:
            InputError: if they cannot be written, or a file of the user is in the way.
        """
        try:
            run_folder.fill(self.to_json(), self._write_files)
        except OSError as error:
            raise InputError(
                f"The result was not saved in '{run_folder.path}' ({reason_of(error)}); what was there before is as it was. Make "
                "room or choose another folder with --out, and run again."
            ) from None

    def write_report(self, path: Path | str) -> None:
        """Write the report to one HTML file that opens anywhere; the same result gives the same file."""
        report = find_study(self.study).report(self)
        about = provenance(self, report)
        write_page(Path(path), report, about, self.remarks, byline(self))

    def open(self) -> Path:
        """Show the report in the browser; returns the page, which lies in a temporary folder until the system clears it."""
        return open_page(self.study, self.write_report)

    def _write_files(self, folder: Path) -> None:
        config = self.config.model_dump(mode="json", exclude_none=True)
        (folder / CONFIG).write_text(tomli_w.dumps(config), encoding="utf-8")
        write_copies(folder, self.feeder, self.inputs)
        for name, table in self.tables.items():
            table.to_parquet(folder / f"{name}.parquet", index=False)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        self.write_report(folder / REPORT)


def byline(result: Result) -> list[str]:
    """What stands below the title of a page: when, of which feeder, by whom."""
    config = result.config
    feeder = result.feeder
    name = feeder.name
    if config.feeder != name:
        name = f"{name} ({config.feeder})"
    parts = [
        date_words(result.date),
        f"feeder {name}, SHA-256 {result.feeder_sha256[:DIGEST_LETTERS]}\u2026",
        f"tieline {result.version}",
    ]
    if config.author:
        parts.append(config.author)
    return parts


def provenance(result: Result, report: Report) -> dict[str, object]:
    """Where an answer comes from: the last section of its page. A setting with names and values of its own becomes a group; lists
    of such are left to config.toml.
    """
    config = result.config.model_dump(mode="json")
    settings = {
        name: value for name, value in config.items() if name not in report.unused
    }
    tables = {
        name: value for name, value in settings.items() if isinstance(value, dict)
    }
    groups = {name: _plain_ones(table) for name, table in tables.items()}
    return {
        "study": result.study,
        "feeder": result.feeder.title or result.feeder.name,
        "feeder's SHA-256": result.feeder_sha256,
        "tieline": result.version,
        "date": result.date,
        "machine": result.machine,
        "wall time": f"{result.wall_s:.1f} s",
        **report.facts,
        "configuration": _plain_ones(settings),
        **groups,
    }


def _plain_ones(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that are set and fit on a line."""
    return {name: value for name, value in settings.items() if _is_plain(value)}


def _is_plain(value: Any) -> bool:
    """Whether a setting is there and no table."""
    parts = value
    if not isinstance(value, list):
        parts = [value]
    return value is not None and not any(isinstance(part, dict) for part in parts)


def plain_number(value: Metric) -> Metric:
    """JSON has no NaN: a number that does not exist is null."""
    if hasattr(value, "item"):
        value = value.item()  # type: ignore[union-attr]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
