"""Files that a script names: looked up beside it, never in the working directory.

Most scripts were written on Windows: letter case does not matter, and a backslash parts folders. Only plain files are read, so
that a device or a pipe cannot hold the reader up.
"""

from __future__ import annotations

import re
from pathlib import Path

from tieline.feeders.opendss.script.words import split_line

ARRAY_FILES = ("dblfile", "sngfile")
"""First words of an array that lies in a binary file, in any abbreviation; for a text file it is `file`, written out."""


def find_file(folder: Path, name: str, *, suffix: str = "") -> Path | None:
    """The plain file that a script in a folder means, or None. A name without a dot may lack its suffix."""
    found = _forgiving(folder, name)
    if found is None and suffix and "." not in name:
        found = _forgiving(folder, name + suffix)
    return found if found is not None and found.is_file() else None


def find_folder(folder: Path, name: str) -> Path | None:
    """The folder that a script in a folder means, or None."""
    found = _forgiving(folder, name)
    return found if found is not None and found.is_dir() else None


def _forgiving(folder: Path, name: str) -> Path | None:
    """A path that exists, part by part in whatever letter case."""
    wanted = name.strip().replace("\\", "/")
    if not wanted:
        return None
    if (direct := folder / wanted).exists():
        return direct
    path = Path(direct.anchor) if Path(wanted).is_absolute() else folder
    for part in Path(wanted).parts:
        path = _entry(path, part)
        if path is None:
            return None
    return path


def _entry(folder: Path, part: str) -> Path | None:
    if (direct := folder / part).exists():
        return direct
    if not folder.is_dir():
        return None
    twins = (entry for entry in folder.iterdir() if entry.name.lower() == part.lower())
    return next(twins, None)


def file_in_array(value: str) -> str | None:
    """Name of the file that an array is read from, as in `mult=(file=shape.csv, col=2)`; None for an array of numbers."""
    parameters = split_line(value)
    if not parameters or not parameters[0].name:
        return None
    first = parameters[0]
    word = first.name.lower()
    is_file = word == "file" or any(name.startswith(word) for name in ARRAY_FILES)
    return first.value if is_file else None


def respelled(written: str, name: str, found: Path, folder: Path) -> str:
    """The written value with the file's name as it is on disk."""
    if (folder / name.replace("\\", "/")).exists():
        return written
    spelled = str(found.relative_to(folder)) if found.is_relative_to(folder) else str(found)
    return written.replace(name, spelled)


NAMES_A_FILE = re.compile("file", re.IGNORECASE)
"""Lines without this name no file (`buscoords` and `redirect` apart)."""
