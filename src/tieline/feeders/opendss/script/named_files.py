"""Files that a script names: looked up beside it, never in the working directory.

Most scripts were written on Windows: letter case does not matter, and a backslash parts folders. Only plain files are read, so
that a device or a pipe cannot hold the reader up. The functions of `os.path` are used for questions because they answer "no"
for a name that is too long or holds a zero byte, where those of `pathlib` raise an error.
"""

from __future__ import annotations

import os
from pathlib import Path

from tieline.feeders.opendss.script.words import folded, walk_line

ARRAY_FILES = ("dblfile", "sngfile")
"""First words of an array in a binary file, shortened or with more letters behind; for a text file it is `file`, in full."""


def find_file(folder: Path, name: str, *, suffix: str = "") -> Path | None:
    """The plain file that a script in a folder means, or None. A name without a dot may lack its suffix."""
    path = _forgiving(folder, name)
    if path is None and suffix and "." not in name:
        path = _forgiving(folder, name + suffix)
    return path if path is not None and os.path.isfile(path) else None


def find_folder(folder: Path, name: str) -> Path | None:
    """The folder that a script in a folder means, or None."""
    path = _forgiving(folder, name)
    return path if path is not None and os.path.isdir(path) else None


def _forgiving(folder: Path, name: str) -> Path | None:
    """A path that exists, part by part in whatever letter case."""
    spelling = name.strip().replace("\\", "/")
    if not spelling:
        return None
    # a name in the letter case of the script comes before its twins in another one
    direct = folder / spelling
    if os.path.exists(direct):
        return direct
    path = Path(direct.anchor) if Path(spelling).is_absolute() else folder
    for part in Path(spelling).parts:
        path = _entry(path, part)
        if path is None:
            return None
    return path


def _entry(folder: Path, part: str) -> Path | None:
    direct = folder / part
    if os.path.exists(direct):
        return direct
    try:
        names = os.listdir(folder)
    except OSError:
        return None
    # sorted, because the order in which a system lists a folder is its own
    twins = (folder / name for name in sorted(names) if name.lower() == part.lower())
    return next(twins, None)


def file_in_array(value: str) -> str | None:
    """Name of the file that an array is read from, as in `mult=(file=shape.csv, col=2)`; None for an array of numbers."""
    first = next(walk_line(value), None)
    if first is None or not first.name:
        return None
    word = folded(first.name)
    is_file = word == "file" or any(
        name.startswith(word) or word.startswith(name) for name in ARRAY_FILES
    )
    return first.value if is_file else None


def respelled(written: str, name: str, path: Path, folder: Path) -> str:
    """The written value with the file's name as it is on disk."""
    if os.path.exists(folder / name.replace("\\", "/")):
        return written
    spelled = (
        str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
    )
    return written.replace(name, spelled)
