"""What a finished run leaves: its result, its report and its tables, out of its folder, and only what the run wrote.

A file is sent if the run's list names it and it is as the list says. Tables are Parquet; as CSV they are written piece by piece,
so that a large one takes no memory.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi.responses import FileResponse, Response, StreamingResponse

from tieline.errors import unknown_name_message
from tieline.files import sha256_of
from tieline.own_files import OwnFiles
from tieline.service.web.problems import Refusal
from tieline.studies.result import REPORT
from tieline.studies.run_folder import RESULT

PARQUET = "application/vnd.apache.parquet"

REPORT_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts allow-downloads"
)
"""A report runs its own scripts and fetches nothing. In the sandbox it is no page of this service, whatever it holds."""


def result_of(folder: Path) -> dict[str, Any]:
    """Content of result.json; raises `Refusal` where it is not as the run wrote it."""
    try:
        content = OwnFiles(folder, RESULT).read_list()
    except OSError:
        content = None
    if content is None:
        raise _gone(RESULT)
    return content


def report_of(folder: Path) -> Response:
    """The page."""
    path = _file(folder, REPORT)
    headers = {"Content-Security-Policy": REPORT_POLICY}
    return FileResponse(path, media_type="text/html", headers=headers)


def table_of(folder: Path, name: str, as_csv: bool) -> Response:
    """A table by its name; raises `Refusal` where the run has none of that name."""
    file_name = f"{name}.parquet"
    names = [file for file in result_of(folder)["files"] if file.endswith(".parquet")]
    # copies of the caller's inputs lie in folders below, and are no tables of the run
    if file_name not in names or "/" in name:
        tables = [file.removesuffix(".parquet") for file in names if "/" not in file]
        raise Refusal("not-there", unknown_name_message("table", name, tables))
    path = _file(folder, file_name)
    if not as_csv:
        return FileResponse(path, media_type=PARQUET, filename=file_name)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(_csv(path), media_type="text/csv", headers=headers)


def _file(folder: Path, name: str) -> Path:
    """A file that is as the run wrote it."""
    listed = result_of(folder)["files"]
    path = folder / name
    if name not in listed or sha256_of(path) != listed[name]:
        raise _gone(name)
    return path


def _gone(name: str) -> Refusal:
    detail = f"'{name}' is not as the run wrote it, or was deleted. Restore the folder of the service, or ask anew."
    return Refusal("not-there", detail)


def _csv(path: Path) -> Iterator[bytes]:
    """Pieces of a table as CSV, the names of the columns first."""
    # not at the top: a service that nobody asks for tables needs no Parquet
    import pyarrow.csv
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as table:
        options = pyarrow.csv.WriteOptions(include_header=True)
        # a table of a year has millions of rows: never the whole of it in memory
        for piece in table.iter_batches():
            buffer = io.BytesIO()
            pyarrow.csv.write_csv(piece, buffer, options)
            yield buffer.getvalue()
            options = pyarrow.csv.WriteOptions(include_header=False)
