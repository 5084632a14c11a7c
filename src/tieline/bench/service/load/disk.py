"""How long an fsync of a folder's disk takes: the least that an acknowledgement can."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

WRITES = 200
"""A second or two on most disks."""

WRITTEN = bytes(3 * 4096)
"""The pages of a bid in SQLite's log."""


def fsync_times_ms(folder: Path) -> list[float]:
    """Times of fsyncs, each after some pages were added to a file (write,) [ms]."""
    file = folder / "fsync"
    descriptor = os.open(file, os.O_CREAT | os.O_WRONLY)
    try:
        return list(_times_ms(descriptor))
    finally:
        os.close(descriptor)
        file.unlink()


def _times_ms(descriptor: int) -> Iterator[float]:
    for _ in range(WRITES):
        os.write(descriptor, WRITTEN)
        began_s = time.perf_counter()
        os.fsync(descriptor)
        yield 1000 * (time.perf_counter() - began_s)
