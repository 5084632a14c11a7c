"""The project's own feeder format: a folder that a person likes to read and edit.

    feeder.toml      name, title, origin, frequency, and the source
    buses.csv        one row per bus
    lines.csv ...    one table per kind of element, named like the fields of `Feeder`; empty ones are absent
    line_codes.csv   impedances per length that lines share
    windings.csv     one row per transformer winding
    shapes.csv       load shapes; shape_points.csv has a column for each
    notes.csv        what the reader of the original had to say

Columns are the fields of the dataclasses in `elements.py`, with their units; how a value is written stands in `cells.py`. A line
whose impedance is its own has it in lines.csv in total (`r_ohm`, `x_ohm`, `c_nf`), without a code. A blank capacitance is zero.
What `load_tables` reads is equal to what `save_tables` wrote, float by float. Left out: checks of the feeder; see `problems.py`.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from tieline.arguments import path_of
from tieline.errors import InputError, reason_of, unknown_name_message
from tieline.feeders.cells import columns_of
from tieline.feeders.csv_table import (
    Report,
    read_csv,
    table_error,
)
from tieline.feeders.feeder import Feeder, require_feeder
from tieline.feeders.feeder_toml import read_head
from tieline.feeders.findings import FeederError, Finding
from tieline.feeders.table_columns import (
    ELEMENT_TABLES,
    FEEDER_FILE,
    FILES,
)
from tieline.feeders.table_lines import read_lines
from tieline.feeders.table_shapes import read_shapes
from tieline.feeders.table_texts import table_files
from tieline.feeders.table_transformers import read_transformers
from tieline.files import SCRATCH


def save_tables(feeder: Feeder, folder: Path | str) -> None:
    """Write a feeder as a folder of tables; the folder appears whole or not at all.

    Raises:
        InputError: if it is no `Feeder`, or the folder is no path, exists and is not empty, or cannot be written.
        FeederError: if the feeder cannot be told in tables (two different line codes of one name, a matrix that is not square).
    """
    require_feeder(feeder)
    folder = path_of(folder, "save_tables")
    files = table_files(feeder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            f"'{folder}' exists already. Give a folder that does not exist yet."
        )
    try:
        _write_whole(folder, files)
    except OSError as error:
        raise InputError(
            f"Folder '{folder}' cannot be written ({reason_of(error)}). Give another one."
        ) from None


def load_tables(folder: Path | str) -> Feeder:
    """Read a folder of tables.

    Raises:
        InputError: if there is no feeder.toml or a file is no text.
        FeederError: with every cell, column and reference that cannot be understood.
    """
    folder = path_of(folder, "load_tables")
    findings: list[Finding] = []
    head = read_head(folder, findings.append)
    parts: dict[str, Any] = {
        name: _read_elements(folder, name, findings.append) for name in ELEMENT_TABLES
    }
    parts["lines"] = read_lines(folder, findings.append)
    parts["transformers"] = read_transformers(folder, findings.append)
    parts["shapes"] = read_shapes(folder, findings.append)
    findings += [
        _unknown_file(path)
        for path in sorted(folder.glob("*.csv"))
        if path.name not in FILES
    ]
    if findings:
        raise FeederError(folder.name, findings)
    return Feeder(**head, **parts)


def _write_whole(folder: Path, files: dict[str, str]) -> None:
    """Write the files in a hidden folder inside and then rename them, feeder.toml last: without it there is no feeder."""
    folder.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=folder))
    try:
        for name, text in files.items():
            # no translation of line ends: a feeder has the same bytes on every system
            (scratch / name).write_text(text, encoding="utf-8", newline="")
        for name in sorted(files, key=lambda name: name == FEEDER_FILE):
            (scratch / name).replace(folder / name)
    # Ctrl-C too: half a feeder must not stay behind
    except BaseException:
        for name in files:  # the folder was empty before: they are ours
            (folder / name).unlink(missing_ok=True)
        raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        # only after a failure, which then leaves nothing behind
        if not any(folder.iterdir()):
            folder.rmdir()


def _unknown_file(path: Path) -> Finding:
    message = unknown_name_message("table", path.name, FILES)
    return table_error(
        "FILE_UNKNOWN", path.name, message, "Rename it or move it elsewhere."
    )


def _read_elements(folder: Path, name: str, report: Report) -> tuple[Any, ...]:
    cls = ELEMENT_TABLES[name]
    columns = columns_of(cls, verbatim=cls is Finding)
    rows = read_csv(folder / f"{name}.csv", columns, report)
    return tuple(cls(**row.values) for row in rows if row.is_whole)
