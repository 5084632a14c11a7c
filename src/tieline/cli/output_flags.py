"""The flags that say what becomes of an answer: what of it is shown, in which formats it is kept, what it may replace.

    --force                     that an earlier run in the folder may go
    --csv --excel               formats beside Parquet
    --metrics --json --quiet    what the screen shows
    --open                      the report in the browser

One list of fields, from which the flags are made; `tieline run`, `train` and `solve` take them.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, Self

from cyclopts import Parameter

from tieline.cli.flags import heading_group
from tieline.errors import InputError
from tieline.settings.groups import OUTPUT

ABOUT_FILES = ("force", "csv", "excel")
"""Flags that mean nothing where no folder is written."""


def _flag(words: str) -> Any:
    """A flag that is off unless it is given; `words` stand in the help."""
    return field(default=False, metadata={"help": words})


@dataclass(frozen=True)
class OutputFlags:
    """What was asked of the output; all off unless given."""

    force: bool = _flag("Replace the run that is in the folder of --out.")
    csv: bool = _flag("Write the tables as CSV too.")
    excel: bool = _flag("Write all tables into one Excel file too, tables.xlsx.")
    metrics: bool = _flag("Print all metrics too, by their names in result.json.")
    json: bool = _flag("Print the content of result.json and nothing else.")
    quiet: bool = _flag("Print nothing and show no progress; errors are still told.")
    open: bool = _flag("Open the report in the browser.")

    @classmethod
    def taken_from(cls, flags: dict[str, Any]) -> Self:
        """What `flags` say of the output; it is taken out of them."""
        values = {one.name: bool(flags.pop(one.name, False)) for one in fields(cls)}
        return cls(**values)

    @property
    def prints_answer(self) -> bool:
        """Whether the answer is printed for a person."""
        return not (self.quiet or self.json)

    def require_formats(self) -> None:
        """Refuse, before any work, a format whose package is missing; raises `MissingExtraError`."""
        if self.excel:
            from tieline.studies.table_files import require_excel

            require_excel()

    def refuse_without_folder(self) -> None:
        """Refuse what means nothing where no folder is written; raises `InputError`."""
        names = [name for name in ABOUT_FILES if getattr(self, name)]
        if names:
            words = ", ".join(f"--{name}" for name in names)
            raise InputError(
                f"{words}: this is about the files of a folder, and none is written. Give one with --out."
            )


def output_parameters(left_out: Collection[str] = ()) -> list[inspect.Parameter]:
    """One keyword-only parameter per flag."""
    return [
        output_parameter(one.name, bool, one.metadata, default=False)
        for one in fields(OutputFlags)
        if one.name not in left_out
    ]


def output_parameter(
    name: str, kind: Any, metadata: Mapping[str, str], default: Any = None
) -> inspect.Parameter:
    """A flag under the heading of the output."""
    about = Parameter(
        help=metadata["help"],
        negative="",
        show_default=False,
        group=heading_group(OUTPUT),
    )
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[kind, about],
    )
