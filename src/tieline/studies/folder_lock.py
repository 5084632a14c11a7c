"""One run at a time in a folder: an advisory lock that the system drops when its process ends, however it ends.

The file `.tieline-lock` names who holds the lock; it stays behind when a process is killed and then means nothing. Where the
system has no such locks two runs are not kept apart; no answer mixes even so, because every part names its question (see
`checkpoint`).
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tieline.errors import InputError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

LOCK_FILE = ".tieline-lock"

OPENED = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
"""How the lock file is opened: through a link of its name a file of the user would be emptied."""


class FolderInUseError(InputError):
    """Another run is writing to the folder."""


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold the lock of an existing folder.

    Raises:
        FolderInUseError: if another run holds it.
        OSError: if nothing can be written there.
    """
    path = folder / LOCK_FILE
    with _take(folder, path) as file:
        try:
            file.truncate(0)
            file.write(f"process {os.getpid()} on {platform.node()}")
            file.flush()
            yield
        finally:
            path.unlink(missing_ok=True)


def _take(folder: Path, path: Path) -> IO[str]:
    """The lock file, open and locked."""
    while True:
        file = os.fdopen(os.open(path, OPENED, 0o666), "r+", encoding="utf-8")
        if not _lock(file):
            file.close()
            holder = _holder(path)
            raise FolderInUseError(
                f"Another run ({holder}) is writing to '{folder}'. Wait for its end, or choose another folder with --out."
            )
        if _is_at(path, file):
            return file
        file.close()  # its holder removed the file between our opening and locking it


def _holder(path: Path) -> str:
    """Who holds the lock; it may be released while we ask."""
    try:
        return path.read_text(encoding="utf-8", errors="replace") or "another process"
    except FileNotFoundError:
        return "another process"


def _lock(file: IO[str]) -> bool:
    """Take the lock; False if another process has it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _is_at(path: Path, file: IO[str]) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
