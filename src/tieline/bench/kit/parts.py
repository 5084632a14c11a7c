"""`Parts`: what was measured, kept in files by part, so that a page can be renewed in part and an interrupted run goes on.

    FOLDER/PART.json     the question, when, on which machine and by which version it was answered, and the rows

A part whose question is the same is not measured again; remove its file to renew it. Parts of other versions stay good, and pages
say what they are of: only who measures knows whether a change touches them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import tieline
from tieline.bench.kit.markdown import Table
from tieline.files import read_json, write_file
from tieline.machine import describe_machine

Row = TypeVar("Row")
Question = Mapping[str, Any]


@dataclass(frozen=True)
class PartRecord:
    """When and by what a part was measured.

    Attributes:
        name: of the part.
        date: day, in UTC.
        version: of tieline.
        machine: in one line.
    """

    name: str
    date: str
    version: str
    machine: str


class Parts:
    """Parts of a measurement.

    Args:
        folder: where they are kept; None: they are measured and forgotten.

    Attributes:
        records: of the parts asked for so far.
    """

    def __init__(self, folder: Path | None):
        self._folder = folder
        self.records: list[PartRecord] = []

    def rows(
        self,
        name: str,
        question: Question,
        kind: type[Row],
        measure: Callable[[], Iterable[Row]],
    ) -> list[Row]:
        """The rows of a part, measured unless they are kept.

        Args:
            name: of the part and of its file.
            question: plain values on which the answer depends.
            kind: a dataclass of plain values, a row.
            measure: measures them.

        Raises:
            InputError: if the file cannot be written.
        """
        content = self._kept(name, question)
        if content is None:
            rows = [asdict(row) for row in measure()]  # type: ignore[call-overload]
            content = {"question": dict(question), **_provenance(), "rows": rows}
            self._keep(name, content)
        record = {key: content[key] for key in ("date", "version", "machine")}
        self.records.append(PartRecord(name, **record))
        return [kind(**values) for values in content["rows"]]

    def _path(self, name: str) -> Path | None:
        return None if self._folder is None else self._folder / f"{name}.json"

    def _kept(self, name: str, question: Question) -> dict[str, Any] | None:
        """Content of the file of a part; None if there is none, or it answers another question."""
        path = self._path(name)
        if path is None or not path.is_file():
            return None
        content = read_json(path)
        # a file that was cut short is measured again, as one that was never there
        if not isinstance(content, dict) or "rows" not in content:
            return None
        return content if content.get("question") == _as_read(question) else None

    def _keep(self, name: str, content: Mapping[str, Any]) -> None:
        path = self._path(name)
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, json.dumps(content, indent=1) + "\n")


def _provenance() -> dict[str, str]:
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "version": tieline.__version__,
        "machine": describe_machine(),
    }


def _as_read(question: Question) -> Any:
    """A question as a file gives it back: tuples are lists there."""
    return json.loads(json.dumps(dict(question)))


def parts_table(records: Sequence[PartRecord]) -> Table:
    """A row per part."""
    headings = ("part", "measured", "tieline", "machine")
    rows = [
        (record.name, record.date, record.version, record.machine) for record in records
    ]
    return Table(headings, rows, "llll")
